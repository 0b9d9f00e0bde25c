// The plain lines of a pane for screen readers: a role="log" that can not be seen. It only appends at
// its end, so that new lines are announced once. DOM only.

import { element } from "../elements/dom";

/** Lines of the log at most. */
export const LOG_LINES = 200;
/** Milliseconds. */
const LOG_INTERVAL = 250;

export class LogView {
  readonly root: HTMLElement;
  #read: () => string[];
  #shown: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(label: string, read: () => string[]) {
    this.#read = read;
    this.root = element("div", "hj-log hj-hidden", { role: "log" });
    this.root.setAttribute("aria-label", `${label} log`);
  }

  /** Bring it up to date within LOG_INTERVAL. It may be called as often as needed. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#update(this.#read());
    }, LOG_INTERVAL);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #update(lines: string[]): void {
    const keep = overlap(this.#shown, lines);
    const stale = this.#shown.length - keep.count;
    for (let i = 0; i < keep.from; i += 1) this.root.firstChild?.remove();
    for (let i = 0; i < stale - keep.from; i += 1) this.root.lastChild?.remove();
    this.root.append(...lines.slice(keep.count).map((line) => element("div", "", {}, line)));
    this.#shown = lines;
  }
}

/** Find the longest run in `before` with which `after` starts. */
export function overlap(before: string[], after: string[]): { from: number; count: number } {
  let best = { from: before.length, count: 0 };
  for (let from = 0; from < before.length; from += 1) {
    if (before.length - from <= best.count) break;
    let count = 0;
    while (from + count < before.length && before[from + count] === after[count]) count += 1;
    if (count > best.count) best = { from, count };
  }
  return best;
}
