import { expect, test } from "vitest";
import { wholeLines } from "./lines";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

test("a page in the middle is cut to whole lines", () => {
  expect(text(wholeLines(bytes("ail\none\ntwo\nthr"), 100, 0, 900))).toBe("one\ntwo\n");
});

test("the ends of the stream are kept as they are", () => {
  expect(text(wholeLines(bytes("one\ntwo\nthr"), 0, 0, 900))).toBe("one\ntwo\n");
  expect(text(wholeLines(bytes("ail\ntwo\nthr"), 889, 0, 900))).toBe("two\nthr");
});

test("a page within one line is shown whole", () => {
  expect(text(wholeLines(bytes("abcdef"), 100, 0, 900))).toBe("abcdef");
  expect(text(wholeLines(bytes("abc\n"), 100, 0, 900))).toBe("abc\n");
});

test("a line longer than the page is shown, not the newline before it alone", () => {
  expect(text(wholeLines(bytes("\nabcdef"), 100, 0, 900))).toBe("abcdef");
});

test("a page that goes on where another ended loses nothing at its start", () => {
  expect(text(wholeLines(bytes("ail\none\nthr"), 100, 0, 900, { begin: true }))).toBe("ail\none\n");
});

test("a page that ends where another begins loses nothing at its end", () => {
  expect(text(wholeLines(bytes("ail\none\nthr"), 100, 0, 900, { end: true }))).toBe("one\nthr");
});
