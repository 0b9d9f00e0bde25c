// The plain lines of a pane for screen readers: a role="log" that can not be seen. It only appends at
// its end, so that new lines are announced once. DOM only.

import { element } from "../elements/dom";

/** Lines of the log at most. */
export const LOG_LINES = 200;
/** Milliseconds from one change to the next while output goes on. */
const LOG_INTERVAL = 250;
/** Milliseconds after output: it is drawn first. */
const SOON = 20;
/** Milliseconds without more output after which the last of it is here. */
const QUIET = 100;

export class LogView {
  readonly root: HTMLElement;
  #read: () => string[];
  #shown: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #updated = Number.NEGATIVE_INFINITY;
  /** Whether more output changes nothing about when it is updated. */
  #due = false;

  constructor(label: string, read: () => string[]) {
    this.#read = read;
    this.root = element("div", "hj-log hj-hidden", { role: "log" });
    this.root.setAttribute("aria-label", `${label} log`);
  }

  /**
   * Bring it up to date soon after output has come. It may be called as often as needed. Each change costs
   * a frame, and what comes next may wait 16 ms for the next one. So it is made right after output, or once
   * none has come for a while: at another time it would delay the echo of a key.
   */
  schedule(): void {
    if (this.#due) return;
    clearTimeout(this.#timer);
    this.#due = performance.now() - this.#updated >= LOG_INTERVAL;
    const update = () => {
      this.#due = false;
      this.#updated = performance.now();
      this.#update(this.#read());
    };
    this.#timer = setTimeout(update, this.#due ? SOON : QUIET);
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
