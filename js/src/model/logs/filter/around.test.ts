import { expect, test } from "vitest";
import { aroundOf, keptAround, withAround } from "./around";

test("what was typed says how many lines to keep around a match", () => {
  const typed = ["bad around:3", "around:1 around:2", "bad", "around:x", "around:999", "-around:3"];
  expect(typed.map(aroundOf)).toEqual([3, 2, 0, 0, 100, 0]);
});

test("another number of lines around takes the place of the one before", () => {
  expect(withAround("bad", 2)).toBe("bad around:2");
  expect(withAround("around:1 bad  -x", 5)).toBe("bad  -x around:5");
  expect(withAround("bad around:5", 0)).toBe("bad");
  expect(withAround("", 2)).toBe("around:2");
});

test("lines around matches are kept, each once", () => {
  const kept = (text: string, around: number) =>
    keptAround(
      [...text].map((each) => each === "x"),
      around,
    )
      .map((each) => (each ? "k" : "."))
      .join("");
  expect(kept("..x..x....x", 0)).toBe("..k..k....k");
  expect(kept("..x..x....x", 1)).toBe(".kkkkkk..kk");
  expect(kept("x....", 2)).toBe("kkk..");
});
