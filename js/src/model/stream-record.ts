// What a page has of one stream: how far it is, the newest bytes for views that are made later, and
// the sinks that show them. No DOM, no Jupyter.

/** Bytes per stream that the page keeps for views that are made later. */
export const HISTORY = 1024 * 1024;
/** Bytes that a view out of sight may lag behind before the kernel has to wait for it. */
export const HIDDEN_BACKLOG = 1024 * 1024;

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
  /** Everything that the stream has before a position has come. */
  advance?(through: number): void;
  /** Whether the user can see it. */
  visible(): boolean;
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
    for (const { data, runs, skipped, lost, offset } of this.#pieces) {
      const known = Math.max(0, from - offset);
      if (known && known >= data.length) continue;
      const gap = Math.min(skipped, Math.max(0, offset - from));
      if (gap) sink.skip(gap, Math.min(gap, lost), offset);
      sink.write(data.subarray(known), true, () => {}, cutRuns(runs, known));
    }
    sink.advance?.(this.#through);
    this.#sinks.set(sink, { bytes: 0, chunks: new Map() });
    return () => {
      const open = this.#sinks.get(sink);
      this.#sinks.delete(sink);
      // A closed terminal does not call back, so what it was drawing counts as drawn.
      for (const chunk of open?.chunks.values() ?? []) chunk.done();
    };
  }

  /**
   * Keep a piece and give it to all sinks. `shown` is called once those that set the pace have
   * shown it.
   *
   * A view out of sight gets it too, but is not waited for unless it lags far behind.
   */
  show(piece: Piece, seq: number, replay: boolean, shown: () => void): void {
    this.#keep(piece);
    const { data, runs, skipped, lost, offset } = piece;
    const awaited = new Set<Sink>();
    for (const [sink, open] of this.#sinks) {
      if (sink.visible() || open.bytes > HIDDEN_BACKLOG) awaited.add(sink);
    }
    if (!awaited.size) for (const sink of this.#sinks.keys()) awaited.add(sink);
    if (!awaited.size) shown();
    for (const [sink, open] of this.#sinks) {
      const done = () => {
        open.bytes -= data.length;
        open.chunks.delete(seq);
        if (awaited.delete(sink) && !awaited.size) shown();
      };
      open.bytes += data.length;
      open.chunks.set(seq, { bytes: data.length, done });
      if (skipped) sink.skip(skipped, lost, offset);
      const written = () => {
        if (open.chunks.has(seq)) done();
      };
      sink.write(data, replay, written, runs);
    }
  }

  /** Everything before a position, counted over both streams, has come. */
  advance(through: number): void {
    this.#through = Math.max(this.#through, through);
    for (const sink of this.#sinks.keys()) sink.advance?.(this.#through);
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
    }
  }
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
