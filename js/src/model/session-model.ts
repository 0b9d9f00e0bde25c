// One session as this page knows it: what has arrived, what is acknowledged, what was requested.
// No DOM, no Jupyter: it sends through a Port and feeds Sinks.
//
// Strategy: offsets decide. The kernel may repeat or leave out bytes. An output is cut to what is
// new. A gap that the kernel announced (`skipped`) becomes a mark. Any other gap means that a
// message was lost on the way, and a new `hello` asks for everything from there again.

import { ACK_LATE, ACK_SOON, Acknowledgements } from "./acknowledgements";
import {
  type History,
  type KernelMessage,
  type Mark,
  type Numbered,
  type Output,
  type PageMessage,
  type PerStream,
  type Range,
  type Request,
  STDERR,
  STDOUT,
  type Status,
  type Stream,
} from "./messages";
import {
  describeOutcome,
  isLive,
  type KernelEnd,
  kernelGone,
  type Outcome,
  SESSION_CLOSED,
} from "./outcome";
import { type Port, randomName } from "./port";
import { RequestQueue } from "./request-queue";
import { cutRuns, type Runs, type Sink, StreamRecord } from "./stream-record";
import { ViewSizes } from "./view-sizes";

/** Milliseconds within which an idle kernel answers a hello. */
export const WELCOME_WITHIN = 2000;
/** Milliseconds that a status may come later than an output that has its revision. */
const STATUS_WITHIN = 1000;
/** The address of messages for all pages that were never answered. */
const EVERYONE = "";
/** Milliseconds after which a `read` is not answered any more. */
const READ_WITHIN = 10_000;
/** Milliseconds that the first hello waits for a view, at most. */
const HELLO_WITHIN = 50;
/** Milliseconds between two hellos that report a loss, at least. */
const HELLO_INTERVAL = 500;
/** Milliseconds after which a hello without an answer is repeated; doubled before each one. */
const HELLO_RETRY = 125;
const HELLOS = 6;
/** Milliseconds after which views learn of totals; what came is drawn first. */
const CHANGED_WITHIN = 20;
/** Entries of what was typed that are kept. */
const TYPED_LINES = 200;
const NO_RUNS: Runs = new Float64Array();

/** How text goes to stdin; see `SessionModel.input`. */
export interface InputOptions {
  line?: boolean;
  end?: boolean;
  hidden?: boolean;
  binary?: boolean;
}

/** A request before it is numbered. */
type Unnumbered<R> = R extends Numbered ? Omit<R, keyof Numbered> : never;

/** Part of a transcript: the answer to a `read`. */
export interface TranscriptPart {
  range: Range;
  data: Uint8Array;
}

export class SessionModel {
  readonly page = randomName();
  /** What the views of the terminal have room for. */
  readonly sizes: ViewSizes;
  #port: Port;
  #status: Status;
  #streams: Record<Stream, StreamRecord> = { 1: new StreamRecord(), 2: new StreamRecord() };
  #listeners = new Set<() => void>();
  #since = Date.now();
  #turn = 0;
  #welcome = false;
  #heard = false;
  #helloAt = Number.NEGATIVE_INFINITY;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #acknowledgements: Acknowledgements;
  #requests: RequestQueue;
  #asked = 0;
  #readers = new Map<number, (answer: TranscriptPart | null) => void>();
  #typed: string[] = [];
  #marked = 0; // the number of the newest mark
  #history: History | undefined;
  #changedTimer: ReturnType<typeof setTimeout> | undefined;
  #historyTimer: ReturnType<typeof setTimeout> | undefined;
  #revision = 0; // the newest one in a message of the kernel
  #revisionTimer: ReturnType<typeof setTimeout> | undefined;
  #off = "";
  #kernelEnd: KernelEnd | "" = "";
  #kernelGone = false;
  #closed = false;

  constructor(port: Port, status: Status) {
    this.#port = port;
    this.#status = status;
    this.#acknowledgements = new Acknowledgements((seq) =>
      this.#send({ type: "ack", page: this.page, seq }),
    );
    this.sizes = new ViewSizes(
      this.page,
      () => this.#status.size_owner,
      (message) => this.#send(message),
    );
    this.#requests = new RequestQueue(
      (message) => this.#send(message),
      () => this.#changed(),
      () => this.#port.closeRelayed?.(),
    );
  }

  /** Whether the kernel has not answered this page's hello within WELCOME_WITHIN. */
  get unanswered(): boolean {
    return !this.#welcome && Date.now() - this.#since >= WELCOME_WITHIN;
  }

  /** Whether anything came from the kernel, so that views show the session's output. */
  get heard(): boolean {
    return this.#heard;
  }

  /**
   * The last status, with all controls off if the kernel does not take requests any more. A page that the
   * kernel has closed is attached no longer, whatever becomes of the session.
   */
  get status(): Status {
    if (!this.#off) return this.#status;
    const off = this.#off;
    const state = this.#closed && isLive(this.#status) ? "detached" : this.#status.state;
    const controls = {
      stdin: off,
      eof: off,
      detach: off,
      signal: off,
      again: off,
      start: off,
      follow: off,
    };
    const { kernel_end = "" } = this.#status.controls;
    return { ...this.#status, state, controls: { ...controls, leave: "", kernel_end } };
  }

  /** What has become of the kernel that held the session; empty as long as it may be there. */
  get kernelEnd(): KernelEnd | "" {
    return this.#off ? this.#kernelEnd : "";
  }

  /**
   * What has become of the front end's kernel; "" if it has one. A comm may still take messages then:
   * nobody gets them.
   */
  set kernelEnd(end: KernelEnd | "") {
    if (this.#closed) return;
    this.#kernelGone = end !== "";
    if (end) this.#orphan(end);
    else this.hello();
  }

  set status(status: Status) {
    this.#status = status;
    if (this.#welcome && this.awaitsHistory) this.hello();
    this.#changed();
  }

  /** How the session stands or ended. */
  get outcome(): Outcome {
    return describeOutcome(this.status, this);
  }

  /** What the container printed before the session was attached, once it has come. */
  get history(): History | undefined {
    return this.#history;
  }

  /** Whether the kernel has a history that has not come. */
  get awaitsHistory(): boolean {
    return this.#status.history > (this.#history?.number ?? 0);
  }

  /** Bytes of a stream that the session has received, as far as this page knows. */
  total(stream: Stream): number {
    return Math.max(this.#streams[stream].end, this.#status.totals[stream]);
  }

  /** Bytes of a stream that the kernel left out for this page. */
  skipped(stream: Stream): number {
    return this.#streams[stream].skipped;
  }

  /** The offset of the first of them. */
  firstSkipped(stream: Stream): number {
    return this.#streams[stream].firstSkipped;
  }

  /** How many requests have no answer; 0 until one has waited for PATIENCE. */
  get queued(): number {
    return this.#requests.overdue;
  }

  /** What was typed into this container on any page, oldest first, without hidden input. */
  get typed(): readonly string[] {
    return this.#typed;
  }

  /**
   * Call back after status, totals, queue or connection changed. Returns a function that
   * unsubscribes.
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Feed a sink: what the page has kept from an offset on, then what comes. Returns a function that
   * unsubscribes it.
   */
  subscribe(stream: Stream, sink: Sink, from = 0): () => void {
    return this.#streams[stream].subscribe(sink, from);
  }

  /** Bytes of a stream that the page has, including skipped ones. */
  have(stream: Stream): number {
    return this.#streams[stream].have;
  }

  /** Whether this sink is the one whose terminal may answer queries. */
  answers(stream: Stream, sink: Sink | undefined): boolean {
    return this.#streams[stream].first === sink;
  }

  /**
   * Say hello with the first view, or soon. What belongs to a view comes in several messages. A page that
   * sends meanwhile makes its system delay the TCP acknowledgement, for which a server that has not set
   * TCP_NODELAY waits before the next one (40 ms).
   */
  begin(): void {
    this.#helloTimer ??= setTimeout(() => this.hello(), HELLO_WITHIN);
  }

  /** A view was made. */
  shown(): void {
    if (!this.#turn) this.hello();
  }

  /**
   * Report what the page has, so that the kernel sends the rest. Send unanswered requests again.
   *
   * The first hello may wait for the end of a running cell, because the page does not know its
   * subshell yet. So it is repeated a few times; the kernel ignores those that come out of turn.
   */
  hello(): void {
    this.#helloAt = Date.now();
    this.#turn += 1;
    const have: PerStream = { "1": this.#streams[STDOUT].have, "2": this.#streams[STDERR].have };
    const { revision } = this.#status;
    const history = this.#history?.number ?? 0;
    const link = this.#port.open ? "" : (this.#port.place ?? "");
    const known = { have, revision, history, marks: this.#marked };
    this.#send({ type: "hello", page: this.page, turn: this.#turn, ...known, link });
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
    this.#requests.again();
  }

  /** Take a message of the kernel. Messages for other pages are ignored. */
  receive(message: KernelMessage, data: Uint8Array, runs: Runs = NO_RUNS): void {
    if (this.#closed) return;
    const unknown = !this.#welcome && message.page === EVERYONE;
    if (message.page === this.page) this.#welcome = true;
    else if (!unknown) return;
    // Views open a pane for the first bytes of a stream.
    const news = !this.#heard || (message.type === "output" && !this.have(message.stream));
    this.#heard = true;
    switch (message.type) {
      case "welcome":
        this.#typed = message.history;
        if (message.link) this.#port.connect?.(message.link, this.page);
        for (const stream of [STDOUT, STDERR]) this.#noteEnd(stream, message.ends[stream]);
        this.#expectRevision(message.revision);
        this.#expectHistory();
        break;
      case "output":
        for (const [n, error] of message.replies) this.#requests.answer(n, error);
        this.#noteEnd(message.stream, message.end);
        this.#expectRevision(message.revision);
        this.#output(message, data, runs);
        if (news) break;
        this.#changedTimer ??= setTimeout(() => this.#changed(), CHANGED_WITHIN);
        return;
      case "range":
        this.#readers.get(message.n)?.({ range: message, data });
        return;
      case "history":
        if (message.number > (this.#history?.number ?? 0)) this.#history = message;
        break;
      case "who":
        this.sizes.announceOwner();
        return;
    }
    this.#changed();
  }

  /**
   * Send text to stdin. Resolves to null, or to what went wrong.
   *
   * `line`: send it as lines, with the container's line end for each newline. `end`: add a line end.
   * `hidden`: keep it in no history. Without `line` the text is sent as it is, as keys are.
   * `binary`: each character is a byte.
   */
  input(
    data: string,
    { line = false, end = line, hidden = false, binary = false }: InputOptions = {},
  ): Promise<string | null> {
    if (line && !hidden && data && data !== this.#typed.at(-1)) {
      this.#typed = [...this.#typed, data].slice(-TYPED_LINES);
    }
    return this.#request({ type: "input", data, line, end, hidden, binary });
  }

  eof(): Promise<string | null> {
    return this.#request({ type: "eof" });
  }

  detach(): Promise<string | null> {
    return this.#request({ type: "detach" });
  }

  /** Send a signal, such as "INT", to the container's process. */
  signal(signal: string): Promise<string | null> {
    return this.#request({ type: "signal", signal });
  }

  /** Make the next attempt to attach again now. */
  reconnect(): Promise<string | null> {
    return this.#request({ type: "reconnect" });
  }

  /** Attach to the container again. Views change over to the new session. */
  again(start: boolean): Promise<string | null> {
    return this.#request({ type: "again", start });
  }

  /** Attach again, and follow the container's restarts from then on. */
  follow(): Promise<string | null> {
    return this.#request({ type: "again", start: false, follow: true });
  }

  /** Read bytes of a stream from the transcript. Resolves to null if no answer comes. */
  read(stream: Stream, offset: number, size: number): Promise<TranscriptPart | null> {
    this.#asked += 1;
    const n = this.#asked;
    return new Promise((resolve) => {
      const settle = (answer: TranscriptPart | null) => {
        clearTimeout(timer);
        this.#readers.delete(n);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), READ_WITHIN);
      this.#readers.set(n, settle);
      this.#send({ type: "read", page: this.page, n, stream, offset, size });
    });
  }

  /** The kernel has closed the session's widget. Views stay, but all controls are off. */
  close(): void {
    this.#closed = true;
    this.#turnOff(SESSION_CLOSED);
    clearTimeout(this.#helloTimer);
    this.#acknowledgements.close();
    clearTimeout(this.#revisionTimer);
    clearTimeout(this.#changedTimer);
    clearTimeout(this.#historyTimer);
    this.#listeners.clear();
  }

  #noteEnd(stream: Stream, end: number): void {
    const record = this.#streams[stream];
    record.end = Math.max(record.end, end);
  }

  #output(message: Output, data: Uint8Array, runs: Runs): void {
    const record = this.#streams[message.stream];
    const { offset, skipped, seq, before } = message;
    // The lost one may be of the other stream: an acknowledgement of this one would cover it.
    if (before > this.#acknowledgements.received || offset - skipped > record.have) {
      if (this.#welcome && Date.now() - this.#helloAt >= HELLO_INTERVAL) this.hello();
      return;
    }
    this.#acknowledgements.receive(seq);
    // First: bytes of this message may follow them.
    for (const mark of message.marks ?? []) this.#addMark(mark);
    const fresh = offset < record.have ? data.subarray(record.have - offset) : data;
    const gap = Math.max(0, offset - record.have);
    if (!fresh.length && !gap) {
      this.#advance(message.through);
      const probe = message.replay && !data.length;
      this.#acknowledgements.schedule(probe ? ACK_SOON : ACK_LATE);
      return;
    }
    const lost = Math.min(gap, message.lost);
    const start = offset + data.length - fresh.length;
    this.#acknowledgements.drawing(seq);
    const cut = cutRuns(runs, data.length - fresh.length);
    const piece = { data: fresh, runs: cut, skipped: gap, lost, offset: start };
    record.show(piece, seq, message.replay, () => {
      this.#acknowledgements.drawn(seq, data.length);
    });
    this.#advance(message.through);
  }

  #addMark(mark: Mark): void {
    if (mark.number <= this.#marked) return;
    this.#marked = mark.number;
    for (const stream of [STDOUT, STDERR]) this.#streams[stream].addMark(mark, stream);
  }

  /** Call this only for an output that was taken: it covers all that were sent before. */
  #advance(through: PerStream): void {
    for (const stream of [STDOUT, STDERR]) this.#streams[stream].advance(through[stream]);
  }

  /** Ask for the status again if the one with this revision does not come. */
  #expectRevision(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    if (revision <= this.#status.revision || this.#revisionTimer !== undefined) return;
    // It came before this message, but front ends apply a widget's state a little later.
    this.#revisionTimer = setTimeout(() => {
      this.#revisionTimer = undefined;
      if (this.#revision > this.#status.revision && this.#welcome) this.hello();
    }, STATUS_WITHIN);
  }

  /** Ask for the history again if it does not come: it follows the welcome, and may be lost. */
  #expectHistory(): void {
    clearTimeout(this.#historyTimer);
    if (!this.awaitsHistory) return;
    this.#historyTimer = setTimeout(() => {
      if (this.awaitsHistory) this.hello();
    }, WELCOME_WITHIN);
  }

  #request(request: Unnumbered<Request>): Promise<string | null> {
    const numbered = { page: this.page, seen: this.#acknowledgements.take() };
    return this.#requests.ask((n) => ({ ...request, ...numbered, n }));
  }

  #send(message: PageMessage): void {
    if (this.#closed || this.#kernelGone) return;
    try {
      this.#port.send(message);
      this.#off = "";
      this.#kernelEnd = "";
    } catch {
      // If the kernel comes back, the next hello sends the unanswered requests again. There is
      // another one by now, which does not know this session.
      if (message.type === "hello") this.#orphan("restarted");
    }
  }

  #orphan(end: KernelEnd): void {
    this.#kernelEnd = end;
    this.#turnOff(kernelGone(end));
  }

  #turnOff(reason: string): void {
    this.#off = reason;
    this.#requests.discard(reason);
    for (const settle of [...this.#readers.values()]) settle(null);
    this.#changed();
  }

  #changed(): void {
    clearTimeout(this.#changedTimer);
    this.#changedTimer = undefined;
    for (const listener of this.#listeners) listener();
  }
}
