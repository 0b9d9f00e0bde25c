// Finds out whether most of a pane's newest lines are structured ones. Cheap: it looks at the first and
// the last lines of each text only. No DOM.

import type { Stream } from "../messages";
import { readFields } from "./log-fields";

/** Lines at the beginning of a text that are looked at, and as many at its end. */
const LOOKS = 64;
/** The newest lines: the answer depends on these. A banner before a log is soon not among them. */
const WINDOW = 12;
/** How many more of them must be structured than not. */
const MORE = 3;

export class Detector {
  #open = new Map<Stream, boolean>();
  #lines: boolean[] = [];
  #structured = false;

  /** Whether most of the newest lines were structured at any time: a pane does not change back. */
  get structured(): boolean {
    return this.#structured;
  }

  /** Look at the next text of a stream. */
  look(stream: Stream, text: string): void {
    let at = 0;
    // The rest of a line that began in an earlier text is no line.
    if (this.#open.get(stream)) at = text.indexOf("\n") + 1 || text.length;
    this.#open.set(stream, text !== "" && !text.endsWith("\n"));
    at = this.#lookFrom(text, at);
    const last = lastLines(text, at);
    if (last > at) this.#lines = []; // what is between is not known
    this.#lookFrom(text, last);
  }

  /** Look at some lines of a text. Returns where the next one begins. */
  #lookFrom(text: string, begin: number): number {
    let at = begin;
    for (let n = 0; n < LOOKS && !this.#structured; n += 1) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      const line = text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
      at = end + 1;
      // A stack trace, or what is indented, says nothing about the lines around it.
      if (!line.trim() || /^\s/.test(line)) continue;
      this.#take(readFields(line) !== undefined);
    }
    return at;
  }

  #take(structured: boolean): void {
    this.#lines.push(structured);
    if (this.#lines.length > WINDOW) this.#lines.shift();
    const yes = this.#lines.filter(Boolean).length;
    this.#structured = 2 * yes - this.#lines.length >= MORE;
  }
}

/** Return where the last lines of a text begin, if that is after a place; else the place. */
function lastLines(text: string, place: number): number {
  let end = text.length;
  for (let n = 0; n <= LOOKS && end > place; n += 1) end = text.lastIndexOf("\n", end - 1);
  return end > place ? end + 1 : place;
}
