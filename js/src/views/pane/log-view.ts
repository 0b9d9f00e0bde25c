// The plain lines of a pane for screen readers: a visually hidden role="log" that only ever
// appends at its end, so that new lines are announced once. Knows the DOM only.

import { element } from "../elements/dom";

export const LOG_LINES = 200;
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

  /** Bring it up to date, soon; may be called as often as one likes. */
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

/** The longest run of `before`, starting anywhere, with which `after` starts. */
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
