// Puts the runs of two streams, and the marks between them, into the order of their arrival. No DOM, no
// xterm.
//
// Strategy: the two streams come in separate messages. Each run of bytes has its position among the
// bytes of both, and each stream is complete up to a known position. What lies before both of these
// positions is next, the rest is held.

import { type Mark, STDERR, STDOUT, type Stream } from "../messages";
import type { Runs } from "../stream-record";

/** Bytes that are left out before others. */
export interface Skip {
  bytes: number;
  lost: number;
  offset: number;
}

/** What holds for all bytes that come at once. */
interface Arrival {
  replay: boolean;
  /** What is left out before the first of them. */
  skip: Skip | undefined;
  /** Called once they are shown. */
  done: () => void;
}

/** Bytes of one stream that arrived at one time. */
export interface Run extends Arrival {
  stream: Stream;
  position: number;
  at: number;
  data: Uint8Array;
}

export class StreamMerge {
  #queues: Record<Stream, Run[]> = { 1: [], 2: [] };
  #through: Record<Stream, number> = { 1: 0, 2: 0 };
  #marks: Mark[] = [];

  /** `streams`: those that come. */
  constructor(streams: readonly Stream[]) {
    for (const stream of [STDOUT, STDERR] as const) {
      if (!streams.includes(stream)) this.#through[stream] = Number.POSITIVE_INFINITY;
    }
  }

  /** Everything that a stream has before a position has come. */
  advance(stream: Stream, through: number): void {
    this.#through[stream] = Math.max(this.#through[stream], through);
  }

  /** Take a stream's next bytes. */
  push(stream: Stream, data: Uint8Array, runs: Runs, { replay, skip, done }: Arrival): void {
    const count = Math.max(1, Math.floor(runs.length / 3));
    let open = count;
    const one = () => {
      open -= 1;
      if (!open) done();
    };
    let begin = 0;
    for (let n = 0; n < count; n += 1) {
      const end = n === count - 1 ? data.length : begin + (runs[3 * n + 1] ?? 0);
      this.#queues[stream].push({
        stream,
        position: runs[3 * n] ?? this.#through[stream],
        at: runs[3 * n + 2] ?? 0,
        data: data.subarray(begin, end),
        replay,
        skip: n ? undefined : skip,
        done: one,
      });
      begin = end;
    }
  }

  addMark(mark: Mark): void {
    this.#marks.push(mark);
  }

  /** Take out what comes next, as far as that is known. */
  next(): Run | Mark | undefined {
    const run = this.#nextRun();
    const [mark] = this.#marks;
    if (mark && (!run || run.position >= mark.position) && this.#reached(mark.position)) {
      return this.#marks.shift();
    }
    if (run) this.#queues[run.stream].shift();
    return run;
  }

  /** Count what is held of a stream as shown, or each stream would wait for the other one's. */
  settle(stream: Stream): void {
    for (const run of this.#queues[stream]) {
      const { done } = run;
      run.done = () => {};
      done();
    }
  }

  #nextRun(): Run | undefined {
    const [out] = this.#queues[STDOUT];
    const [err] = this.#queues[STDERR];
    const next = !err || (out && out.position <= err.position) ? out : err;
    if (!next) return undefined;
    const other = next.stream === STDOUT ? STDERR : STDOUT;
    const known = this.#queues[other].length > 0 || next.position <= this.#through[other];
    return known ? next : undefined;
  }

  /** Whether everything before a position has been taken out. */
  #reached(position: number): boolean {
    return [STDOUT, STDERR].every((stream) => {
      const [head] = this.#queues[stream];
      return (head?.position ?? this.#through[stream]) >= position;
    });
  }
}
