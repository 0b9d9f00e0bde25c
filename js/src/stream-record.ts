// What a page has of one stream: where it stands, the newest bytes for views that are made
// later, and who shows them. No DOM, no Jupyter.

/** Bytes per stream that the page keeps for views which are made later. */
export const HISTORY = 1024 * 1024;
/** Bytes that a view out of sight may lag behind before it sets the pace again. */
export const HIDDEN_BACKLOG = 1024 * 1024;

/** Shows one stream. */
export interface Sink {
  /** Show bytes; `done` when they are shown. `replay`: they have been shown somewhere before. */
  write(data: Uint8Array, replay: boolean, done: () => void): void;
  /**
   * Show that the `bytes` before `offset` are left out, `lost` of which the transcript does not
   * have either.
   */
  skip(bytes: number, lost: number, offset: number): void;
  /** Whether anybody can see it. */
  visible(): boolean;
}

export interface Piece {
  data: Uint8Array;
  /** Bytes left out directly before the data. */
  skipped: number;
  /** How many of those the transcript does not have either. */
  lost: number;
  /** Of the first byte of the data. */
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
  #pieces: Piece[] = [];
  #kept = 0;
  #sinks = new Map<Sink, Open>();

  /** The newest bytes that are kept, oldest first. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** The sink that came first. */
  get first(): Sink | undefined {
    return this.#sinks.keys().next().value;
  }

  /** Feed a sink: what is kept, then what comes. Returns the way out. */
  subscribe(sink: Sink): () => void {
    for (const { data, skipped, lost, offset } of this.#pieces) {
      if (skipped) sink.skip(skipped, lost, offset);
      sink.write(data, true, () => {});
    }
    this.#sinks.set(sink, { bytes: 0, chunks: new Map() });
    return () => {
      const open = this.#sinks.get(sink);
      this.#sinks.delete(sink);
      // A terminal that is gone calls nothing back: nobody may wait for it.
      for (const chunk of open?.chunks.values() ?? []) chunk.done();
    };
  }

  /**
   * Keep a piece and have it shown; `shown` once every sink that sets the pace has done so.
   *
   * A view that nobody sees is fed as well, but not waited for, unless it lags far behind.
   */
  show(piece: Piece, seq: number, replay: boolean, shown: () => void): void {
    this.#keep(piece);
    const { data, skipped, lost, offset } = piece;
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
      sink.write(data, replay, () => {
        if (open.chunks.has(seq)) done();
      });
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
    }
  }
}
