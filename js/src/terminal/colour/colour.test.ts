import { expect, test } from "vitest";
import { contrast, fromHex, over, parse, READABLE, type Rgb, readable, toHex } from "./colour";

const STEPS = [0, 64, 128, 191, 255];
const COLOURS: Rgb[] = STEPS.flatMap((r) => STEPS.flatMap((g) => STEPS.map((b): Rgb => [r, g, b])));

test("every ink can be read on every paper", () => {
  const unreadable = COLOURS.flatMap((paper) =>
    COLOURS.filter((ink) => contrast(readable(ink, paper), paper) < READABLE),
  );
  expect(unreadable).toEqual([]);
});

test("what can be read stays as it is", () => {
  const ink: Rgb = [36, 41, 47];
  expect(readable(ink, [250, 250, 250])).toBe(ink);
});

test("an ink moves no further than it must", () => {
  const paper: Rgb = [255, 255, 255];
  const found = readable([255, 0, 0], paper);
  expect(contrast(found, paper)).toBeLessThan(READABLE + 0.5);
  expect(found[0]).toBeGreaterThan(200); // it is still red
});

test("where no colour has the contrast, it is black or white", () => {
  expect(readable([200, 100, 50], [112, 112, 112], 7)).toEqual([255, 255, 255]);
  expect(readable([200, 100, 50], [130, 130, 130], 7)).toEqual([0, 0, 0]);
});

test.each([
  ["rgb(1, 2, 3)", { rgb: [1, 2, 3], alpha: 1 }],
  ["rgba(0, 0, 0, 0.87)", { rgb: [0, 0, 0], alpha: 0.87 }],
  ["color(srgb 1 0.2 0 / 0.5)", { rgb: [255, 51, 0], alpha: 0.5 }],
  ["color(srgb 1.2 -0.1 none)", { rgb: [255, 0, 0], alpha: 1 }],
])("reads %s", (text, paint) => expect(parse(text)).toEqual(paint));

test.each(["", "red", "oklch(0.5 0.1 20)", "color(display-p3 1 0 0)", "rgb(1, 2)"])(
  "does not guess what %o is",
  (text) => expect(parse(text)).toBeUndefined(),
);

test("what is half transparent lets the paper through", () => {
  expect(over({ rgb: [0, 0, 0], alpha: 0.5 }, [255, 255, 255])).toEqual([128, 128, 128]);
});

test("a colour as six digits and back", () => {
  expect(toHex(fromHex("#0a1b2c"))).toBe("#0a1b2c");
});
