import { expect, test } from "vitest";
import { nextError } from "./pane-errors";

const line = (first: number, last = first) => ({ text: "", first, last });
const ERRORS = [line(2), line(5, 7), line(20)];

test.each([
  ["the first time it is the newest", -1, 1, 2],
  ["and that also backwards", -1, -1, 2],
  ["the next one", 2, 1, 1],
  ["the one before", 20, -1, 1],
  ["from within a line that wraps", 6, 1, 2],
  ["from a line that is no error any more, the next one", 10, 1, 2],
  ["and the one before", 10, -1, 1],
  ["beyond the last one", 20, 1, 3],
  ["beyond the first one", 2, -1, -1],
  ["from behind all, there is none after it", 30, 1, 3],
  ["but one before it", 30, -1, 2],
])("%s", (_, at, step, next) => {
  expect(nextError(ERRORS, at, step)).toBe(next);
});
