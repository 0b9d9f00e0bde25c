import { describe, expect, test } from "vitest";
import examples from "../../../../tests/vectors/colours.json";
import { contrast, ENHANCED, READABLE, type Rgb } from "./colour";
import { Palette } from "./palette";

const PAGES: Record<string, [paper: Rgb, ink: Rgb]> = {
  light: [
    [255, 255, 255],
    [31, 35, 40],
  ],
  dark: [
    [17, 17, 17],
    [255, 255, 255],
  ],
  "light grey": [
    [192, 192, 192],
    [60, 60, 60],
  ],
  "middle grey": [
    [128, 128, 128],
    [240, 240, 240],
  ],
  blue: [
    [0, 43, 54],
    [131, 148, 150],
  ],
};
const INKS = [...Array(16).keys(), undefined];

describe.each(Object.entries(PAGES))("on a page that is %s", (_, [paper, ink]) => {
  const palette = new Palette(paper, ink);

  test("all names can be read", () => {
    const bad = palette.inks.filter((colour) => contrast(colour, paper) < READABLE);
    expect(bad).toEqual([]);
    expect(contrast(palette.ink, paper)).toBeGreaterThanOrEqual(READABLE);
  });

  test("all names can be read on all names, dim ones too", () => {
    const papers = [...palette.papers, ...palette.inks, palette.ink, paper];
    const bad = papers.flatMap((behind) =>
      INKS.flatMap((name) =>
        [false, true].filter(
          (dim) => contrast(palette.inkOn(name, behind, dim), behind) < READABLE,
        ),
      ),
    );
    expect(bad).toEqual([]);
  });

  test("the user who needs more contrast has more", () => {
    const more = new Palette(paper, ink, ENHANCED);
    const most = Math.max(contrast([0, 0, 0], paper), contrast([255, 255, 255], paper));
    const least = Math.min(...[more.ink, ...more.inks].map((colour) => contrast(colour, paper)));
    expect(least).toBeGreaterThanOrEqual(Math.min(ENHANCED, most) - 0.01);
    const pairs = more.papers.flatMap((behind) =>
      INKS.map((name) => contrast(more.inkOn(name, behind), behind)),
    );
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(ENHANCED);
  });
});

test("white on red is white, on a light page too", () => {
  const palette = new Palette([255, 255, 255], [0, 0, 0]);
  expect(Math.min(...palette.inkOn(7, palette.papers[1] as Rgb))).toBeGreaterThan(200);
  expect(Math.max(...palette.inkOn(7, palette.paper))).toBeLessThan(120);
});

test("black on yellow is black, on a dark page too", () => {
  const palette = new Palette([17, 17, 17], [255, 255, 255]);
  expect(Math.max(...palette.inkOn(0, palette.papers[3] as Rgb))).toBeLessThan(60);
});

test("what programs print in a thousand colours does not fill the memory", () => {
  const palette = new Palette([255, 255, 255], [0, 0, 0]);
  const ink = (n: number): Rgb => [n & 255, (n >> 8) & 255, 0];
  for (let n = 0; n < 20_000; n += 1) palette.inkOn(ink(n), [255, 255, 255]);
  const found = palette.inkOn([255, 0, 0], [255, 255, 255]);
  expect(palette.inkOn([255, 0, 0], [255, 255, 255])).toBe(found);
});

test("saved output has the same inks", () => {
  const palette = new Palette([1, 2, 3], [200, 200, 200]); // no example's paper
  for (const { ink, paper, dim, drawn } of examples) {
    const asked = Array.isArray(ink) ? (ink as unknown as Rgb) : (ink ?? undefined);
    expect(palette.inkOn(asked, paper as unknown as Rgb, dim)).toEqual(drawn);
  }
});
