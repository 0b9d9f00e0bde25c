// What the tests of the session model share: a model whose kernel and views are the test. For tests
// alone; no part of the bundle.

import type { Mark, Output, PageMessage, Reply, Status, Stream } from "./messages";
import type { Port } from "./port";
import { SessionModel } from "./session-model";
import type { Sink } from "./stream-record";

export const STATUS: Status = {
  name: "web",
  container: "web",
  container_id: "f00d",
  kind: "attach",
  command: "",
  image: "busybox",
  engine: "embedded",
  host: "local:",
  tty: false,
  wants: ["stderr", "stdin", "stdout"],
  state: "attached",
  exit_code: null,
  paused: false,
  out_of_memory: false,
  complete: null,
  missing: {},
  error: "",
  warnings: [],
  stalls: { count: 0, seconds: 0, recent: [] },
  started_at: 0,
  ended_at: null,
  controls: { stdin: "", eof: "", detach: "", signal: "", again: "", start: "", leave: "" },
  totals: { "1": 0, "2": 0 },
  size: null,
  size_owner: null,
  history: 0,
  revision: 0,
};

export class RecordingPort implements Port {
  readonly sent: PageMessage[] = [];
  broken = false;
  closes = 0;

  closeRelayed(): void {
    this.closes += 1;
  }

  send(message: PageMessage): void {
    if (this.broken) throw new Error("no comm");
    this.sent.push(message);
  }

  of(type: PageMessage["type"]): PageMessage[] {
    return this.sent.filter((message) => message.type === type);
  }
}

export class RecordingSink implements Sink {
  readonly events: string[] = [];
  readonly open: (() => void)[] = [];
  seen = true;
  /** Whether it wants to sleep; what wakes it then. */
  tired = false;
  wake = () => {};

  write(data: Uint8Array, replay: boolean, done: () => void): void {
    this.events.push(`${replay ? "replay " : ""}${new TextDecoder().decode(data)}`);
    this.open.push(done);
  }

  skip(bytes: number, lost: number, offset: number): void {
    this.events.push(`skip ${bytes} before ${offset} lost ${lost}`);
  }

  mark({ text }: Mark, late: boolean): void {
    this.events.push(`${late ? "late " : ""}mark ${text}`);
  }

  visible(): boolean {
    return this.seen;
  }

  sleeps(wake: () => void): boolean {
    if (this.tired) this.wake = wake;
    return this.tired;
  }
}

/** A mark after so many bytes of stdout and stderr; its text is its number. */
export function markAt(number: number, out: number, err = 0): Mark {
  const offsets = { "1": out, "2": err };
  return { number, kind: "cut", text: String(number), time: 0, position: out + err, offsets };
}

/** A model, and what a kernel and views do with it. */
export function bench() {
  const port = new RecordingPort();
  const model = new SessionModel(port, STATUS);
  let seq = 0;

  /** The kernel sends output; returns its number. */
  const output = (
    stream: Stream,
    offset: number,
    text: string,
    more: Partial<Output> = {},
  ): number => {
    seq += 1;
    const data = new TextEncoder().encode(text);
    const message: Output = {
      type: "output",
      page: model.page,
      stream,
      offset,
      end: offset + data.length,
      seq,
      before: 0,
      skipped: 0,
      lost: 0,
      through: { "1": 0, "2": 0 },
      replay: false,
      revision: 0,
      replies: [],
      ...more,
    };
    model.receive(message, data);
    return message.seq;
  };

  /** The kernel sends an output that never arrives. */
  const lose = () => {
    seq += 1;
  };

  const welcome = (ends = { "1": 0, "2": 0 }, history: string[] = []) => {
    const said = { type: "welcome", page: model.page, ends, revision: 0, history } as const;
    model.receive({ ...said, link: null }, new Uint8Array());
  };

  /** What becomes of the page's requests, sent with an output of no bytes. */
  const reply = (...replies: Reply[]) => output(1, 0, "", { replies });

  /** A view of a stream. */
  const attach = (stream: Stream): RecordingSink => {
    const sink = new RecordingSink();
    model.subscribe(stream, sink);
    return sink;
  };

  return { port, model, output, lose, welcome, reply, attach };
}
