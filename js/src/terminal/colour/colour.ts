// Colours as numbers: mixing, and the contrast of one colour on another. Pure: no DOM, no xterm.js.
//
// `readable` gives the same as in hyper_jupyter/recording/screen/colour.py, for saved output;
// tests/vectors/colours.json has examples for both.

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

/** A colour, and how opaque it is: 0 to 1. */
export interface Paint {
  rgb: Rgb;
  alpha: number;
}

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [255, 255, 255];

/** The contrast that WCAG 2 requires for text. */
export const READABLE = 4.5;
/** The contrast of text for users who have asked for more: what WCAG 2 calls enhanced. */
export const ENHANCED = 7;

/** Steps from a colour to black or white. */
const STEPS = 32;
/** The luminance of a paper on which black and white can be read equally well. */
const MIDDLE = 0.179;

export function fromHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Read a colour as browsers write computed ones: `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)` or
 * `color(srgb 0.1 0.2 0.3 / 0.5)`. Returns undefined for anything else.
 */
export function parse(text: string): Paint | undefined {
  const [, kind, inside] = /^(rgba?|color)\((?:srgb )?([^)]*)\)$/.exec(text) ?? [];
  if (inside === undefined) return undefined;
  const numbers = inside.split(/[\s,/]+/).map((word) => (word === "none" ? 0 : Number(word)));
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN, alpha = 1] = numbers;
  const whole = kind === "color" ? 255 : 1;
  const part = (value: number) => Math.round(Math.min(255, Math.max(0, value * whole)));
  const rgb: Rgb = [part(red), part(green), part(blue)];
  return rgb.some(Number.isNaN) || Number.isNaN(alpha) ? undefined : { rgb, alpha };
}

/** Return what is seen of a paint on a paper. */
export function over({ rgb, alpha }: Paint, paper: Rgb): Rgb {
  return alpha >= 1 ? rgb : mixed(paper, rgb, alpha);
}

/** Return the colour between two, at a share of the way. */
export function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (n: 0 | 1 | 2) => Math.round(one[n] + (other[n] - one[n]) * share);
  return [part(0), part(1), part(2)];
}

/** Whether white text can be read better on it than black text. */
export function isDark(paper: Rgb): boolean {
  return luminance(paper) < MIDDLE;
}

/**
 * Return the ink, moved towards black or white until it has a contrast on a paper. Where no colour
 * has so much (on a middle grey even black has only 4.6), it is black or white.
 */
export function readable(ink: Rgb, paper: Rgb, ratio: number = READABLE): Rgb {
  return readableOnAll(ink, [paper], ratio);
}

/** Return the same for an ink that is used on several papers, all dark or all light. */
export function readableOnAll(ink: Rgb, papers: readonly Rgb[], ratio: number = READABLE): Rgb {
  const good = (found: Rgb) => papers.every((paper) => contrast(found, paper) >= ratio);
  if (good(ink)) return ink;
  const dark = papers.filter(isDark).length * 2 > papers.length;
  const target = dark ? 255 : 0;
  for (let step = 1; step < STEPS; step += 1) {
    // In whole numbers, so that Python finds the same.
    const part = (n: 0 | 1 | 2) =>
      Math.floor((ink[n] * (STEPS - step) + target * step + STEPS / 2) / STEPS);
    const found: Rgb = [part(0), part(1), part(2)];
    if (good(found)) return found;
  }
  return dark ? WHITE : BLACK;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The relative luminance, as WCAG 2 defines it. */
function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number) =>
    part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
