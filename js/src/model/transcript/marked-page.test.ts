import { expect, test } from "vitest";
import type { Mark } from "../messages";
import { withMarks } from "./marked-page";

function mark(text: string, out: number, kind: Mark["kind"] = "note"): Mark {
  return { number: 1, kind, text, time: 0, position: out, offsets: { "1": out, "2": 0 } };
}

function shown(text: string, offset: number, end: number, ...marks: Mark[]): string[] {
  const parts = withMarks(new TextEncoder().encode(text), offset, { marks, end }, 1);
  return parts.map((part) => (typeof part === "string" ? part : `(${part.text})`));
}

test("marks are where they were set, those of other pages are left out", () => {
  const marks = [mark("before", 9), mark("first", 10), mark("mid", 12), mark("last", 14)];
  expect(shown("abcd", 10, 14, ...marks)).toEqual(["(first)", "ab", "(mid)", "cd", "(last)"]);
  expect(shown("abcd", 10, 99, ...marks)).toEqual(["(first)", "ab", "(mid)", "cd"]);
});

test("a mark waits for the end of a control sequence, and cuts no character", () => {
  expect(shown("a\x1b[31mb", 0, 9, mark("m", 3))).toEqual(["a\x1b[", "31m", "(m)", "b"]);
  expect(shown("a\x1b[31mb", 0, 9, mark("m", 3, "gap"))).toEqual(["a\x1b[", "(m)", "31mb"]);
  expect(shown("漢b", 0, 9, mark("m", 1))).toEqual(["(m)", "漢b"]);
});

test("a kernel of an older release sends no marks", () => {
  expect(withMarks(new TextEncoder().encode("ab"), 0, { end: 2 }, 1)).toEqual(["ab"]);
});
