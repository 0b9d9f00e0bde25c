import { expect, test } from "vitest";
import { entryByArrow, entryByLetter } from "./menu-keys";

test.each([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 0, 1],
  ["ArrowDown", 2, 0],
  ["ArrowUp", 0, 2],
  ["ArrowUp", 2, 1],
  ["Home", 2, 0],
  ["End", 0, 2],
  ["Enter", 0, undefined],
  ["constructor", 0, undefined],
])("of three entries %s leads from %d to %s", (key, at, to) => {
  expect(entryByArrow(key, at, 3)).toBe(to);
});

const SIGNALS = ["HUP", "INT", "USR1", "USR2", "TERM"];

test("a letter leads to the next entry that starts with it, and round at the end", () => {
  expect(entryByLetter("u", 0, SIGNALS)).toBe(2);
  expect(entryByLetter("u", 2, SIGNALS)).toBe(3);
  expect(entryByLetter("U", 3, SIGNALS)).toBe(2);
  expect(entryByLetter("t", -1, SIGNALS)).toBe(4);
});

test("a letter that only one entry starts with stays there, one that none does leads nowhere", () => {
  expect(entryByLetter("h", 0, SIGNALS)).toBe(0);
  expect(entryByLetter("x", 0, SIGNALS)).toBeUndefined();
});
