import { expect, test } from "vitest";
import { formatBytes } from "../elements/dom";
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

test("byte counts have at most three digits", () => {
  expect([0, 999, 1000, 1234, 34_000, 999_600, 5_300_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "1.2 kB",
    "34 kB",
    "1.0 MB",
    "5.3 GB",
  ]);
});
