// The custom messages of the session widget and the page check; the twin of
// hyper_jupyter/widgets/messages.py.
// No DOM, no Jupyter. Every field is explained in docs/widgets.md.

/** The stream's number in frames: 1 stdout, 2 stderr. */
export type Stream = 1 | 2;

export const STDOUT: Stream = 1;
export const STDERR: Stream = 2;

/** Byte counts or offsets, one per stream; JSON makes the keys strings. */
export interface PerStream {
  "1": number;
  "2": number;
}

/** What can be done now; a non-empty text is the reason why it can not. */
export interface Controls {
  stdin: string;
  eof: string;
  detach: string;
  signal: string;
  /** Attach again to the container as it is. */
  again: string;
  /** Start it and attach again. */
  start: string;
  /** What happens when the user leaves, one line. */
  leave: string;
}

/** When output could not be read because the user's code kept the GIL. */
export interface Stalls {
  count: number;
  seconds: number;
  /** The last ones: begin (seconds since the epoch) and length in seconds. */
  recent: [at: number, seconds: number][];
}

export type State = "connecting" | "attached" | "exited" | "detached" | "lost" | "failed";

/** The synced trait `status`. */
export interface Status {
  /** The session's; the container's, unless that one was taken. */
  name: string;
  container: string;
  container_id: string;
  image: string;
  engine: string;
  host: string;
  tty: boolean;
  wants: string[];
  state: State;
  exit_code: number | null;
  error: string;
  warnings: string[];
  stalls: Stalls;
  started_at: number;
  ended_at: number | null;
  controls: Controls;
  totals: PerStream;
  /** Of the terminal, as it was set last: rows, columns. */
  size: [rows: number, cols: number] | null;
  /** Whose size that is. */
  size_owner: [page: string, view: number] | null;
  /** Counts the changes of the status; outputs carry it, so that a lost change is noticed. */
  revision: number;
}

/** The synced trait `facts` of a page check: what the kernel knows without a page. */
export interface Facts {
  /** Of the Python package. */
  version: string;
  ipykernel: string;
  /** Whether the kernel has any. */
  subshells: boolean;
  /** Whether links are wanted. */
  link: boolean;
  /** Whether the Jupyter server passes them on. */
  relay: boolean;
}

/**
 * Where a page is seen from the kernel: as a rule on its machine, or elsewhere. Empty: it can use
 * no direct link.
 */
export type Place = "near" | "far" | "";

/** How the page reaches the kernel's process directly: see `direct-link.ts`. */
export interface LinkOffer {
  /** On the loopback interface. */
  port: number;
  /** Whose link it is. */
  name: string;
  /** 64 hexadecimal digits. */
  secret: string;
  /** Whether the Jupyter server passes links on. */
  relay: boolean;
}

export interface Welcome {
  type: "welcome";
  page: string;
  ends: PerStream;
  revision: number;
  history: string[];
  link: LinkOffer | null;
}

/** What became of request `n`: null, or what went wrong. */
export type Reply = [n: number, error: string | null];

/**
 * Comes with two binary buffers: the bytes from `offset` on, possibly none; and for each run of
 * them three doubles: position among the bytes of both streams, length, time of arrival.
 */
export interface Output {
  type: "output";
  page: string;
  stream: Stream;
  offset: number;
  end: number;
  seq: number;
  before: number;
  skipped: number;
  lost: number;
  through: PerStream;
  replay: boolean;
  revision: number;
  replies: Reply[];
}

/** Comes with one binary buffer: the answer to `read`. */
export interface Range {
  type: "range";
  page: string;
  n: number;
  stream: Stream;
  offset: number;
  start: number;
  end: number;
}

/** Announce the view that owns the terminal's size, or that it is gone. */
export interface Who {
  type: "who";
  page: string;
}

/** Answers a `ping`. */
export interface Pong {
  type: "pong";
  page: string;
  n: number;
  /** Whether the ping would have arrived while a cell runs. */
  aside: boolean;
  link: LinkOffer | null;
}

export type KernelMessage = Welcome | Output | Range | Who | Pong;

export interface Hello {
  type: "hello";
  page: string;
  have: PerStream;
  turn: number;
  revision: number;
  /** Where a page is that could use a link and has none; else empty. */
  link: Place;
}

export interface Ack {
  type: "ack";
  page: string;
  seq: number;
}

export interface Input {
  type: "input";
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
  data: string;
  line: boolean;
  end: boolean;
  hidden: boolean;
  binary: boolean;
}

export interface Eof {
  type: "eof";
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
}

export interface Detach {
  type: "detach";
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
}

export interface Signal {
  type: "signal";
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
  signal: string;
}

export interface Again {
  type: "again";
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
  start: boolean;
}

/** What is numbered per page, applied in order, and answered by a `Reply`. */
export type Request = Input | Eof | Detach | Signal | Again;

export interface Resize {
  type: "resize";
  page: string;
  view: number;
  /** What the view has room for; 0: it is gone. */
  rows: number;
  cols: number;
  /** It was focused, and wants to decide. */
  claim: boolean;
}

export interface Read {
  type: "read";
  page: string;
  n: number;
  stream: Stream;
  offset: number;
  size: number;
}

/** From a page check: answer at once. */
export interface Ping {
  type: "ping";
  page: string;
  n: number;
  /** As in `hello`. */
  link: Place;
}

export type PageMessage = Hello | Ack | Request | Resize | Read | Ping;
