// What a pane still has of its output: whether lines have left its scrollback, whether the view is
// at the end, and where in the transcript the rest begins. Works on line numbers: no DOM, no xterm.

import { STDOUT, type Stream } from "../../model/messages";
import { formatBytes } from "../../model/quantities";

/** Lines that a pane keeps above its screen. */
export const SCROLLBACK = 10_000;

const NEWEST = `the newest ${SCROLLBACK.toLocaleString("en")} lines`;
/** Bytes that the reader begins before the first line that the pane still has. */
const READ_BEFORE = 16 * 1024;

/** The part of xterm's buffers that is used here: numbers of the first line shown and of the screen. */
export interface Buffers {
  readonly active: { readonly viewportY: number; readonly baseY: number };
  readonly normal: { readonly baseY: number };
}

/** Byte counts of a session, per stream. */
export interface Counts {
  total(stream: Stream): number;
  skipped(stream: Stream): number;
  firstSkipped(stream: Stream): number;
}

export class PaneScrollback {
  #buffers: Buffers;
  #counts: Counts;
  #streams: readonly Stream[];
  #tty: boolean;
  #full = false;

  constructor(buffers: Buffers, counts: Counts, streams: readonly Stream[], tty: boolean) {
    this.#buffers = buffers;
    this.#counts = counts;
    this.#streams = streams;
    this.#tty = tty;
  }

  /** Whether the newest line can be seen. */
  get atEnd(): boolean {
    const { viewportY, baseY } = this.#buffers.active;
    return viewportY >= baseY;
  }

  /** Whether lines have left. On a TTY never, because programs draw the same lines again. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether something is in the transcript only. */
  get incomplete(): boolean {
    return this.#full || this.#skipped > 0;
  }

  /** Call this after lines were drawn. Returns whether `full` has changed. */
  update(): boolean {
    const full = !this.#tty && this.#buffers.normal.baseY >= SCROLLBACK;
    const changed = full !== this.#full;
    this.#full = full;
    return changed;
  }

  /** Say how many bytes were received, and how much of them the pane does not show. */
  summary(): string {
    const total = formatBytes(this.#sum((stream) => this.#counts.total(stream)));
    if (this.#full) return `${total}, ${NEWEST} shown`;
    return this.#skipped ? `${total}, ${formatBytes(this.#skipped)} of it not shown` : total;
  }

  /** Say that a search has found nothing, and where it looked. */
  notFound(): string {
    return this.#full ? `not among ${NEWEST}` : "not found";
  }

  /**
   * Return where the reader begins: a little before the first line that the pane still has, or at
   * the first gap. `lines` returns the lines that the pane has.
   */
  readFrom(lines: () => readonly string[]): { stream: Stream; offset: number } {
    if (this.#full) {
      const [stream = STDOUT] = this.#streams;
      const shown = new TextEncoder().encode(lines().join("\n")).length;
      return { stream, offset: Math.max(0, this.#counts.total(stream) - shown - READ_BEFORE) };
    }
    const skips = (stream: Stream) => this.#counts.skipped(stream) > 0;
    const stream = this.#streams.find(skips) ?? STDOUT;
    return { stream, offset: this.#counts.firstSkipped(stream) };
  }

  get #skipped(): number {
    return this.#sum((stream) => this.#counts.skipped(stream));
  }

  #sum(count: (stream: Stream) => number): number {
    return this.#streams.reduce((sum, stream) => sum + count(stream), 0);
  }
}
