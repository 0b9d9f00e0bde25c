// What the tests of the live views' models share.

import type {
  EventRow,
  EventsNews,
  Point,
  StatsFigures,
  StatsNews,
  StatsRow,
  WatchPageMessage,
  WatchStatus,
} from "./watch-messages";

export const STATUS: WatchStatus = {
  state: "live",
  error: "",
  engine: "docker",
  host: "unix:///run/docker.sock",
  what: "all running containers",
};

/** A port that keeps what is sent. */
export function recorder(): {
  sent: WatchPageMessage[];
  send: (message: WatchPageMessage) => void;
} {
  const sent: WatchPageMessage[] = [];
  return { sent, send: (message) => void sent.push(message) };
}

export function figures(more: Partial<StatsFigures> = {}): StatsFigures {
  return {
    cpu_percent: 1,
    memory: 1024,
    memory_limit: 4096,
    network_received: 1,
    network_sent: 2,
    block_read: 3,
    block_written: 4,
    pids: 5,
    ...more,
  };
}

export function row(id: string, points: Point[] = [], more: Partial<StatsRow> = {}): StatsRow {
  return { id, name: id, state: "running", problem: "", figures: figures(), points, ...more };
}

export function statsNews(page: string, revision: number, more: Partial<StatsNews>): StatsNews {
  const after = Math.max(0, revision - 1);
  const fields = { page, seq: revision, after, revision, left_out: 0, rows: [] };
  return { type: "news", ...fields, ...more };
}

export function event(number: number, more: Partial<EventRow> = {}): EventRow {
  return {
    number,
    time: 43_200 + number,
    type: "container",
    action: "start",
    id: `f00d${number}`,
    name: "web",
    attributes: [["image", "busybox"]],
    more: 0,
    ...more,
  };
}

export function eventsNews(page: string, events: EventRow[], more: Partial<EventsNews> = {}) {
  const revision = events.at(-1)?.number ?? 0;
  const after = (events[0]?.number ?? 1) - 1;
  const fields = { page, seq: revision, after, revision, dropped: 0, events };
  return { type: "news" as const, ...fields, ...more };
}
