// The custom messages of the session widget and the page check; the twin of
// hyper_jupyter/widgets/page/messages.py.
// Types only: no DOM, no Jupyter. docs/widgets.md explains every field.

/** The number of a stream in frames: 1 is stdout, 2 is stderr. */
export type Stream = 1 | 2;

export const STDOUT: Stream = 1;
export const STDERR: Stream = 2;

/** Byte counts or offsets, one per stream. The keys are strings because JSON has no others. */
export interface PerStream {
  "1": number;
  "2": number;
}

/** What can be done now. A non-empty text is the reason why it can not. */
export interface Controls {
  stdin: string;
  eof: string;
  detach: string;
  signal: string;
  /** Attach again to the container as it is. */
  again: string;
  /** Start the container and attach again. */
  start: string;
  /** What detaching does, and afterwards what it did; one line. */
  leave: string;
  /** Whether `leave` is something that few expect. Missing from a kernel of an older release. */
  heed?: boolean;
  /** Whether the session can ever take input. Missing from a kernel of an older release. */
  typing?: boolean;
  /** Follow the container's restarts from now on. Missing from a kernel of an older release. */
  follow?: string;
  /** What the end of the kernel has done to what runs. Missing from a kernel of an older release. */
  kernel_end?: string;
}

/** The next attempt to attach again. */
export interface Reconnection {
  attempt: number;
  /** Identifies the time of the attempt. */
  at: number;
  /** Until then, as the status was set; 0: it is being made. */
  seconds: number;
  /** Why the last one failed, or what was cut. */
  error: string;
}

/** When the user's code kept the GIL, so that no output could be read. */
export interface Stalls {
  count: number;
  seconds: number;
  /** The last stalls: begin (seconds since the epoch) and length in seconds. */
  recent: [at: number, seconds: number][];
}

export type State =
  | "connecting"
  | "attached"
  | "reconnecting"
  | "exited"
  | "detached"
  | "lost"
  | "failed";

/** The synced trait `status`. */
export interface Status {
  /** The session's name: the container's, unless another session has that. */
  name: string;
  container: string;
  container_id: string;
  /** Missing from a kernel of an older release. */
  kind?: "attach" | "exec" | "logs";
  /** Whether it only reads a log. Missing from a kernel of an older release. */
  reads_log?: boolean;
  /** The command line of an exec; else empty. */
  command: string;
  image: string;
  engine: string;
  host: string;
  tty: boolean;
  wants: string[];
  state: State;
  exit_code: number | null;
  /** Whether all output is here; null as long as that is not known. */
  paused: boolean;
  /** What it waits for once the container has ended. Missing from a kernel of an older release. */
  awaits?: string;
  /** Null in every other state. Missing from a kernel of an older release. */
  reconnecting?: Reconnection | null;
  out_of_memory: boolean;
  complete: boolean | null;
  missing: Partial<Record<Stream, number>>;
  error: string;
  warnings: string[];
  stalls: Stalls;
  started_at: number;
  ended_at: number | null;
  /** How many times the container was started again. Missing from a kernel of an older release. */
  restarts?: number;
  controls: Controls;
  totals: PerStream;
  /** The terminal's size as it was set last: rows, columns. */
  size: [rows: number, cols: number] | null;
  /** The page and the view whose size that is. */
  size_owner: [page: string, view: number] | null;
  /** The number of the history that the kernel has; 0 if there is none. */
  history: number;
  /** Counts the changes of the status. Outputs carry it, so that a lost change is noticed. */
  revision: number;
}

/** The synced trait `facts` of a page check: what the kernel knows without asking a page. */
export interface Facts {
  /** The Python package's version. */
  version: string;
  ipykernel: string;
  /** Whether the kernel has subshells. */
  subshells: boolean;
  /** Whether direct links are turned on. */
  link: boolean;
  /** Whether the Jupyter server passes direct links on. */
  relay: boolean;
}

/**
 * Where the page is, as far as it knows: "near" is the kernel's machine, "far" another one. Empty:
 * it can not use a direct link.
 */
export type Place = "near" | "far" | "";

/** How the page reaches the kernel's process directly: see `direct-link.ts`. */
export interface LinkOffer {
  /** A port on the loopback interface. */
  port: number;
  /** The name of the session or check that the link is for. */
  name: string;
  /** 64 hexadecimal digits. */
  secret: string;
  /** Whether the Jupyter server passes the link on. */
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

/** What a mark stands for: see hyper_jupyter/session/store/marks.py. */
export type MarkKind = "cut" | "gap" | "life" | "again" | "note";

/** A place between two bytes of a session, and one line of text about it. It is no output. */
export interface Mark {
  /** Counts the session's marks, from 1. */
  number: number;
  kind: MarkKind;
  text: string;
  time: number;
  /** Bytes of both streams before it. */
  position: number;
  /** Bytes of each stream before it. */
  offsets: PerStream;
}

/** The result of request `n`: null, or what went wrong. */
export type Reply = [n: number, error: string | null];

/**
 * Comes with two binary buffers. The first has the bytes from `offset` on, possibly none. The second
 * has three doubles for each run of them: position among the bytes of both streams, length, time of
 * arrival.
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
  /** Those that the page was not sent yet. Missing from a kernel of an older release. */
  marks?: Mark[];
}

/** Answers a `read`, with one binary buffer. */
export interface Range {
  type: "range";
  page: string;
  n: number;
  stream: Stream;
  offset: number;
  start: number;
  end: number;
  /** Those among these bytes. Missing from a kernel of an older release. */
  marks?: Mark[];
}

/** When it was printed (seconds since the epoch, by the engine's clock), the stream, and the text. */
export type HistoryLine = [time: number | null, stream: Stream, text: string];

/** What the container printed before the session was attached; sent after a `welcome`. */
export interface History {
  type: "history";
  page: string;
  /** Counts the changes: a later history replaces an earlier one. */
  number: number;
  lines: HistoryLine[];
  /** How many lines before them are in the kernel only. */
  left_out: number;
  /**
   * The line between history and live output, in words, for a pane of each stream and for one with
   * both; empty if there is nothing to show.
   */
  joints: { "1": string; "2": string; both: string };
}

/** Asks the page to announce the view that owns the terminal's size. */
export interface Who {
  type: "who";
  page: string;
}

/** Answers a `ping`. */
export interface Pong {
  type: "pong";
  page: string;
  n: number;
  /** Whether the ping would have arrived during a running cell. */
  aside: boolean;
  link: LinkOffer | null;
}

export type KernelMessage = Welcome | Output | Range | History | Who | Pong;

export interface Hello {
  type: "hello";
  page: string;
  have: PerStream;
  turn: number;
  revision: number;
  /** The number of the history that the page has; 0 if it has none. */
  history: number;
  /** The number of the newest mark that the page has; 0 if it has none. */
  marks: number;
  /** Where the page is, if it could use a direct link and has none; else empty. */
  link: Place;
}

export interface Ack {
  type: "ack";
  page: string;
  seq: number;
}

/** What requests have in common. */
export interface Numbered {
  page: string;
  n: number;
  /** As in `ack`. */
  seen: number;
}

export interface Input extends Numbered {
  type: "input";
  data: string;
  line: boolean;
  end: boolean;
  hidden: boolean;
  binary: boolean;
}

export interface Eof extends Numbered {
  type: "eof";
}

export interface Detach extends Numbered {
  type: "detach";
}

export interface Signal extends Numbered {
  type: "signal";
  signal: string;
}

export interface Reconnect extends Numbered {
  type: "reconnect";
}

export interface Again extends Numbered {
  type: "again";
  start: boolean;
  /** Whether its restarts are followed from then on. */
  follow?: true;
}

/** Messages that are numbered per page, applied in order, and answered by a `Reply`. */
export type Request = Input | Eof | Detach | Signal | Reconnect | Again;

export interface Resize {
  type: "resize";
  page: string;
  view: number;
  /** What the view has room for; 0 if the view is gone. */
  rows: number;
  cols: number;
  /** Whether the view was focused, and so wants to decide the size. */
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

/** Sent by a page check, and answered by a `pong`. */
export interface Ping {
  type: "ping";
  page: string;
  n: number;
  /** As in `hello`. */
  link: Place;
}

/** Asks for nothing: to be sent is all that it is for. */
export interface Nudge {
  type: "nudge";
}

export type PageMessage = Hello | Ack | Request | Resize | Read | Ping | Nudge;
