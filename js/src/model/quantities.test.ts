import { expect, test } from "vitest";
import { formatBytes, formatLength } from "./quantities";

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

test("a length of time has its two largest units", () => {
  expect([0.42, 59.4, 59.6, 185, 7800].map(formatLength)).toEqual([
    "0.4 s",
    "59 s",
    "1 min 0 s",
    "3 min 5 s",
    "2 h 10 min",
  ]);
});
