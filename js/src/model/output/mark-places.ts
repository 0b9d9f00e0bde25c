// Finds places for marks in a text that comes in pieces: never within a control sequence, unless the
// mark is of a gap, after which the sequence's rest will not come. No DOM, no xterm.

import { sequenceEnd, unfinished } from "./line-prefix";

/** Characters in which a control sequence is looked for that a mark must not cut. */
const SEQUENCE = 256;

/** A piece of text, with marks in it. */
export interface Placed<Mark> {
  before: string;
  marks: Mark[];
  text: string;
}

export class MarkPlaces<Mark extends { kind: string }> {
  #waiting: Mark[] = [];
  /** The last characters, in which a control sequence may have begun. */
  #tail = "";

  /** Whether a control sequence has begun and not ended. */
  get within(): boolean {
    return this.#tail !== "";
  }

  /** Take a mark. Returns those that can be shown now. */
  add(mark: Mark): Mark[] {
    this.#waiting.push(mark);
    return !this.#tail || mark.kind === "gap" ? this.#waiting.splice(0) : [];
  }

  /** Take a text. Returns it, with the marks that waited for the end of a control sequence. */
  push(text: string): Placed<Mark> {
    const known = this.#tail + text;
    let begin = 0;
    let marks: Mark[] = [];
    const goesOn = known.length <= SEQUENCE && unfinished(known) === known;
    if (this.#waiting.length && !goesOn) {
      begin = Math.max(0, sequenceEnd(known) - this.#tail.length);
      marks = this.#waiting.splice(0);
    }
    this.#tail = unfinished((begin ? text.slice(begin) : known).slice(-SEQUENCE));
    return { before: text.slice(0, begin), marks, text: text.slice(begin) };
  }

  /** Bytes are left out: a control sequence that has begun does not go on. */
  restart(): void {
    this.#tail = "";
  }
}
