import { expect, test } from "vitest";
import type { Stream } from "../../messages";
import { readLine } from "../log-line";
import { readFilter } from "./filter";

const JSON_LINE =
  '{"level":"warn","msg":"Slow query","ms":120,"user":{"name":"ann"},"path":"/a b"}';
const entry = (text: string, stream: Stream = 1) => ({
  text,
  line: readLine(text.replace(/\n.*/s, "")),
  stream,
});

test.each([
  ["", JSON_LINE, true],
  ["slow", JSON_LINE, true],
  ["slow missing", JSON_LINE, false],
  ['"slow query"', JSON_LINE, true],
  ['"query slow"', JSON_LINE, false],
  ["-slow", JSON_LINE, false],
  ["-fast slow", JSON_LINE, true],
  ["/Slow\\s\\w+/", JSON_LINE, true],
  ["/slow/", JSON_LINE, false],
  ["/slow/i", JSON_LINE, true],
  ["-/slow/i", JSON_LINE, false],
  ["level>=warn", JSON_LINE, true],
  ["level>warn", JSON_LINE, false],
  ["level>=error", JSON_LINE, false],
  ["level=warning", JSON_LINE, true],
  ["level!=warn", JSON_LINE, false],
  ["level<=info", JSON_LINE, false],
  ["ms=120", JSON_LINE, true],
  ["ms>100", JSON_LINE, true],
  ["ms>1000", JSON_LINE, false],
  ["user.name=ANN", JSON_LINE, true],
  ['path="/a b"', JSON_LINE, true],
  ["path=/a", JSON_LINE, false],
  ["-path=/a", JSON_LINE, true],
  ["none=1", JSON_LINE, false],
  ["none!=1", JSON_LINE, true],
  ["level>=warn", "10:00 ERROR bad", true],
  ["level>=warn", "10:00 INFO good", false],
  ["level>=warn", "nothing said", false],
  // A crash is an error, also where it follows a line that is none.
  ["level>=error", "Traceback (most recent call last):\n  x\nValueError: no", true],
  ["level>=error", `${JSON_LINE}\nTraceback (most recent call last):\n  x`, true],
  ["level=warn", `${JSON_LINE}\nTraceback (most recent call last):\n  x`, true],
  ["level=fatal", `${JSON_LINE}\nTraceback (most recent call last):\n  x`, false],
  ["level>=error", "TypeError: no\n    at f (/a.js:10:2)", true],
  ["level>=error", "java.lang.Error: no\n\tat a.B.c(B.java:1)", true],
  ["level>=error", "panic: no", true],
  ["level>=error", "thread 'main' panicked at a.rs:4:5:", true],
  ["level!=error", "panic: no", false],
  ["level>=error", "WARN odd\nTraceback (most recent call last):\n  x", false],
  ["level>=error", "we meet at noon", false],
  ["level=odd", '{"level":"odd","msg":"x"}', true],
  ["level>=35", '{"level":36,"msg":"x"}', true],
  ["timeout=3", "retry with timeout=3 please", true],
  ["x=1", "x=2", false],
])("%s of %s: %s", (typed, line, matches) => {
  expect(readFilter(typed).matches(entry(line))).toBe(matches);
});

test("an expression that is none says why, and lets everything through", () => {
  const filter = readFilter("/(/");
  expect(filter.error).toMatch(/^not a regular expression: .*\(/);
  expect([filter.empty, filter.matches(entry("x"))]).toEqual([true, true]);
});

test("a level that does not exist is named, with those that do", () => {
  expect(readFilter("level>=oops").error).toBe(
    "no such level: use one of debug, info, warn, error, fatal",
  );
});

test("a filter knows whether it has anything to ask", () => {
  expect(readFilter("  ").empty).toBe(true);
  expect(readFilter("a").empty).toBe(false);
});

test.each<[string, Stream, boolean]>([
  ["stream:stderr", 2, true],
  ["stream:stderr", 1, false],
  ["stream:OUT", 1, true],
  ["-stream:err", 2, false],
  ['"stream:stderr"', 2, false],
  ["stream:stderr around:2", 2, true],
])("%s of a line of stream %i: %s", (typed, stream, matches) => {
  expect(readFilter(typed).matches(entry("x", stream))).toBe(matches);
});

test("a stream that does not exist is named, with those that do", () => {
  expect(readFilter("stream:log").error).toBe("no such stream: use stdout or stderr");
});

test("how many lines to keep around a match is no term", () => {
  const { around, empty, matches } = readFilter("around:3 bad");
  expect([around, empty, matches(entry("bad")), matches(entry("x"))]).toEqual([
    3,
    false,
    true,
    false,
  ]);
  expect(readFilter("around:3").empty).toBe(true);
  expect(readFilter("around:101").error).toBe("around: how many lines? up to 100");
  expect(readFilter("around:x").around).toBe(0);
  expect(readFilter('-around:3 "around:4"').around).toBe(0);
});

test("an expression that could take forever is refused, and lets everything through", () => {
  const filter = readFilter("/(y+)+/ a");
  expect(filter.error).toMatch(/^could take forever: /);
  expect([filter.empty, filter.matches(entry("x"))]).toEqual([true, true]);
  expect(readFilter("/(y+,)+/i").error).toBe("");
});

/** A clock that goes on by so many milliseconds each time it is asked. */
function clock(step: number): () => number {
  let at = 0;
  return () => {
    at += step;
    return at;
  };
}

test("an expression that is slow on these lines is given up", () => {
  const slow = readFilter("-/x/ /y/", clock(101));
  const shown = Array.from({ length: 8 }, () => slow.matches(entry("z")));
  expect(shown).toEqual([...Array(5).fill(false), ...Array(3).fill(true)]);
  expect(slow.error).toMatch(/^too slow: /);
  expect(slow.empty).toBe(true);
});

test("one that is quick is kept, however many lines there are and with a pause now and then", () => {
  let at = 0;
  let asked = 0;
  const now = () => {
    asked += 1;
    at += asked % 4000 ? 0.5 : 900;
    return at;
  };
  const filter = readFilter("/y/", now);
  for (let n = 0; n < 9000; n += 1) filter.matches(entry("z"));
  expect([filter.error, filter.matches(entry("z"))]).toEqual(["", false]);
});

test("an expression looks at the beginning of each line that is long", () => {
  const { matches } = readFilter("/end/");
  expect(matches(entry(`${"x".repeat(1990)} end`))).toBe(true);
  expect(matches(entry(`${"x".repeat(2000)} end`))).toBe(false);
  expect(matches(entry(`${"x".repeat(9000)}\n  ${"y".repeat(900)} end`))).toBe(true);
  expect(readFilter("end").matches(entry(`${"x".repeat(9000)} end`))).toBe(true);
});
