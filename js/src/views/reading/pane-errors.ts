// Goes from one error of a pane to the next: F8 and Shift+F8, or a tool; has the edge beside them. The lines
// are looked at when that is asked; as they come only until there is an error, each once, and once a second.
// DOM; it reads the terminal's buffer. No Jupyter.

import { findErrors } from "../../model/logs/errors";
import type { Prefixed } from "../../model/output/line-label";
import type { Emulator, MarkedRows } from "../../terminal/emulator";
import { linesAbove, type TextLine } from "../../terminal/text-lines";
import { isErrorKey, take } from "../elements/shortcuts";
import { LevelEdge } from "./level-edge";

type Marker = ReturnType<Emulator["terminal"]["registerMarker"]>;

/** Milliseconds between two looks whether there is an error at all. */
const LOOK_EVERY = 1000;
/** Rows that are shown above an error, of those of the pane. */
const ABOVE = 1 / 3;

/** What is around the pane. */
export interface Host {
  /** Show a short text. */
  say(text: string): void;
  /** There is an error now. */
  changed(): void;
  /**
   * Go to an error of another pane: the newest one, or, `through` all errors of this one, the first in
   * that direction. Returns whether one has any.
   */
  elsewhere?(step: number, through: boolean): boolean;
}

/**
 * Return the number of the error to go to, of some that are there, in order; -1 or their count if that is
 * beyond them. `at`: the row of the one that is shown, -1 for none.
 */
export function nextError(errors: readonly TextLine[], at: number, step: number): number {
  if (at < 0) return errors.length - 1;
  // The one that is shown may have left, or be no error any more.
  const after = errors.findIndex(({ last }) => last >= at);
  if (after < 0) return step > 0 ? errors.length : errors.length - 1;
  const exact = (errors[after] as TextLine).first <= at;
  return step < 0 ? after - 1 : after + (exact ? 1 : 0);
}

export class PaneErrors {
  #emulator: Emulator;
  #prefixed: () => Prefixed;
  #host: Host;
  #marked: MarkedRows | undefined;
  #any = false;
  /** The last line that was looked at whether it is an error. */
  #looked: Marker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #edge: LevelEdge;

  /** `prefixed`: what lines have in front now. */
  constructor(emulator: Emulator, prefixed: () => Prefixed, host: Host) {
    this.#emulator = emulator;
    this.#prefixed = prefixed;
    this.#host = host;
    this.#edge = new LevelEdge(emulator, prefixed);
  }

  /** Whether there is an error, as far as that was looked at. */
  get any(): boolean {
    return this.#any;
  }

  /** Lines were written: look at them soon. It may be called as often as needed. */
  schedule(): void {
    if (this.#any) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, LOOK_EVERY);
  }

  /** Everything is drawn again, or was cleared. */
  restart(cleared = false): void {
    // What is drawn again has its errors, too: a tool for them would only go and come back.
    if (cleared) this.#any = false;
    this.#looked?.dispose();
    this.#looked = undefined;
    this.hide();
    this.schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#edge.close();
    this.hide();
  }

  /** Errors among the lines that the pane has. */
  count(): number {
    return this.#find().length;
  }

  /**
   * Go to the next error (1) or the one before (-1), from the current one; first to the newest. `enters`:
   * to the first one in that direction.
   */
  jump(step: number, enters = false): void {
    const errors = this.#find();
    const begin = step > 0 ? 0 : errors.length - 1;
    const at = this.#marked?.first ?? -1;
    this.hide();
    if (!errors.length) {
      if (!this.#host.elsewhere?.(step, false)) this.#host.say("no errors in this view");
      return;
    }
    let next = enters ? begin : nextError(errors, at, step);
    if (!errors[next]) {
      if (this.#host.elsewhere?.(step, true)) return;
      next = begin;
    }
    const { first, last } = errors[next] as TextLine;
    this.#emulator.terminal.scrollToLine(
      Math.max(0, first - Math.floor(this.#emulator.rows * ABOVE)),
    );
    this.#marked = this.#emulator.markRows(first, last - first + 1, "hj-error-mark");
    this.#host.say(`error ${next + 1} of ${errors.length}`);
  }

  /** Handle F8 and Shift+F8. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    if (!isErrorKey(event)) return true;
    if (event.type === "keydown") {
      take(event);
      this.jump(event.shiftKey ? -1 : 1);
    }
    return false;
  }

  /** Take the mark away. */
  hide(): void {
    this.#marked?.close();
    this.#marked = undefined;
  }

  #look(): void {
    // The line before may have gone on, so it is looked at again.
    const { baseY, cursorY } = this.#emulator.terminal.buffer.active;
    const looked = this.#looked?.line ?? 0;
    const from = looked > baseY + cursorY ? 0 : Math.max(0, looked);
    this.#looked?.dispose();
    this.#looked = this.#emulator.terminal.registerMarker(0);
    this.#any = this.#find(from).length > 0;
    if (this.#any) this.#host.changed();
  }

  #find(from = 0): TextLine[] {
    const buffer = this.#emulator.terminal.buffer.active;
    const lines: TextLine[] = [];
    for (const line of linesAbove(buffer, buffer.length)) {
      if (line.last < from) break;
      lines.push(line);
    }
    lines.reverse();
    const texts = lines.map(({ text }) => text);
    return findErrors(texts, this.#prefixed()).map((number) => lines[number] as TextLine);
  }
}
