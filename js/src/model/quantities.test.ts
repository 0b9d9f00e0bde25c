import { expect, test } from "vitest";
import {
  formatBinary,
  formatBytes,
  formatDecimal,
  formatLength,
  formatPercent,
} from "./quantities";

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

test("memory and traffic are written as docker writes them", () => {
  const binary = [0, 1023, 1024, 1048575, 2_048_000, 8 * 2 ** 30].map(formatBinary);
  expect(binary).toEqual(["0B", "1023B", "1KiB", "1MiB", "1.953MiB", "8GiB"]);
  const decimal = [0, 999, 1000, 999_600, 1_052_000, 2 * 10 ** 12].map(formatDecimal);
  expect(decimal).toEqual(["0B", "999B", "1kB", "1MB", "1.05MB", "2TB"]);
  expect([formatPercent(12.345), formatPercent(0), formatPercent(null)]).toEqual([
    "12.35%",
    "0.00%",
    "--",
  ]);
});
