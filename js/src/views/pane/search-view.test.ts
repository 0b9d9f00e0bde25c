import { expect, test } from "vitest";
import { matchText } from "./search-view";

test.each([
  [0, 1, "1 of 1"],
  [10, 11, "11 of 11"],
  [-1, 3, "3"],
  [4, 999, "5 of 999+"],
  [-1, 1200, "999+"],
])("match %d of %d is called %s", (index, count, text) => {
  expect(matchText(index, count)).toBe(text);
});
