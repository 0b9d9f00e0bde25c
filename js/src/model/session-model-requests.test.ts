import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PATIENCE, RETRY } from "./request-queue";
import { bench } from "./session-bench";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("hidden input is sent, and no arrow key brings it back", () => {
  const { port, model, welcome } = bench();
  welcome(undefined, ["ls"]);
  void model.input("secret", { line: true, hidden: true });
  expect(port.of("input")).toMatchObject([{ data: "secret", line: true, hidden: true }]);
  expect(model.typed).toEqual(["ls"]);
});

test("text without a line end can be brought back, keys can not", () => {
  const { port, model } = bench();
  void model.input("y", { line: true, end: false });
  void model.input("k");
  expect(port.of("input")).toMatchObject([
    { data: "y", line: true, end: false },
    { data: "k", line: false, end: false },
  ]);
  expect(model.typed).toEqual(["y"]);
});

test("signals and attaching again are requests like others", async () => {
  const { port, model, reply } = bench();
  const [signal, again] = [model.signal("INT"), model.again(true)];
  expect(port.sent).toEqual([
    { type: "signal", page: model.page, n: 1, seen: 0, signal: "INT" },
    { type: "again", page: model.page, n: 2, seen: 0, start: true },
  ]);
  reply([1, null], [2, "it is paused"]);
  expect([await signal, await again]).toEqual([null, "it is paused"]);
  void model.follow();
  const follow = { type: "again", page: model.page, n: 3, seen: 1, start: false, follow: true };
  expect(port.sent.at(-1)).toEqual(follow);
});

test("an unanswered request goes again by the clock, ever more rarely", () => {
  const { port, model, reply } = bench();
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

test("a link is closed when a request that was sent again has no answer either", () => {
  const { port, model } = bench();
  void model.input("a");
  vi.advanceTimersByTime(RETRY);
  expect(port.closes).toBe(0);
  vi.advanceTimersByTime(2 * RETRY);
  expect(port.closes).toBe(1);
});

test("a page that is loaded again offers what was typed before", () => {
  const { model, welcome } = bench();
  welcome(undefined, ["ls", "cat"]);
  expect(model.typed).toEqual(["ls", "cat"]);
  void model.input("cat", { line: true });
  void model.input("vi", { line: true });
  void model.input("k");
  expect(model.typed).toEqual(["ls", "cat", "vi"]);
});

test("a part of the transcript goes to the call that asked for it", async () => {
  const { port, model } = bench();
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

test("requests are numbered from 1 and answered one by one", async () => {
  const { port, model, reply } = bench();
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
  const { port, model } = bench();
  port.broken = true;
  void model.input("a");
  void model.detach();
  port.broken = false;
  model.hello();
  expect(port.sent.map((message) => message.type)).toEqual(["hello", "input", "detach"]);
  expect(port.sent.slice(1)).toMatchObject([{ n: 1 }, { n: 2 }]);
});

test("queued requests are reported after PATIENCE, and when they are answered", () => {
  const { model, reply } = bench();
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

test("the next attempt to attach again is asked for as other requests are", async () => {
  const { port, model, reply } = bench();
  const answer = model.reconnect();
  expect(port.of("reconnect")).toMatchObject([{ n: 1, page: model.page }]);
  reply([1, null]);
  expect(await answer).toBeNull();
});
