import { expect, test } from "vitest";
import { Detector } from "./detector";

const LINE = '{"level":"info","msg":"x"}\n';

test.each([
  ["JSON lines", LINE.repeat(3), true],
  ["two are too few", LINE.repeat(2), false],
  ["text", "one\ntwo\nthree\nfour\n", false],
  ["a stack trace between them", `${LINE}  at a\n  at b\n  at c\n  at d\n${LINE}${LINE}`, true],
  ["half of them", `${LINE}a\n`.repeat(4), false],
])("%s", (_name, text, structured) => {
  const detector = new Detector();
  detector.look(1, text);
  expect(detector.structured).toBe(structured);
});

test.each([1, 3, 1000])("a banner of 20 lines before the log, in texts of %i lines", (size) => {
  const lines = [...Array.from({ length: 20 }, (_, n) => `banner ${n}\n`), ...Array(8).fill(LINE)];
  const detector = new Detector();
  for (let at = 0; at < lines.length; at += size) {
    expect(detector.structured).toBe(false);
    detector.look(1, lines.slice(at, at + size).join(""));
  }
  expect(detector.structured).toBe(true);
});

test("of a long text the beginning and the end are looked at", () => {
  const long = "text\n".repeat(2000);
  for (const [text, structured] of [
    [LINE.repeat(3) + long, true],
    [long + LINE.repeat(60), true],
    [long + LINE.repeat(60) + long, false],
  ] as const) {
    const detector = new Detector();
    detector.look(1, text);
    expect(detector.structured).toBe(structured);
  }
});

test("lines that are not structured change nothing once it is known", () => {
  const detector = new Detector();
  detector.look(1, LINE.repeat(3));
  detector.look(1, "text\n".repeat(50));
  expect(detector.structured).toBe(true);
});

test("the rest of a line is none", () => {
  const detector = new Detector();
  for (let n = 0; n < 4; n += 1) {
    detector.look(1, "text ");
    detector.look(1, LINE);
  }
  expect(detector.structured).toBe(false);
});
