import { expect, test } from "vitest";
import { contrast, fromHex, mixed, type Paint, type Rgb } from "../../terminal/colour/colour";
import type { Page } from "../../terminal/colour/page";
import { coloursOf } from "./page-colours";

const TEXTS = ["--hj-ink", "--hj-quiet", "--hj-accent", "--hj-good", "--hj-warn", "--hj-bad"];

const paint = (hex: string, alpha = 1): Paint => ({ rgb: fromHex(hex), alpha });

function page(colours: Partial<Page["named"]>, more: Partial<Page> = {}): Page {
  const nothing = { paper: undefined, ink: undefined, back: undefined, text: undefined };
  const none = { quiet: undefined, edge: undefined, accent: undefined, input: undefined };
  const words = { good: undefined, warn: undefined, bad: undefined };
  return {
    paper: [255, 255, 255],
    ink: [33, 33, 33],
    ratio: 4.5,
    forced: false,
    ...more,
    named: { ...nothing, ...none, ...words, ...colours },
  };
}

/** The least contrast of our texts on a view's two backgrounds. */
function least(found: Readonly<Record<string, string>>): number {
  const colour = (name: string): Rgb => fromHex(found[name] ?? "");
  const back = colour("--hj-back");
  const soft = mixed(back, colour("--hj-ink"), 0.07);
  return Math.min(
    ...TEXTS.flatMap((name) => [back, soft].map((paper) => contrast(colour(name), paper))),
  );
}

test("colours that can be read stay the theme's", () => {
  const { dark, properties } = coloursOf(
    page({ back: paint("#ffffff"), text: paint("#000000", 0.87), bad: paint("#b3211a") }),
  );
  expect(dark).toBe(false);
  expect(properties["--hj-back"]).toBe("#ffffff");
  expect(properties["--hj-ink"]).toBe("#212121");
  expect(properties["--hj-bad"]).toBe("#b3211a");
});

test.each<[string, Partial<Page["named"]>, Rgb?]>([
  ["light", { back: paint("#ffffff"), good: paint("#4caf50"), quiet: paint("#000000", 0.38) }],
  ["sand", { back: paint("#f5efdc"), text: paint("#586e75"), quiet: paint("#839496") }],
  [
    "night",
    { back: paint("#04313c"), text: paint("#93a1a1"), quiet: paint("#657b83") },
    [0, 43, 54],
  ],
  [
    "grey",
    { back: paint("#808080"), text: paint("#909090"), warn: paint("#888888") },
    [128, 128, 128],
  ],
  ["nothing is named", {}],
])("all texts can be read: %s", (_, colours, paper = [255, 255, 255]) => {
  expect(least(coloursOf(page(colours, { paper })).properties)).toBeGreaterThanOrEqual(4.5);
});

test("a page that names nothing gives what is behind the view", () => {
  const { dark, properties } = coloursOf(page({}, { paper: [13, 17, 23], ink: [230, 237, 243] }));
  expect(dark).toBe(true);
  expect(properties["--hj-back"]).toBe("#0d1117");
  expect(least(properties)).toBeGreaterThanOrEqual(4.5);
});

test("a field's own background counts", () => {
  const { properties } = coloursOf(
    page({ back: paint("#212121"), text: paint("#8a8a8a"), input: paint("#424242") }),
  );
  expect(contrast(fromHex(properties["--hj-ink"] ?? ""), fromHex("#424242"))).toBeGreaterThan(4.5);
});

test("a field that is light in a dark theme is not", () => {
  const { properties } = coloursOf(
    page({ back: paint("#212121"), text: paint("#cccccc"), input: paint("#f0f0f0") }),
  );
  expect(properties["--hj-field"]).toBe("#212121");
  expect(properties["--hj-ink"]).toBe("#cccccc");
});

test("more contrast is 7, and edges are seen", () => {
  const colours = { back: paint("#ffffff"), edge: paint("#e0e0e0"), good: paint("#388e3c") };
  const { properties } = coloursOf(page(colours, { ratio: 7 }));
  expect(least(properties)).toBeGreaterThanOrEqual(7);
  expect(contrast(fromHex(properties["--hj-edge"] ?? ""), [255, 255, 255])).toBeGreaterThan(4.5);
});

test("text on the accent can be read", () => {
  for (const accent of ["#1976d2", "#ffee00", "#319bf2", "#00ff00"]) {
    const { properties } = coloursOf(page({ back: paint("#ffffff"), accent: paint(accent) }));
    const [ink, paper] = [properties["--hj-on-accent"], properties["--hj-accent"]];
    expect(contrast(fromHex(ink ?? ""), fromHex(paper ?? ""))).toBeGreaterThanOrEqual(4.5);
  }
});

test("the system's colours are the only ones where they are forced", () => {
  const { properties } = coloursOf(
    page({ back: paint("#ffffff") }, { forced: true, paper: [0, 0, 0], ink: [255, 255, 255] }),
  );
  expect(properties["--hj-back"]).toBe("#000000");
  expect(properties["--hj-ink"]).toBe("#ffffff");
});
