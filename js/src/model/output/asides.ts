// Words of ours between the lines of a feed: for how long nothing came, and which day begins. It follows
// which lines were written, and when. No DOM, no xterm.

import type { Stream } from "../messages";
import type { Runs } from "../stream-record";
import type { TextPart } from "./text-shape";
import { Days, dayText, PAUSE, pauseText, type Times } from "./times";

/** Bytes, with the times at which the first and the last of them came. */
export interface TimedBytes {
  bytes: Uint8Array;
  first: number;
  last: number;
}

const NEWLINE = 10;

export class Asides {
  #namesDays: boolean;
  #pauses: boolean;
  #days = new Days();
  /** The stream of the newest text that was written, and when that came. */
  #written: { stream: Stream; at: number } | undefined;
  /** Whether the next text begins a line. */
  #fresh = true;
  #before: number | undefined;
  /** Whether something was shown since that says itself why nothing came. */
  #explained = false;

  /** `times`: days are named among times of day. `pauses`: say for how long nothing came. */
  constructor(times: Times, pauses: boolean) {
    this.#namesDays = times === "clock";
    this.#pauses = pauses;
  }

  /** When the line before the newest one came; undefined if that is not known. */
  get before(): number | undefined {
    return this.#before;
  }

  /** Cut bytes where a line begins after a pause; `each`: at the end of every run. */
  *cut(data: Uint8Array, runs: Runs, each: boolean): Iterable<TimedBytes> {
    let from = 0; // where the piece begins
    let begin = 0; // where the run begins
    let first = runs[2] ?? 0;
    let last = first;
    for (let n = 0; n + 5 < runs.length; n += 3) {
      begin += runs[n + 1] ?? 0;
      const at = runs[n + 5] ?? 0;
      const pause = this.#pauses && at - last >= PAUSE && data[begin - 1] === NEWLINE;
      if (pause || each) {
        yield { bytes: data.subarray(from, begin), first, last };
        from = begin;
        first = at;
      }
      last = at;
    }
    yield { bytes: data.subarray(from), first, last };
  }

  /** Return what to say before a text; nothing unless that begins a line. */
  next({ stream, at, text }: TextPart): string {
    if (!text) return "";
    const written = this.#written;
    if (!this.#fresh && written && written.stream !== stream) {
      this.#fresh = true; // the other stream begins a line of its own
      this.#before = written.at;
    }
    if (!this.#fresh || !at) return "";
    const past = this.#before === undefined || this.#explained ? 0 : at - this.#before;
    const pause = this.#pauses && past >= PAUSE ? pauseText(past) : "";
    const day = this.#namesDays && this.#days.changes(at) ? dayText(at) : "";
    return pause && day ? `${pause}, ${day}` : pause || day;
  }

  /** A text was written, of which the last byte came at this time. */
  wrote({ stream, text }: TextPart, at: number): void {
    if (!text) return;
    this.#explained = false;
    this.#written = { stream, at };
    this.#fresh = text.endsWith("\n");
    if (this.#fresh || text.includes("\n")) this.#before = at || undefined;
  }

  /** Something was shown that says itself why nothing came. `ends`: the line before it is ended. */
  explain(ends: boolean): void {
    this.#explained = true;
    this.#fresh ||= ends;
  }

  /** Bytes are left out: the next text begins a line, and when the one before came is not known. */
  restart(): void {
    this.#fresh = true;
    this.#before = undefined;
  }
}
