import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Request } from "./messages";
import { PATIENCE, RETRY, RequestQueue } from "./request-queue";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function bench() {
  const sent: number[] = [];
  const calls = { changed: 0, stuck: 0 };
  const queue = new RequestQueue(
    (message) => sent.push(message.n),
    () => {
      calls.changed += 1;
    },
    () => {
      calls.stuck += 1;
    },
  );
  const ask = () => queue.ask((n): Request => ({ type: "eof", page: "page", n, seen: 0 }));
  return { queue, sent, calls, ask };
}

test("requests are numbered from 1, and each gets its own answer", async () => {
  const { queue, sent, ask } = bench();
  const [first, second] = [ask(), ask()];
  queue.answer(2, "no");
  queue.answer(1, null);
  expect([sent, await first, await second]).toEqual([[1, 2], null, "no"]);
});

test("an answer that comes twice, or to no request, is ignored", async () => {
  const { queue, ask } = bench();
  const answer = ask();
  queue.answer(7, "no such request");
  queue.answer(1, null);
  queue.answer(1, "again");
  expect(await answer).toBeNull();
});

test("requests are overdue as soon as the oldest one has waited for PATIENCE", () => {
  const { queue, calls, ask } = bench();
  void ask();
  vi.advanceTimersByTime(PATIENCE - 1);
  void ask();
  expect([queue.overdue, calls.changed]).toEqual([0, 0]);
  vi.advanceTimersByTime(1);
  expect([queue.overdue, calls.changed]).toEqual([2, 1]);
  queue.answer(1, null);
  expect(queue.overdue).toBe(0);
});

test("requests are sent again, the oldest first and not all of them at a time", () => {
  const { queue, sent, ask } = bench();
  for (let n = 0; n < 40; n += 1) void ask();
  sent.length = 0;
  vi.advanceTimersByTime(RETRY);
  expect(sent).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
  sent.length = 0;
  queue.again();
  expect(sent).toHaveLength(40);
});

test("the pauses double up to half a minute, and an answer makes them short again", () => {
  const { queue, sent, ask } = bench();
  void ask();
  void ask();
  const times: number[] = [];
  const begin = Date.now();
  for (let second = 0; second < 125; second += 1) {
    sent.length = 0;
    vi.advanceTimersByTime(1000);
    if (sent.length) times.push((Date.now() - begin) / 1000);
  }
  expect(times).toEqual([2, 6, 14, 30, 60, 90, 120]);
  queue.answer(1, null);
  sent.length = 0;
  vi.advanceTimersByTime(RETRY);
  expect(sent).toEqual([2]);
});

test("a queue is stuck when a request that was sent again has no answer either", () => {
  const { calls, ask } = bench();
  void ask();
  vi.advanceTimersByTime(RETRY);
  expect(calls.stuck).toBe(0);
  vi.advanceTimersByTime(2 * RETRY);
  expect(calls.stuck).toBe(1);
});

test("discarded requests get the error, and are not sent again", async () => {
  const { queue, sent, ask } = bench();
  const answers = [ask(), ask()];
  queue.discard("the kernel is gone");
  expect(await Promise.all(answers)).toEqual(["the kernel is gone", "the kernel is gone"]);
  sent.length = 0;
  queue.again();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100 * RETRY);
  expect([sent, queue.overdue]).toEqual([[], 0]);
});
