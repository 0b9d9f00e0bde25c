// The custom messages of the live views, and their trait `status`; the twin of
// hyper_jupyter/widgets/page/watch_messages.py.
// Types only: no DOM, no Jupyter. docs/widgets.md explains every field.

/** Where a watch stands; a trait. */
export interface WatchStatus {
  state: WatchState;
  error: string;
  engine: string;
  host: string;
  /** Which part of the engine it is about, in words. */
  what: string;
}

export type WatchState = "connecting" | "live" | "gone" | "stopped" | "ended" | "failed";

/** Number of the reading, seconds since the epoch, percent of a processor, bytes of memory. */
export type Point = [number: number, time: number, cpu: number | null, memory: number];

/** The newest reading of a container. Bytes, if nothing else is said. */
export interface StatsFigures {
  cpu_percent: number | null;
  memory: number;
  /** 0 where there is none. */
  memory_limit: number;
  network_received: number;
  network_sent: number;
  block_read: number;
  block_written: number;
  pids: number;
}

export interface StatsRow {
  id: string;
  name: string;
  state: string;
  /** Why there are no readings though it runs. */
  problem: string;
  figures: StatsFigures | null;
  /** The readings that the page does not have. */
  points: Point[];
}

export interface StatsNews {
  type: "news";
  page: string;
  seq: number;
  /** The revision that the page had, as far as the kernel knows. */
  after: number;
  /** The revision that it has with this. */
  revision: number;
  /** Containers that are not followed, because there are too many. */
  left_out: number;
  rows: StatsRow[];
}

export interface EventRow {
  number: number;
  time: number;
  type: string;
  action: string;
  id: string;
  name: string;
  attributes: [name: string, value: string][];
  /** Attributes that are left out. */
  more: number;
}

export interface EventsNews {
  type: "news";
  page: string;
  seq: number;
  after: number;
  revision: number;
  /** Events that the kernel does not keep any more. */
  dropped: number;
  events: EventRow[];
}

/** Its header and the beginning of its payload are hexadecimal digits; a raw read has no header. */
export type FrameRow = [
  number: number,
  time: number,
  stream: string,
  header: string,
  length: number,
  payload: string,
];

export interface FramesNews {
  type: "news";
  page: string;
  seq: number;
  after: number;
  revision: number;
  /** The newest ones, if many came. */
  frames: FrameRow[];
}

export interface WatchHello {
  type: "hello";
  page: string;
  have: number;
}

export interface WatchAck {
  type: "ack";
  page: string;
  seq: number;
}

export interface WatchStop {
  type: "stop";
  page: string;
}

export type WatchPageMessage = WatchHello | WatchAck | WatchStop;
