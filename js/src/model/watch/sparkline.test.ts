import { expect, test } from "vitest";
import { linePath, memoryTop, percentTop, type Sample, spanOf } from "./sparkline";

test.each([
  [[], 1],
  [[[0, 0]], 1],
  [[[0, 1]], 1],
  [[[0, 1.01]], 2],
  [[[0, 4]], 5],
  [[[0, 5.5]], 10],
  [
    [
      [0, 100],
      [1, null],
    ],
    100,
  ],
  [[[0, 180]], 200],
] as [Sample[], number][])("percents %j are plotted up to %d", (samples, top) => {
  expect(percentTop(samples)).toBe(top);
});

test.each([
  [0, 1024],
  [1024, 1024],
  [1025, 2048],
  [3 * 2 ** 30, 2 ** 32],
])("%d bytes are plotted up to %d", (value, top) => {
  expect(memoryTop([[0, value]])).toBe(top);
});

test("the newest sample is at the right edge, and the largest value near the top", () => {
  const samples: Sample[] = [
    [40, 0],
    [45, 50],
    [50, 100],
  ];
  expect(linePath(samples, 100, 100)).toBe("M90.0 23.0L95.0 12.0L100.0 1.0");
});

test("what is older than the plot is left out, and values above its top are cut", () => {
  expect(
    linePath(
      [
        [0, 1],
        [95, 2],
        [100, 900],
      ],
      10,
      100,
    ),
  ).toBe("M50.0 22.6L100.0 1.0");
});

test("a time without readings is a gap, and a reading without a figure none", () => {
  const samples: Sample[] = [
    [0, null],
    [1, 0],
    [2, 0],
    [60, 0],
    [61, 0],
  ];
  expect(linePath(samples, 120, 1).match(/[ML]/g)?.join("")).toBe("MLML");
});

test("nothing is drawn of nothing", () => {
  expect(linePath([], 120, 1)).toBe("");
  expect(spanOf([])).toBe(120);
});

test("slow readings make a longer plot", () => {
  expect(
    spanOf([
      [0, 1],
      [600, 1],
    ]),
  ).toBe(600);
});
