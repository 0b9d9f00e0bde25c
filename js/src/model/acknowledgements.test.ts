import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ACK_BYTES, ACK_LATE, ACK_SOON } from "./acknowledgements";
import { bench, RecordingSink } from "./session-bench";
import { HIDDEN_BACKLOG } from "./stream-record";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("nothing is acknowledged before the sink has shown it", () => {
  const { port, model, output, attach } = bench();
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
  const { port, model, output, attach } = bench();
  const sink = attach(1);
  let last = 0;
  for (let i = 0; i < 10; i += 1) last = output(1, i, "x");
  for (const done of sink.open) done();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([{ type: "ack", page: model.page, seq: last }]);
});

test("an output that comes twice is acknowledged once", () => {
  const { port, output } = bench();
  const seq = output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  output(1, 0, "abc", { seq });
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(1);
});

test("an output counts as shown when its slowest view has shown it", () => {
  const { port, output, attach } = bench();
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
  const { port, model, output } = bench();
  const sink = new RecordingSink();
  const unsubscribe = model.subscribe(1, sink);
  const seq = output(1, 0, "abc");
  unsubscribe();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toMatchObject([{ seq }]);
});

test("output without any view is acknowledged and kept for the first view", () => {
  const { port, output, attach } = bench();
  const seq = output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toMatchObject([{ seq }]);
  expect(attach(1).events).toEqual(["replay abc"]);
});

test("many bytes are acknowledged soon, few late", () => {
  const { port, output, attach } = bench();
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
  const { port, output } = bench();
  const seq = output(1, 0, "", { replay: true });
  vi.advanceTimersByTime(ACK_SOON);
  expect(port.of("ack")).toMatchObject([{ seq }]);
});

test("a request says what is shown, and no acknowledgement follows", () => {
  const { port, model, output } = bench();
  const seq = output(1, 0, "abc");
  void model.input("x");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("input")).toMatchObject([{ seen: seq }]);
  expect(port.of("ack")).toEqual([]);
});

test("a view out of sight is fed but not waited for, until it lags far behind", () => {
  const { port, output, attach } = bench();
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
  const { port, output, attach } = bench();
  const sink = attach(1);
  sink.seen = false;
  output(1, 0, "abc");
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack")).toEqual([]);
  sink.open[0]?.();
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("ack").length).toBe(1);
});

test("an output that is lost on one stream is noticed by one of the other, not acknowledged", () => {
  const { port, model, output, welcome, attach, lose } = bench();
  attach(1);
  attach(2);
  welcome();
  model.hello();
  vi.advanceTimersByTime(600);
  const before = port.of("hello").length;
  const lost = output(2, 0, "err");
  lose(); // the traceback on stderr never arrives
  output(1, 0, "out", { before: lost + 1 });
  vi.advanceTimersByTime(ACK_LATE);
  expect(port.of("hello").length).toBe(before + 1);
  expect(port.of("ack").every((message) => "seq" in message && message.seq <= lost)).toBe(true);
});
