// What a page has of one stream: how far it is, the newest bytes for views that are made later, and
// the sinks that show them. No DOM, no Jupyter.

import type { Mark, Stream } from "./messages";

/** Bytes per stream that the page keeps for views that are made later. */
export const HISTORY = 1024 * 1024;
/** Bytes that a view out of sight may lag behind before the kernel has to wait for it. */
export const HIDDEN_BACKLOG = 1024 * 1024;
/** Bytes of a stream that a view gets in any case: enough to fill it, whatever its height. */
export const ENOUGH = 64 * 1024;

/** Marks of a stream that the page keeps. */
const MARKS = 1000;

/**
 * Three numbers for each run of bytes: position among the bytes of both streams, length, and time of
 * arrival in seconds since the epoch.
 */
export type Runs = Float64Array;

/** Shows one stream. */
export interface Sink {
  /** Show bytes and call `done` then. `replay`: they have been shown somewhere before. */
  write(data: Uint8Array, replay: boolean, done: () => void, runs: Runs): void;
  /**
   * Show that the `bytes` before `offset` are left out. Of these the transcript has lost `lost`
   * too.
   */
  skip(bytes: number, lost: number, offset: number): void;
  /** Show a mark before the next bytes. `late`: bytes that come after it were shown already. */
  mark?(mark: Mark, late: boolean): void;
  /** Everything that the stream has before a position has come. */
  advance?(through: number): void;
  /** Whether the user can see it. */
  visible(): boolean;
  /**
   * Whether it wants nothing for now, because nobody can see it soon. Then it calls `wake` later, and
   * gets what has come meanwhile, or the newest of that.
   */
  sleeps?(wake: () => void): boolean;
}

export interface Piece {
  data: Uint8Array;
  runs: Runs;
  /** Bytes left out directly before the data. */
  skipped: number;
  /** How many of those the transcript has lost too. */
  lost: number;
  /** The offset of the first byte. */
  offset: number;
}

/** Chunks that a sink has not shown yet, by seq. */
interface Open {
  bytes: number;
  chunks: Map<number, { bytes: number; done: () => void }>;
  /** Bytes that it was given. */
  given: number;
  /** Where it goes on, if it sleeps. */
  from?: number | undefined;
}

export class StreamRecord {
  have = 0;
  end = 0;
  skipped = 0;
  /** Offset of the first byte that was left out. */
  firstSkipped = 0;
  #through = 0;
  #pieces: Piece[] = [];
  #kept = 0;
  #sinks = new Map<Sink, Open>();
  /** In the order of their places: where they are in this stream, and those after `have` too. */
  #marks: { mark: Mark; offset: number }[] = [];

  /** The newest bytes that are kept, oldest first. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** The oldest sink. */
  get first(): Sink | undefined {
    return this.#sinks.keys().next().value;
  }

  /**
   * Feed a sink: what is kept from an offset on, then what comes. Returns a function that
   * unsubscribes it.
   */
  subscribe(sink: Sink, from = 0): () => void {
    const given = this.#catchUp(sink, from, from);
    this.#sinks.set(sink, { bytes: 0, chunks: new Map(), given });
    return () => {
      const open = this.#sinks.get(sink);
      this.#sinks.delete(sink);
      // A closed terminal does not call back, so what it was drawing counts as drawn.
      for (const chunk of open?.chunks.values() ?? []) chunk.done();
    };
  }

  /**
   * Feed a sink what is kept from an offset on, with the marks from another one on. Returns how many
   * bytes that are.
   */
  #catchUp(sink: Sink, from: number, marksFrom: number): number {
    let given = 0;
    let marked = marksFrom;
    for (const { data, runs, skipped, lost, offset } of this.#pieces) {
      const known = Math.max(0, from - offset);
      if (known && known >= data.length) continue;
      const gap = Math.min(skipped, Math.max(0, offset - from));
      if (gap) sink.skip(gap, Math.min(gap, lost), offset);
      const rest = {
        data: data.subarray(known),
        runs: cutRuns(runs, known),
        offset: offset + known,
      };
      this.#feed(sink, rest, marked, true, () => {});
      marked = offset + data.length + 1;
      given += rest.data.length;
    }
    if (marked <= this.have) this.#feedMarks(sink, marked, this.have);
    sink.advance?.(this.#through);
    return given;
  }

  /** Whether a sink sleeps, or falls asleep now: what comes next is not for it. */
  #sleeps(sink: Sink, open: Open): boolean {
    if (open.from !== undefined) return true;
    if (open.given < ENOUGH || !sink.sleeps?.(() => this.#wake(sink))) return false;
    open.from = this.have;
    return true;
  }

  #wake(sink: Sink): void {
    const open = this.#sinks.get(sink);
    const from = open?.from;
    if (!open || from === undefined) return;
    open.from = undefined;
    open.given += this.#catchUp(sink, from, from + 1);
  }

  /**
   * Keep a piece and give it to all sinks. `shown` is called once those that set the pace have
   * shown it.
   *
   * A view out of sight gets it too, as long as it does not sleep, but is not waited for unless it lags
   * far behind.
   */
  show(piece: Piece, seq: number, replay: boolean, shown: () => void): void {
    const awake = [...this.#sinks].filter(([sink, open]) => !this.#sleeps(sink, open));
    const before = this.have;
    this.#keep(piece);
    const { data, skipped, lost, offset } = piece;
    const awaited = new Set<Sink>();
    for (const [sink, open] of awake) {
      if (sink.visible() || open.bytes > HIDDEN_BACKLOG) awaited.add(sink);
    }
    if (!awaited.size) for (const [sink] of awake) awaited.add(sink);
    if (!awaited.size) shown();
    for (const [sink, open] of awake) {
      const done = () => {
        open.bytes -= data.length;
        open.chunks.delete(seq);
        if (awaited.delete(sink) && !awaited.size) shown();
      };
      open.bytes += data.length;
      open.given += data.length;
      open.chunks.set(seq, { bytes: data.length, done });
      if (skipped) sink.skip(skipped, lost, offset);
      const written = () => {
        if (open.chunks.has(seq)) done();
      };
      this.#feed(sink, piece, before + 1, replay, written);
    }
  }

  /** Keep a mark, and show it once everything before it is there. */
  addMark(mark: Mark, stream: Stream): void {
    const offset = mark.offsets[stream] ?? 0;
    this.#marks.push({ mark, offset });
    this.#marks.splice(0, this.#marks.length - MARKS);
    if (offset > this.have) return;
    for (const [sink, { from }] of this.#sinks) {
      // One that sleeps is only there.
      if (from === undefined || offset <= from) sink.mark?.(mark, offset < (from ?? this.have));
    }
  }

  /** Write bytes to a sink, with the marks from an offset on up to the bytes' end. */
  #feed(
    sink: Sink,
    { data, runs, offset }: Pick<Piece, "data" | "runs" | "offset">,
    from: number,
    replay: boolean,
    done: () => void,
  ): void {
    const end = offset + data.length;
    const within = this.#marks.filter((one) => one.offset > offset && one.offset < end);
    const cuts = [...new Set(within.map((one) => one.offset - offset))];
    let open = cuts.length + 1;
    const one = () => {
      open -= 1;
      if (!open) done();
    };
    this.#feedMarks(sink, from, offset);
    let begin = 0;
    for (const cut of [...cuts, data.length]) {
      sink.write(
        data.subarray(begin, cut),
        replay,
        one,
        headRuns(cutRuns(runs, begin), cut - begin),
      );
      if (data.length) this.#feedMarks(sink, Math.max(from, offset + begin + 1), offset + cut);
      begin = cut;
    }
  }

  /** Show a sink the marks from an offset to another, both included. */
  #feedMarks(sink: Sink, from: number, to: number): void {
    for (const { mark, offset } of this.#marks) {
      if (offset >= from && offset <= to) sink.mark?.(mark, false);
    }
  }

  /** Everything before a position, counted over both streams, has come. */
  advance(through: number): void {
    this.#through = Math.max(this.#through, through);
    for (const [sink, { from }] of this.#sinks) {
      if (from === undefined) sink.advance?.(this.#through);
    }
  }

  #keep(piece: Piece): void {
    this.have = piece.offset + piece.data.length;
    if (!this.skipped) this.firstSkipped = piece.offset - piece.skipped;
    this.skipped += piece.skipped;
    this.#pieces.push({ ...piece });
    this.#kept += piece.data.length;
    while (this.#kept > HISTORY && this.#pieces.length > 1) {
      const first = this.#pieces.shift() as Piece;
      const next = this.#pieces[0] as Piece;
      this.#kept -= first.data.length;
      next.skipped += first.skipped + first.data.length;
      next.lost += first.lost;
      this.#marks = this.#marks.filter((one) => one.offset >= next.offset);
    }
  }
}

/** Return the runs of the first bytes. */
function headRuns(runs: Runs, bytes: number): Runs {
  let count = 0;
  let begin = 0;
  while (3 * count < runs.length && begin < bytes) {
    begin += runs[3 * count + 1] ?? 0;
    count += 1;
  }
  if (begin <= bytes && 3 * count === runs.length) return runs;
  const head = runs.slice(0, 3 * count);
  if (count) head[3 * count - 2] = (head[3 * count - 2] ?? 0) - Math.max(0, begin - bytes);
  return head;
}

/** Cut bytes off the start of runs. */
export function cutRuns(runs: Runs, bytes: number): Runs {
  let gone = bytes;
  let first = 0;
  while (first < runs.length && gone >= (runs[first + 1] ?? 0)) {
    gone -= runs[first + 1] ?? 0;
    first += 3;
  }
  if (!first && !gone) return runs;
  const left = runs.slice(first);
  if (left.length) {
    left[0] = (left[0] ?? 0) + gone;
    left[1] = (left[1] ?? 0) - gone;
  }
  return left;
}
