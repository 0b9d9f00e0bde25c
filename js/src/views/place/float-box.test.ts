import { expect, test } from "vitest";
import {
  besideOthers,
  firstBox,
  fitBox,
  MIN_HEIGHT,
  MIN_WIDTH,
  movedBox,
  parseBox,
  sizedBox,
} from "./float-box";

const ROOM = { width: 1000, height: 800 };
const BOX = { left: 100, top: 200, width: 400, height: 300 };

test("a box begins at the bottom right", () => {
  expect(firstBox(ROOM)).toEqual({ left: 476, top: 509, width: 500, height: 267 });
});

test.each([
  ["is where it was if it fits", BOX, BOX],
  ["comes back into the window", { ...BOX, left: -50, top: 700 }, { ...BOX, left: 0, top: 500 }],
  ["is not larger than the window", { ...BOX, width: 4000 }, { ...BOX, left: 0, width: 1000 }],
  ["is not too small", { ...BOX, width: 1, height: 1 }, { ...BOX, width: 260, height: 110 }],
])("a box %s", (_, box, expected) => {
  expect(fitBox(box, ROOM)).toEqual(expected);
});

test("a window smaller than the smallest box is filled", () => {
  expect(fitBox(BOX, { width: 200, height: 90 })).toEqual({
    left: 0,
    top: 0,
    width: 200,
    height: 90,
  });
});

test("a box is moved as far as the window goes", () => {
  expect(movedBox(BOX, 30, -40, ROOM)).toEqual({ ...BOX, left: 130, top: 160 });
  expect(movedBox(BOX, 5000, 5000, ROOM)).toEqual({ ...BOX, left: 600, top: 500 });
});

test.each([
  ["e", 50, 0, { ...BOX, width: 450 }],
  ["w", 50, 0, { ...BOX, left: 150, width: 350 }],
  ["s", 0, 20, { ...BOX, height: 320 }],
  ["n", 0, 20, { ...BOX, top: 220, height: 280 }],
  ["nw", -10, -20, { left: 90, top: 180, width: 410, height: 320 }],
  ["w", 5000, 0, { ...BOX, left: 500 - MIN_WIDTH, width: MIN_WIDTH }],
  ["n", 0, 5000, { ...BOX, top: 500 - MIN_HEIGHT, height: MIN_HEIGHT }],
  ["se", 5000, 5000, { ...BOX, width: 900, height: 600 }],
  ["w", -5000, 0, { ...BOX, left: 0, width: 500 }],
])("at the edges %s the others stay where they are", (edges, right, down, expected) => {
  expect(sizedBox(BOX, edges, right, down, ROOM)).toEqual(expected);
});

test("no box hides the title bar of another one", () => {
  const boxes = [BOX];
  for (let count = 0; count < 5; count += 1) boxes.push(besideOthers(BOX, boxes, ROOM));
  expect(new Set(boxes.map(({ left, top }) => `${left} ${top}`)).size).toBe(6);
  const corner = { ...BOX, left: 0, top: 0 };
  expect(besideOthers(corner, [corner], ROOM)).toEqual({ ...BOX, left: 600, top: 500 });
});

test.each([
  [JSON.stringify(BOX), BOX],
  [null, undefined],
  ["", undefined],
  ["null", undefined],
  ['{"left": 1}', undefined],
  ['{"left": "x", "top": 0, "width": 1, "height": 1}', undefined],
])("what the browser has kept, %s, is read", (text, expected) => {
  expect(parseBox(text)).toEqual(expected);
});
