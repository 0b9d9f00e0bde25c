import { expect, test } from "vitest";
import { cutToScrollback, queuedText } from "./scrollback";

const TEN = Array.from({ length: 10 }, (_, n) => `${n}${"x".repeat(98)}\n`).join("");

function kept(texts: string[], keeps: number): string[] {
  const queue = texts.map((text) => queuedText(text, true));
  cutToScrollback(queue, keeps);
  return queue.map(({ text }) => text);
}

test("lines that are kept are left alone", () => {
  expect(kept([TEN, TEN], 20)).toEqual([TEN, TEN]);
});

test("the first text keeps its start, those after it only the lines that fit", () => {
  expect(kept([TEN, TEN, TEN], 15)).toEqual([TEN.slice(0, 300), TEN.slice(500), TEN]);
});

test("a text that is followed by enough lines is not written", () => {
  expect(kept([TEN, TEN, TEN, TEN], 20)).toEqual([TEN.slice(0, 300), "", TEN, TEN]);
});

test("what moves the cursor is written, and the count of lines before it begins again", () => {
  const moves = `${TEN}\x1b[A`;
  expect(kept([TEN, moves, TEN], 10)).toEqual([TEN, moves, TEN]);
});

test("a line in two texts is left out with both: the first that is written is one too many", () => {
  expect(kept([`${TEN}begin`, `end\n${TEN}`], 10)).toEqual([`${TEN.slice(0, 300)}begin`, TEN]);
});

test("a short text is not worth looking at", () => {
  expect(queuedText("1\n2\n3\n", true)).toEqual({ text: "1\n2\n3\n", lines: -1 });
});

test("nothing is left out where a line end is only a line end", () => {
  expect(queuedText(TEN, false).lines).toBe(-1);
});

test("what has been shortened once is shortened again", () => {
  const queue = [queuedText(TEN, true), queuedText(TEN, true)];
  cutToScrollback(queue, 15);
  queue.push(queuedText(TEN, true));
  cutToScrollback(queue, 12);
  expect(queue.map(({ text }) => text)).toEqual([TEN.slice(0, 300), TEN.slice(800), TEN]);
});

test("lines with colours are left out if each is known to leave none behind", () => {
  const text = "\x1b[31mred\x1b[0m line\n".repeat(100);
  expect(queuedText(text, true).lines).toBe(-1);
  expect(queuedText(text, true, true).lines).toBe(100);
  expect(queuedText(text, false, true).lines).toBe(-1);
});
