import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bench, markAt, STATUS } from "./session-bench";
import { HISTORY } from "./stream-record";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("each stream reaches its own sink", () => {
  const { output, attach } = bench();
  const [out, err] = [attach(1), attach(2)];
  output(1, 0, "one");
  output(2, 0, "two");
  output(1, 3, "three");
  expect(out.events).toEqual(["one", "three"]);
  expect(err.events).toEqual(["two"]);
});

test("messages for another page are ignored", () => {
  const { output, attach } = bench();
  const sink = attach(1);
  output(1, 0, "one", { page: "another" });
  expect(sink.events).toEqual([]);
});

test("bytes that came before are not shown again", () => {
  const { output, attach } = bench();
  const sink = attach(1);
  output(1, 0, "abc");
  output(1, 0, "abc");
  output(1, 1, "bcdef");
  expect(sink.events).toEqual(["abc", "def"]);
});

test("a gap that the kernel announced becomes a mark", () => {
  const { port, model, output, attach } = bench();
  const sink = attach(1);
  output(1, 0, "abc");
  output(1, 10, "klm", { skipped: 7, lost: 2 });
  expect(sink.events).toEqual(["abc", "skip 7 before 10 lost 2", "klm"]);
  expect(model.skipped(1)).toBe(7);
  expect(port.of("hello")).toEqual([]);
});

test("a gap that was not announced is asked for again and not shown", () => {
  const { port, model, output, attach } = bench();
  const sink = attach(1);
  model.hello();
  output(1, 0, "abc");
  vi.advanceTimersByTime(1000);
  output(1, 6, "ghi");
  expect(sink.events).toEqual(["abc"]);
  expect(port.of("hello").at(-1)).toMatchObject({ have: { "1": 3, "2": 0 } });
});

test("a lost message is asked for once, not for every message after it", () => {
  const { port, model, output, welcome } = bench();
  model.hello();
  welcome();
  vi.advanceTimersByTime(1000);
  output(1, 6, "ghi");
  output(1, 9, "jkl");
  expect(port.of("hello").length).toBe(2);
});

test("an empty output that is ahead of the page reveals a loss", () => {
  const { port, output } = bench();
  output(1, 0, "abc");
  output(1, 9, "");
  expect(port.of("hello")).toMatchObject([{ have: { "1": 3 } }]);
});

test("what is for all unanswered pages is shown until this one is answered", () => {
  const { port, model, output, welcome, attach } = bench();
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

test("a late view gets a mark for what the page no longer keeps", () => {
  const { output, attach } = bench();
  output(1, 0, "a".repeat(HISTORY));
  output(1, HISTORY, "bc");
  expect(attach(1).events).toEqual([`skip ${HISTORY} before ${HISTORY} lost 0`, "replay bc"]);
});

test("only the first view of a stream answers queries", () => {
  const { model, attach } = bench();
  const [first, second] = [attach(1), attach(1)];
  expect(model.answers(1, first)).toBe(true);
  expect(model.answers(1, second)).toBe(false);
});

test("marks come with an output, and the page says which it has", () => {
  const { port, model, output, attach } = bench();
  const [out, err] = [attach(1), attach(2)];
  output(1, 0, "abc", { marks: [markAt(1, 2, 0), markAt(2, 3, 0)] });
  output(2, 0, "", { marks: [markAt(2, 3, 0)] });
  expect(out.events).toEqual(["ab", "mark 1", "c", "mark 2"]);
  expect(err.events).toEqual(["mark 1", "mark 2"]);
  model.hello();
  expect(port.of("hello").at(-1)).toMatchObject({ marks: 2 });
});

test("marks of an output that was not taken come again", () => {
  const { port, model, output, lose, attach } = bench();
  const sink = attach(1);
  model.hello();
  output(1, 0, "abc");
  lose();
  vi.advanceTimersByTime(1000);
  output(1, 6, "ghi", { marks: [markAt(1, 5)] });
  expect(sink.events).toEqual(["abc"]);
  expect(port.of("hello").at(-1)).toMatchObject({ marks: 0 });
});

test("views learn of a stream's first output at once, and of more once it is drawn", () => {
  const { model, output, welcome, attach } = bench();
  const view = attach(1);
  model.hello();
  welcome();
  const seen: number[] = [];
  model.onChange(() => seen.push(view.events.length));
  output(1, 0, "a");
  expect(seen).toEqual([1]);
  output(1, 1, "b");
  output(1, 2, "c");
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([1, 3]);
  output(2, 0, "d");
  expect(seen).toEqual([1, 3, 3]);
  output(1, 3, "e");
  model.status = { ...STATUS, revision: 1 };
  expect(seen).toEqual([1, 3, 3, 4]); // with the status, and not again
  vi.advanceTimersByTime(50);
  expect(seen).toEqual([1, 3, 3, 4]);
});
