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

test("a banner before the log does not matter for long", () => {
  const detector = new Detector();
  detector.look(1, "banner\n".repeat(8));
  for (let n = 0; n < 4; n += 1) detector.look(1, LINE.repeat(4));
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
