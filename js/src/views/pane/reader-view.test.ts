import { expect, test } from "vitest";
import { rangeText } from "./reader-view";

test("a page of the transcript says which bytes of how many it has", () => {
  expect(rangeText(65_536, 131_000, { start: 0, end: 1_234_567 })).toBe(
    "bytes 65,536 to 131,000 of 1,234,567",
  );
});

test("it says how many bytes are not kept", () => {
  expect(rangeText(5000, 6000, { start: 5000, end: 6000 })).toBe(
    "bytes 5,000 to 6,000 of 6,000; the first 5,000 are no longer kept",
  );
});
