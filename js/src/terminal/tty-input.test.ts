import { expect, test } from "vitest";
import { harmless, preview } from "./tty-input";

test("a paste has no characters that could not be typed", () => {
  expect(harmless("a\x1b[201~\x00b\x9b6n\tc\x7f")).toBe("a[201~b6n\tc");
});

test("every way to end a line is one", () => {
  expect(harmless("a\r\nb\rc\nd")).toBe("a\nb\nc\nd");
});

test("a long paste is shown by its first lines", () => {
  const lines = Array.from({ length: 9 }, (_, n) => `line ${n}`);
  expect(preview(["x".repeat(500), ...lines]).split("\n")).toEqual([
    `${"x".repeat(200)}…`,
    "line 0",
    "line 1",
    "line 2",
    "line 3",
    "line 4",
    "… and 4 more",
  ]);
});
