// Goes from one error of a pane to the next: F8 and Shift+F8, or a tool. The lines are looked at when
// that is asked, not as they come. DOM; it reads the terminal's buffer. No Jupyter.

import { findErrors } from "../../model/logs/errors";
import type { Emulator, MarkedRows } from "../../terminal/emulator";
import { linesAbove, type TextLine } from "../../terminal/text-lines";

/** Rows that are shown above an error, of those of the pane. */
const ABOVE = 1 / 3;

export class PaneErrors {
  #emulator: Emulator;
  #prefixed: () => boolean;
  #say: (text: string) => void;
  #marked: MarkedRows | undefined;

  /** `prefixed`: whether lines have a time or a mark in front now. `say` shows a short text. */
  constructor(emulator: Emulator, prefixed: () => boolean, say: (text: string) => void) {
    this.#emulator = emulator;
    this.#prefixed = prefixed;
    this.#say = say;
  }

  /** Errors among the lines that the pane has. */
  count(): number {
    return this.#find().length;
  }

  /** Go to the next error (1) or the one before (-1), from the current one; first to the newest. */
  jump(step: number): void {
    const errors = this.#find();
    const at = this.#marked?.first ?? -1;
    this.hide();
    if (!errors.length) {
      this.#say("no errors in this pane");
      return;
    }
    const here = at < 0 ? -1 : errors.findIndex(({ last }) => last >= at);
    const exact = here >= 0 && (errors[here] as TextLine).first <= at;
    let next = errors.length - 1;
    if (here >= 0) next = step > 0 ? (exact ? here + 1 : here) : here - 1;
    else if (at >= 0) next = step > 0 ? 0 : errors.length - 1;
    next = (next + errors.length) % errors.length;
    const { first, last } = errors[next] as TextLine;
    this.#emulator.terminal.scrollToLine(
      Math.max(0, first - Math.floor(this.#emulator.rows * ABOVE)),
    );
    this.#marked = this.#emulator.markRows(first, last - first + 1, "hj-error-mark");
    this.#say(`error ${next + 1} of ${errors.length}`);
  }

  /** Handle F8 and Shift+F8. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    if (!isErrorKey(event)) return true;
    if (event.type === "keydown") {
      event.preventDefault();
      event.stopPropagation();
      this.jump(event.shiftKey ? -1 : 1);
    }
    return false;
  }

  /** Take the mark away. */
  hide(): void {
    this.#marked?.close();
    this.#marked = undefined;
  }

  #find(): TextLine[] {
    const buffer = this.#emulator.terminal.buffer.active;
    const lines = [...linesAbove(buffer, buffer.length)].reverse();
    const texts = lines.map(({ text }) => text);
    return findErrors(texts, this.#prefixed()).map((number) => lines[number] as TextLine);
  }
}

/** Whether a key goes to an error. */
export function isErrorKey(event: KeyboardEvent): boolean {
  return event.key === "F8" && !event.ctrlKey && !event.metaKey && !event.altKey;
}
