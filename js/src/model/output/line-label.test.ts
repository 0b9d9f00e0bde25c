import { expect, test } from "vitest";
import { sayStream } from "./line-label";

test("only the mark at a line's start is put in words", () => {
  expect(sayStream("▌ 50 %|███▌   |")).toBe("stderr: 50 %|███▌   |");
  expect(sayStream("  50 %|███▌   |")).toBe("50 %|███▌   |");
  expect(sayStream("▌ 5   x")).toBe("stderr: 5   x");
  expect(sayStream("01:02:03.004   5   x")).toBe("01:02:03.004 5   x");
  expect(sayStream("2026-01-02 01:02:03.004 ▌ x")).toBe("2026-01-02 01:02:03.004 stderr: x");
  expect(sayStream("01:02:03.004 ▌ x")).toBe("01:02:03.004 stderr: x");
});
