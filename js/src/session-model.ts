// One session as this page knows it: what has arrived, what is acknowledged, which requests wait
// for an answer. No DOM, no Jupyter: it speaks through a Port and feeds Sinks.
//
// Strategy: offsets decide. The kernel may repeat or leave out bytes; a chunk is cut to what is
// new, a gap that the kernel announced (`skipped`) becomes a mark, any other gap means that a
// message was lost on the way, and a new `hello` asks for everything from there again.

import {
  type Detach,
  type Eof,
  type Input,
  type KernelMessage,
  type Output,
  type PageMessage,
  type PerStream,
  STDERR,
  STDOUT,
  type Status,
  type Stream,
} from "./messages";

/** Bytes per stream that the page keeps for views which are made later. */
export const HISTORY = 1024 * 1024;
/** Milliseconds without an answer after which the user is told that the kernel is busy. */
export const PATIENCE = 300;
/** Milliseconds within which an idle kernel answers a hello. */
export const WELCOME_WITHIN = 2000;
const ACK_INTERVAL = 20;
const NO_KERNEL = "the kernel is gone";
const HELLO_INTERVAL = 500;
const HELLO_RETRY = 125;
const HELLOS = 6;

/** Takes the page's messages to the kernel. */
export interface Port {
  send(message: PageMessage): void;
}

/** Shows one stream. */
export interface Sink {
  /** Show bytes; `done` when they are shown. `replay`: they have been shown somewhere before. */
  write(data: Uint8Array, replay: boolean, done: () => void): void;
  /** Show that bytes are left out, `lost` of which the transcript does not have either. */
  skip(bytes: number, lost: number): void;
}

interface Piece {
  data: Uint8Array;
  skipped: number;
  lost: number;
}

class StreamRecord {
  have = 0;
  end = 0;
  skipped = 0;
  readonly pieces: Piece[] = [];
  /** Each sink, with the chunks (by seq) that it has not shown yet. */
  readonly sinks = new Map<Sink, Map<number, () => void>>();
  #kept = 0;

  append(piece: Piece): void {
    this.pieces.push(piece);
    this.#kept += piece.data.length;
    while (this.#kept > HISTORY && this.pieces.length > 1) {
      const first = this.pieces.shift() as Piece;
      const next = this.pieces[0] as Piece;
      this.#kept -= first.data.length;
      next.skipped += first.skipped + first.data.length;
      next.lost += first.lost;
    }
  }
}

type Request = Input | Eof | Detach;

interface Waiting {
  message: Request;
  since: number;
  resolve: (error: string | null) => void;
}

export class SessionModel {
  readonly page = crypto.randomUUID();
  #port: Port;
  #status: Status;
  #streams: Record<Stream, StreamRecord> = { 1: new StreamRecord(), 2: new StreamRecord() };
  #listeners = new Set<() => void>();
  #since = Date.now();
  #turn = 0;
  #welcome = false;
  #helloAt = Number.NEGATIVE_INFINITY;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #lastSeen = 0;
  #unwritten = new Set<number>();
  #acked = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #numbered = 0;
  #waiting = new Map<number, Waiting>();
  #queueTimer: ReturnType<typeof setTimeout> | undefined;
  #size = "";
  #off = "";
  #disposed = false;

  constructor(port: Port, status: Status) {
    this.#port = port;
    this.#status = status;
  }

  /** Whether the kernel has not answered this page's hello, for a while already. */
  get unanswered(): boolean {
    return !this.#welcome && Date.now() - this.#since >= WELCOME_WITHIN;
  }

  /** The last status; with all controls off where nobody is left to take a request. */
  get status(): Status {
    if (!this.#off) return this.#status;
    const controls = { stdin: this.#off, eof: this.#off, detach: this.#off, leave: "" };
    return { ...this.#status, controls };
  }

  /** Whether the kernel that held the session is gone. */
  get orphaned(): boolean {
    return this.#off === NO_KERNEL;
  }

  set status(status: Status) {
    this.#status = status;
    this.#changed();
  }

  /** Bytes that the session has received of a stream, as far as this page was told. */
  total(stream: Stream): number {
    return Math.max(this.#streams[stream].end, this.#status.totals[stream]);
  }

  /** Bytes of a stream that the kernel left out for this page. */
  skipped(stream: Stream): number {
    return this.#streams[stream].skipped;
  }

  /** Requests without an answer, 0 until one has waited for PATIENCE. */
  get queued(): number {
    const oldest = this.#waiting.values().next().value;
    return oldest && Date.now() - oldest.since >= PATIENCE ? this.#waiting.size : 0;
  }

  /** Call back after status, totals, queue or connection changed. Returns the way out. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Feed a sink: what the page has kept, then what comes. Returns the way out. */
  subscribe(stream: Stream, sink: Sink): () => void {
    const record = this.#streams[stream];
    for (const piece of record.pieces) {
      if (piece.skipped) sink.skip(piece.skipped, piece.lost);
      sink.write(piece.data, true, () => {});
    }
    record.sinks.set(sink, new Map());
    return () => {
      const open = record.sinks.get(sink);
      record.sinks.delete(sink);
      // A terminal that is gone calls nothing back: nobody may wait for it.
      for (const done of open?.values() ?? []) done();
    };
  }

  /** Whether this sink is the one whose terminal may answer queries. */
  answers(stream: Stream, sink: Sink): boolean {
    return this.#streams[stream].sinks.keys().next().value === sink;
  }

  /**
   * Say what the page has; the kernel sends the rest. Unanswered requests go again.
   *
   * The first one may wait behind a running cell, because the page does not know its subshell
   * yet: it is repeated a few times, and the kernel ignores those that come out of turn.
   */
  hello(): void {
    this.#helloAt = Date.now();
    this.#turn += 1;
    const have: PerStream = { "1": this.#streams[STDOUT].have, "2": this.#streams[STDERR].have };
    this.#send({ type: "hello", page: this.page, have, turn: this.#turn });
    if (!this.#welcome && this.#turn <= HELLOS) {
      clearTimeout(this.#helloTimer);
      this.#helloTimer = setTimeout(
        () => {
          if (!this.#welcome) this.hello();
          this.#changed();
        },
        HELLO_RETRY * 2 ** this.#turn,
      );
    }
    for (const { message } of this.#waiting.values()) this.#send(message);
  }

  /** Take a message of the kernel; those for other pages are ignored. */
  receive(message: KernelMessage, data: Uint8Array): void {
    if (this.#disposed || message.page !== this.page) return;
    switch (message.type) {
      case "welcome":
        this.#welcome = true;
        for (const stream of [STDOUT, STDERR]) this.#told(stream, message.ends[stream]);
        this.#changed();
        break;
      case "output":
        this.#told(message.stream, message.end);
        this.#output(message, data);
        this.#changed();
        break;
      case "reply": {
        const waiting = this.#waiting.get(message.n);
        this.#waiting.delete(message.n);
        this.#watchQueue();
        waiting?.resolve(message.error);
        this.#changed();
        break;
      }
    }
  }

  /** Send text to stdin; `line` adds the line's end. Resolves to an error text or null. */
  input(data: string, { line = false, binary = false } = {}): Promise<string | null> {
    return this.#request((n) => ({ type: "input", page: this.page, n, data, line, binary }));
  }

  eof(): Promise<string | null> {
    return this.#request((n) => ({ type: "eof", page: this.page, n }));
  }

  detach(): Promise<string | null> {
    return this.#request((n) => ({ type: "detach", page: this.page, n }));
  }

  /** Tell the container the terminal's size, where it changed. */
  resize(rows: number, cols: number): void {
    const size = `${rows}x${cols}`;
    if (size === this.#size) return;
    this.#size = size;
    this.#send({ type: "resize", page: this.page, rows, cols });
  }

  /** The kernel has closed the session's widget: views stay, nothing can be done any more. */
  dispose(): void {
    this.#turnOff("the session is closed");
    this.#disposed = true;
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#queueTimer);
    this.#listeners.clear();
  }

  #told(stream: Stream, end: number): void {
    const record = this.#streams[stream];
    record.end = Math.max(record.end, end);
  }

  #output(message: Output, data: Uint8Array): void {
    const record = this.#streams[message.stream];
    const { offset, skipped, seq } = message;
    if (offset - skipped > record.have) {
      if (Date.now() - this.#helloAt >= HELLO_INTERVAL) this.hello();
      return;
    }
    this.#lastSeen = Math.max(this.#lastSeen, seq);
    const fresh = offset < record.have ? data.subarray(record.have - offset) : data;
    const gap = Math.max(0, offset - record.have);
    if (!fresh.length && !gap) {
      this.#scheduleAck();
      return;
    }
    const piece = { data: fresh, skipped: gap, lost: Math.min(gap, message.lost) };
    record.have = offset + data.length;
    record.skipped += gap;
    record.append(piece);
    this.#unwritten.add(seq);
    let open = record.sinks.size;
    const shown = () => {
      open -= 1;
      if (open > 0) return;
      this.#unwritten.delete(seq);
      this.#scheduleAck();
    };
    if (open === 0) shown();
    for (const [sink, waiting] of record.sinks) {
      waiting.set(seq, shown);
      if (gap) sink.skip(gap, piece.lost);
      sink.write(fresh, message.replay, () => {
        if (waiting.delete(seq)) shown();
      });
    }
  }

  #scheduleAck(): void {
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      // Sequence numbers are unique over all pages, so "all but the unwritten" is what is done.
      const seq = this.#unwritten.size ? Math.min(...this.#unwritten) - 1 : this.#lastSeen;
      if (this.#disposed || seq <= this.#acked) return;
      this.#acked = seq;
      this.#send({ type: "ack", page: this.page, seq });
    }, ACK_INTERVAL);
  }

  #request(make: (n: number) => Request): Promise<string | null> {
    this.#numbered += 1;
    const message = make(this.#numbered);
    const answer = new Promise<string | null>((resolve) => {
      this.#waiting.set(message.n, { message, since: Date.now(), resolve });
    });
    this.#watchQueue();
    this.#send(message);
    return answer;
  }

  #watchQueue(): void {
    clearTimeout(this.#queueTimer);
    const oldest = this.#waiting.values().next().value;
    if (!oldest || this.#disposed) return;
    const rest = PATIENCE - (Date.now() - oldest.since);
    if (rest > 0) this.#queueTimer = setTimeout(() => this.#changed(), rest);
  }

  #send(message: PageMessage): void {
    if (this.#disposed) return;
    try {
      this.#port.send(message);
      this.#off = "";
    } catch {
      // What must not be lost goes again with the next hello, should the kernel come back.
      if (message.type === "hello") this.#turnOff(NO_KERNEL);
    }
  }

  #turnOff(reason: string): void {
    this.#off = reason;
    for (const { resolve } of this.#waiting.values()) resolve(reason);
    this.#waiting.clear();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
