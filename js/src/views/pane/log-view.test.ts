import { expect, test } from "vitest";
import { overlap } from "./log-view";

test("new lines at the end keep all before them", () => {
  expect(overlap(["a", "b"], ["a", "b", "c"])).toEqual({ from: 0, count: 2 });
});

test("lines that fell off the start are recognised", () => {
  expect(overlap(["a", "b", "c"], ["b", "c", "d"])).toEqual({ from: 1, count: 2 });
});

test("a last line that changed is replaced alone", () => {
  expect(overlap(["a", "10 %"], ["a", "20 %"])).toEqual({ from: 0, count: 1 });
});

test("nothing in common is replaced as a whole", () => {
  expect(overlap(["a"], ["b"])).toEqual({ from: 1, count: 0 });
});
