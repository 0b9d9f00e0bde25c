import { expect, test } from "vitest";
import { shareRows } from "./pane-area";

const BESIDE = { stacked: false, fills: false, fixed: false };
const BELOW = { ...BESIDE, stacked: true };

function panes(...used: number[]) {
  return used.map((each) => ({ used: each }));
}

test("panes beside each other are equally high", () => {
  expect(shareRows(9, panes(9, 1), BESIDE)).toEqual([9, 9]);
});

test("panes below each other are as high as their own output", () => {
  expect(shareRows(9, panes(9, 1), BELOW)).toEqual([9, 2]);
  expect(shareRows(14, panes(3, 200), BELOW)).toEqual([3, 14]);
});

test("a height that the user has chosen is that of both", () => {
  expect(shareRows(20, panes(9, 1), { ...BELOW, fixed: true })).toEqual([20, 20]);
});

test("panes that fill a place leave the room that they do not need to the one with the most output", () => {
  const filling = { ...BELOW, fills: true, fixed: true };
  expect(shareRows(20, panes(100, 3), filling)).toEqual([37, 3]);
  expect(shareRows(20, panes(1, 5), filling)).toEqual([2, 38]);
  expect(shareRows(20, panes(100, 100), filling)).toEqual([20, 20]);
});
