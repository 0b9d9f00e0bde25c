import { expect, test } from "vitest";
import { contrast, READABLE, type Rgb, readable } from "./contrast";

const STEPS = [0, 51, 102, 153, 204, 255];
const COLOURS: Rgb[] = STEPS.flatMap((r) => STEPS.flatMap((g) => STEPS.map((b): Rgb => [r, g, b])));

test("every ink can be read on every paper", () => {
  const unreadable = COLOURS.flatMap((paper) =>
    COLOURS.filter((ink) => contrast(readable(ink, paper), paper) < READABLE - 0.01),
  );
  expect(unreadable).toEqual([]);
});

test("what can be read stays as it is", () => {
  const ink: Rgb = [36, 41, 47];
  expect(readable(ink, [250, 250, 250])).toBe(ink);
});
