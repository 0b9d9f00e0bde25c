// Finds out whether most lines of a pane are structured ones. Cheap: it looks at a few lines of each
// text only. No DOM.

import { readLine } from "./log-line";

/** Lines of a text that are looked at. */
const LOOKS = 8;
/** Lines that the answer depends on, and how many there must be at least. */
const WINDOW = 40;
const LEAST = 3;

export class Detector {
  #open = new Map<number, boolean>();
  #lines: boolean[] = [];

  /** Whether most of the last lines are structured. */
  get structured(): boolean {
    const yes = this.#lines.filter(Boolean).length;
    return yes >= LEAST && yes * 2 > this.#lines.length;
  }

  /** Look at the next text of a stream. */
  look(stream: number, text: string): void {
    let at = 0;
    // The rest of a line that began in an earlier text is no line.
    if (this.#open.get(stream)) at = text.indexOf("\n") + 1 || text.length;
    for (let n = 0; n < LOOKS; n += 1) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      const line = text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
      at = end + 1;
      // A stack trace, or what is indented, says nothing about the lines around it.
      if (!line.trim() || /^\s/.test(line)) continue;
      this.#lines.push(readLine(line) !== undefined);
      if (this.#lines.length > WINDOW) this.#lines.shift();
    }
    this.#open.set(stream, text !== "" && !text.endsWith("\n"));
  }
}
