import { expect, test } from "vitest";
import { findErrors, isError } from "./errors";

test.each([
  ['{"level":"error","msg":"x"}', true],
  ['{"level":"info","msg":"error: x"}', false],
  ["time=1 level=fatal msg=x", true],
  ["2026-11-28T10:00:00.410 ERROR it failed retry=true", true],
  ["2026-11-28T10:00:00.410 WARN  error: it may fail", false],
  ["10:00 CRITICAL no disk", true],
  ["Traceback (most recent call last):", true],
  ["panic: runtime error: index out of range", true],
  ["thread 'main' panicked at a.rs:4:5:", true],
  ["sh: 1: error: no", true],
  ["fatal: not a git repository", true],
  ["a.c:3:5: error: expected ';'", true],
  ["2026/11/30 10:00:00 [error] 7#7: *1 open() failed", true],
  ["error[E0382]: borrow of moved value", true],
  ["TypeError: x is not a function", true],
  ["java.io.IOException: no", true],
  ["System.IO.FileNotFoundException: no", true],
  ["Uncaught (in promise) Error: no", true],
  ["npm ERR! code ELIFECYCLE", true],
  ["E: Unable to locate package x", true],
  ["0 errors, 3 warnings", false],
  ["no error", false],
  ["errors: 0", false],
  ["GET /error/404 200", false],
  ["the terror: a film", false],
  ["listening", false],
  ["", false],
])("%s: %s", (text, error) => {
  expect(isError(text)).toBe(error);
});

test("lines that belong together are one error, at the first that is one", () => {
  const lines = [
    "INFO up",
    "Traceback (most recent call last):",
    '  File "a.py", line 3',
    "OSError: no space left",
    "ERROR it failed",
    "java.lang.IllegalStateException: no",
    "\tat a.B.c(B.java:1)",
    "Caused by: java.io.IOException: x",
    "next",
    "ERROR again",
  ];
  expect(findErrors(lines, "")).toEqual([1, 4, 9]);
});

test("the streams of a merged pane do not mix, and marks are no lines", () => {
  const lines = [
    "▌ Traceback (most recent call last):",
    "  ERROR of stdout",
    '▌   File "a.py", line 3',
    "— error: the container ended —",
    "▌ OSError: no space left",
    "  up",
  ];
  expect(findErrors(lines, "mark")).toEqual([0, 1]);
  expect(findErrors(["10:11:12.001 ▌ error: x", "+1.000 s   fatal: y"], "mark")).toEqual([0, 1]);
});

test("a flood of long lines takes time in proportion to its length", () => {
  const lines = Array.from({ length: 2000 }, () => "e ".repeat(5000));
  expect(findErrors(lines, "")).toEqual([]);
  for (const text of ["error".repeat(9000), "[".repeat(50_000), "a.".repeat(50_000)]) isError(text);
});

test("behind a time alone an indented line goes on with the one before it", () => {
  const lines = [
    "Traceback (most recent call last):",
    '  File "a.py", line 1',
    "ValueError: x",
    "ok",
  ];
  const timed = lines.map((line) => `10:11:12.001 ${line}`);
  expect(findErrors(timed, "time")).toEqual(findErrors(lines, ""));
  expect(findErrors(timed, "time")).not.toEqual(findErrors(timed, "mark"));
});
