import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ACK_BYTES, ACK_LATE, ACK_SOON } from "./acknowledgements";
import type { Output, PageMessage, Reply, Status, Stream } from "./messages";
import { PATIENCE, RETRY } from "./request-queue";
import { SessionModel, WELCOME_WITHIN } from "./session-model";
import { HIDDEN_BACKLOG, HISTORY, type Sink } from "./stream-record";

const STATUS: Status = {
  name: "web",
  container: "web",
  container_id: "f00d",
  image: "busybox",
  engine: "embedded",
  host: "local:",
  tty: false,
  wants: ["stderr", "stdin", "stdout"],
  state: "attached",
  exit_code: null,
  error: "",
  warnings: [],
  stalls: { count: 0, seconds: 0, recent: [] },
  started_at: 0,
  ended_at: null,
  controls: { stdin: "", eof: "", detach: "", signal: "", again: "", start: "", leave: "" },
  totals: { "1": 0, "2": 0 },
  size: null,
  size_owner: null,
  revision: 0,
};

class RecordingPort {
  readonly sent: PageMessage[] = [];
  broken = false;
  discards = 0;

  discard(): void {
    this.discards += 1;
  }

  send(message: PageMessage): void {
    if (this.broken) throw new Error("no comm");
    this.sent.push(message);
  }

  of(type: PageMessage["type"]): PageMessage[] {
    return this.sent.filter((message) => message.type === type);
  }
}

class RecordingSink implements Sink {
  readonly events: string[] = [];
  readonly open: (() => void)[] = [];
  seen = true;

  write(data: Uint8Array, replay: boolean, done: () => void): void {
    this.events.push(`${replay ? "replay " : ""}${new TextDecoder().decode(data)}`);
    this.open.push(done);
  }

  skip(bytes: number, lost: number, offset: number): void {
    this.events.push(`skip ${bytes} before ${offset} lost ${lost}`);
  }

  visible(): boolean {
    return this.seen;
  }
}

let port: RecordingPort;
let model: SessionModel;

beforeEach(() => {
  vi.useFakeTimers();
  port = new RecordingPort();
  model = new SessionModel(port, STATUS);
});

afterEach(() => {
  vi.useRealTimers();
});

let nextSeq = 0;

function output(stream: Stream, offset: number, text: string, more: Partial<Output> = {}): number {
  nextSeq += 1;
  const data = new TextEncoder().encode(text);
  const message: Output = {
    type: "output",
    page: model.page,
    stream,
    offset,
    end: offset + data.length,
    seq: nextSeq,
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
}

function welcome(ends = { "1": 0, "2": 0 }, history: string[] = []): void {
  const said = { type: "welcome", page: model.page, ends, revision: 0, history } as const;
  const message = { ...said, link: null };
  model.receive(message, new Uint8Array());
}

/** What becomes of the page's requests, told with an output of no bytes. */
function reply(...replies: Reply[]): void {
  output(1, 0, "", { replies });
}

function attach(stream: Stream): RecordingSink {
  const sink = new RecordingSink();
  model.subscribe(stream, sink);
  return sink;
}

test("hidden input is sent, and no arrow key brings it back", () => {
  welcome(undefined, ["ls"]);
  void model.input("secret", { line: true, hidden: true });
  expect(port.of("input")).toMatchObject([{ data: "secret", line: true, hidden: true }]);
  expect(model.typed).toEqual(["ls"]);
});

test("text without a line's end says so and can be brought back, keys can not", () => {
  void model.input("y", { line: true, end: false });
  void model.input("k");
  expect(port.of("input")).toMatchObject([
    { data: "y", line: true, end: false },
    { data: "k", line: false, end: false },
  ]);
  expect(model.typed).toEqual(["y"]);
});

test("signals and attaching again are requests like others", async () => {
  const [signal, again] = [model.signal("INT"), model.again(true)];
  expect(port.sent).toEqual([
    { type: "signal", page: model.page, n: 1, seen: 0, signal: "INT" },
    { type: "again", page: model.page, n: 2, seen: 0, start: true },
  ]);
  reply([1, null], [2, "it is paused"]);
  expect([await signal, await again]).toEqual([null, "it is paused"]);
});

test("without a kernel every control is off with the reason", () => {
  port.broken = true;
  model.hello();
  const { leave, ...reasons } = model.status.controls;
  expect(leave).toBe("");
  expect(new Set(Object.values(reasons))).toEqual(new Set(["the kernel is gone"]));
  expect(Object.keys(reasons)).toHaveLength(6);
});

test("each stream reaches its own sink", () => {
  const [out, err] = [attach(1), attach(2)];
  output(1, 0, "one");
  output(2, 0, "two");
  output(1, 3, "three");
  expect(out.events).toEqual(["one", "three"]);
  expect(err.events).toEqual(["two"]);
});

test("messages for another page are ignored", () => {
  const sink = attach(1);
  output(1, 0, "one", { page: "another" });
  expect(sink.events).toEqual([]);
});

test("bytes that came before are not shown again", () => {
  const sink = attach(1);
  output(1, 0, "abc");
  output(1, 0, "abc");
  output(1, 1, "bcdef");
  expect(sink.events).toEqual(["abc", "def"]);
});

test("a gap that the kernel announced becomes a mark", () => {
  const sink = attach(1);
  output(1, 0, "abc");
  output(1, 10, "klm", { skipped: 7, lost: 2 });
  expect(sink.events).toEqual(["abc", "skip 7 before 10 lost 2", "klm"]);
  expect(model.skipped(1)).toBe(7);
  expect(port.of("hello")).toEqual([]);
});

test("a gap that nobody announced is asked for again and not shown", () => {
  const sink = attach(1);
  model.hello();
  output(1, 0, "abc");
  vi.advanceTimersByTime(1000);
  output(1, 6, "ghi");
  expect(sink.events).toEqual(["abc"]);
  expect(port.of("hello").at(-1)).toMatchObject({ have: { "1": 3, "2": 0 } });
});

test("a lost message is asked for once, not for every message behind it", () => {
  model.hello();
  welcome();
  vi.advanceTimersByTime(1000);
  output(1, 6, "ghi");
  output(1, 9, "jkl");
  expect(port.of("hello").length).toBe(2);
});

test("an empty output that is ahead of the page tells it of a loss", () => {
  output(1, 0, "abc");
  output(1, 9, "");
  expect(port.of("hello")).toMatchObject([{ have: { "1": 3 } }]);
});

test("nothing is acknowledged before the sink has shown it", () => {
  const sink = attach(1);
  const first = output(1, 0, "abc");
  output(1, 3, "def");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([]);
  sink.open[0]?.();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([{ type: "ack", page: model.page, seq: first }]);
});

test("acknowledgements of many outputs are one message", () => {
  const sink = attach(1);
  let last = 0;
  for (let i = 0; i < 10; i += 1) last = output(1, i, "x");
  for (const done of sink.open) done();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([{ type: "ack", page: model.page, seq: last }]);
});

test("an output that comes twice is acknowledged once", () => {
  const seq = output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  output(1, 0, "abc", { seq });
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(1);
});

test("an output counts as shown when its slowest view has shown it", () => {
  const [quick, slow] = [attach(1), attach(1)];
  output(1, 0, "abc");
  quick.open[0]?.();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([]);
  slow.open[0]?.();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(1);
});

test("a view that goes away in the middle does not stop the stream", () => {
  const sink = new RecordingSink();
  const unsubscribe = model.subscribe(1, sink);
  const seq = output(1, 0, "abc");
  unsubscribe();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toMatchObject([{ seq }]);
});

test("output without any view is acknowledged and kept for the first view", () => {
  const seq = output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toMatchObject([{ seq }]);
  expect(attach(1).events).toEqual(["replay abc"]);
});

test("many bytes are acknowledged soon, few late", () => {
  const sink = attach(1);
  output(1, 0, "a");
  sink.open[0]?.();
  vi.advanceTimersByTime(ACK_SOON);
  expect(port.of("ack")).toEqual([]);
  output(1, 1, "b".repeat(ACK_BYTES));
  sink.open[1]?.();
  vi.advanceTimersByTime(ACK_SOON);
  expect(port.of("ack").length).toBe(1);
});

test("a probe is answered soon", () => {
  const seq = output(1, 0, "", { replay: true });
  vi.advanceTimersByTime(ACK_SOON);
  expect(port.of("ack")).toMatchObject([{ seq }]);
});

test("a request says what is shown, and no acknowledgement follows", () => {
  const seq = output(1, 0, "abc");
  void model.input("x");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("input")).toMatchObject([{ seen: seq }]);
  expect(port.of("ack")).toEqual([]);
});

test("a view out of sight is fed but not waited for, until it lags far behind", () => {
  const [seen, hidden] = [attach(1), attach(1)];
  hidden.seen = false;
  const data = "a".repeat(ACK_BYTES);
  let offset = 0;
  const next = () => {
    const seq = output(1, offset, data);
    offset += data.length;
    seen.open.at(-1)?.();
    vi.advanceTimersByTime(ACK_SOON);
    return seq;
  };
  let last = 0;
  while (offset <= HIDDEN_BACKLOG) last = next();
  expect(port.of("ack").at(-1)).toMatchObject({ seq: last });
  const count = port.of("ack").length;
  next();
  expect(port.of("ack").length).toBe(count);
  expect(hidden.events.length).toBe(seen.events.length);
  for (const done of hidden.open) done();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(count + 1);
});

test("where all views are out of sight, they set the pace", () => {
  const sink = attach(1);
  sink.seen = false;
  output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([]);
  sink.open[0]?.();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(1);
});

test("what is for all unanswered pages is shown until this one is answered", () => {
  const sink = attach(1);
  model.hello();
  output(1, 0, "abc", { page: "" });
  output(1, 9, "gap", { page: "" });
  expect(port.of("hello").length).toBe(1);
  welcome();
  output(1, 3, "for others", { page: "" });
  output(1, 0, "abcdef");
  expect(sink.events).toEqual(["abc", "def"]);
});

test("a status that does not come though an output speaks of it is asked for", () => {
  model.hello();
  welcome();
  output(1, 0, "abc", { revision: 1 });
  model.status = { ...STATUS, revision: 1 };
  vi.advanceTimersByTime(2000);
  expect(port.of("hello").length).toBe(1);
  output(1, 3, "def", { revision: 2 });
  vi.advanceTimersByTime(2000);
  expect(port.of("hello").at(-1)).toMatchObject({ revision: 1, turn: 2 });
});

test("an unanswered request goes again by the clock, ever more rarely", () => {
  void model.input("a");
  vi.advanceTimersByTime(RETRY + 2 * RETRY - 1);
  expect(port.of("input").length).toBe(2);
  vi.advanceTimersByTime(60_000);
  expect(port.of("input").length).toBeLessThan(8);
  reply([1, null]);
  const count = port.sent.length;
  vi.advanceTimersByTime(600_000);
  expect(port.of("input").length).toBe(
    port.sent.slice(0, count).filter((m) => m.type === "input").length,
  );
});

test("a link is given up where not even what is sent again is answered", () => {
  void model.input("a");
  vi.advanceTimersByTime(RETRY);
  expect(port.discards).toBe(0);
  vi.advanceTimersByTime(2 * RETRY);
  expect(port.discards).toBe(1);
});

test("what was typed before is offered by a page that is loaded anew", () => {
  welcome(undefined, ["ls", "cat"]);
  expect(model.typed).toEqual(["ls", "cat"]);
  void model.input("cat", { line: true });
  void model.input("vi", { line: true });
  void model.input("k");
  expect(model.typed).toEqual(["ls", "cat", "vi"]);
});

test("bytes of the transcript are asked for and come to who asked", async () => {
  const first = model.read(1, 0, 10);
  const second = model.read(1, 5, 10);
  expect(port.of("read")).toMatchObject([
    { n: 1, offset: 0 },
    { n: 2, offset: 5 },
  ]);
  const range = { type: "range", page: model.page, stream: 1, start: 0, end: 9 } as const;
  model.receive({ ...range, n: 2, offset: 5 }, new Uint8Array([5]));
  expect((await second)?.data).toEqual(new Uint8Array([5]));
  vi.advanceTimersByTime(10_000);
  expect(await first).toBeNull();
});

test("a late view is told what the page no longer keeps", () => {
  output(1, 0, "a".repeat(HISTORY));
  output(1, HISTORY, "bc");
  expect(attach(1).events).toEqual([`skip ${HISTORY} before ${HISTORY} lost 0`, "replay bc"]);
});

test("only the first view of a stream answers queries", () => {
  const [first, second] = [attach(1), attach(1)];
  expect(model.answers(1, first)).toBe(true);
  expect(model.answers(1, second)).toBe(false);
});

test("requests are numbered from 1 and answered one by one", async () => {
  const line = model.input("ls", { line: true });
  const eof = model.eof();
  expect(port.sent).toEqual([
    {
      type: "input",
      page: model.page,
      n: 1,
      seen: 0,
      data: "ls",
      line: true,
      end: true,
      hidden: false,
      binary: false,
    },
    { type: "eof", page: model.page, n: 2, seen: 0 },
  ]);
  reply([2, "no"]);
  reply([1, null]);
  expect(await eof).toBe("no");
  expect(await line).toBeNull();
});

test("unanswered requests go again with the next hello, under their numbers", () => {
  port.broken = true;
  void model.input("a");
  void model.detach();
  port.broken = false;
  model.hello();
  expect(port.sent.map((message) => message.type)).toEqual(["hello", "input", "detach"]);
  expect(port.sent.slice(1)).toMatchObject([{ n: 1 }, { n: 2 }]);
});

test("a hello that cannot be sent turns everything off, until one can", async () => {
  const answer = model.input("ls");
  port.broken = true;
  model.hello();
  expect(await answer).toBe("the kernel is gone");
  expect(model.status.controls.stdin).toBe("the kernel is gone");
  expect(model.orphaned).toBe(true);
  port.broken = false;
  model.hello();
  expect(model.status.controls.stdin).toBe("");
  expect(model.orphaned).toBe(false);
});

test("the user is told of queued requests after a while, and when they are through", () => {
  let calls = 0;
  model.onChange(() => {
    calls += 1;
  });
  void model.input("a");
  void model.input("b");
  expect(model.queued).toBe(0);
  vi.advanceTimersByTime(PATIENCE);
  expect(calls).toBe(1);
  expect(model.queued).toBe(2);
  reply([1, null], [2, null]);
  expect(model.queued).toBe(0);
});

test("a size is sent when it changes, or is claimed", () => {
  model.sizes.report(1, 24, 80);
  model.sizes.report(1, 24, 80);
  model.sizes.report(2, 24, 80);
  model.sizes.report(1, 24, 100);
  model.sizes.report(1, 24, 100, true);
  expect(port.sent).toMatchObject([
    { view: 1, cols: 80 },
    { view: 2, cols: 80 },
    { view: 1, cols: 100, claim: false },
    { view: 1, cols: 100, claim: true },
  ]);
});

test("the kernel's question for the owner of the size is answered by its view", () => {
  model.sizes.report(1, 24, 80);
  model.sizes.report(2, 24, 90);
  model.status = { ...STATUS, size: [24, 90], size_owner: [model.page, 2] };
  port.sent.length = 0;
  model.receive({ type: "who", page: "other" }, new Uint8Array());
  model.receive({ type: "who", page: model.page }, new Uint8Array());
  expect(port.sent).toMatchObject([{ view: 2, cols: 90, claim: false }]);
});

test("a view that is gone says so, once, and is not there any more for the kernel", () => {
  model.sizes.report(1, 24, 80);
  model.sizes.discard(1);
  model.sizes.discard(1);
  model.receive({ type: "who", page: model.page }, new Uint8Array());
  expect(port.sent).toMatchObject([
    { view: 1, cols: 80 },
    { view: 1, rows: 0, cols: 0 },
  ]);
});

test("the first hello is repeated until it is answered, a few times", () => {
  model.hello();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").map((message) => "turn" in message && message.turn)).toEqual([
    1, 2, 3, 4, 5, 6, 7,
  ]);
});

test("an answered hello is not repeated", () => {
  model.hello();
  welcome();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").length).toBe(1);
});

test("a page says when no kernel answers its hello", () => {
  model.hello();
  expect(model.unanswered).toBe(false);
  vi.advanceTimersByTime(WELCOME_WITHIN);
  expect(model.unanswered).toBe(true);
  welcome({ "1": 5, "2": 0 });
  expect(model.unanswered).toBe(false);
  expect(model.total(1)).toBe(5);
});

test("a closed model says so to its views and to those who wait", async () => {
  const states: string[] = [];
  model.onChange(() => states.push(model.status.controls.stdin));
  const answer = model.input("ls");
  model.close();
  expect(states.at(-1)).toBe("the session is closed");
  expect(await answer).toBe("the session is closed");
});

test("a closed model neither sends nor shows", () => {
  const sink = attach(1);
  output(1, 0, "abc");
  sink.open[0]?.();
  model.close();
  vi.advanceTimersByTime(1000);
  output(1, 3, "def");
  expect(port.sent).toEqual([]);
  expect(sink.events).toEqual(["abc"]);
});

test("an output that is lost on one stream is noticed by one of the other, not acknowledged", () => {
  attach(1);
  attach(2);
  welcome();
  model.hello();
  vi.advanceTimersByTime(600);
  const before = port.of("hello").length;
  const lost = output(2, 0, "err");
  nextSeq += 1; // the traceback on stderr never arrives
  output(1, 0, "out", { before: lost + 1 });
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("hello").length).toBe(before + 1);
  expect(port.of("ack").every((message) => "seq" in message && message.seq <= lost)).toBe(true);
});

test("a page has heard from the kernel with the first message that is for it", () => {
  expect(model.heard).toBe(false);
  output(1, 0, "for another", { page: "another" });
  expect(model.heard).toBe(false);
  output(1, 0, "for all that were never answered", { page: "" });
  expect(model.heard).toBe(true);
});

test("a page that never hears anything tells its views so", () => {
  const changed = vi.fn();
  model.onChange(changed);
  model.hello();
  vi.advanceTimersByTime(2 * WELCOME_WITHIN);
  expect(model.heard).toBe(false);
  expect(model.unanswered).toBe(true);
  expect(changed).toHaveBeenCalled();
});
