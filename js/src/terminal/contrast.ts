// Makes text readable as it is drawn: the contrast of xterm's own minimum is that of other colours where
// video is inverse or text is dim. Knows xterm's DOM renderer; without it, xterm's minimum stays.
//
// `readable` is the same as in hyper_jupyter/recording/screen/style.py, for saved output.

import type { Terminal } from "@xterm/xterm";

/** The contrast that WCAG requires for text. */
export const READABLE = 4.5;

export type Rgb = readonly [number, number, number];

/** A colour of xterm's. */
interface Colour {
  css: string;
  /** Red, green, blue and opacity, eight bits each. */
  rgba: number;
}

interface Cell {
  isInverse(): number;
  isDim(): number;
  isBgDefault(): boolean;
  isBgPalette(): boolean;
  getBgColor(): number;
  getCode(): number;
}

/** The part of xterm's renderer that decides the colours of a piece of a line. */
interface RowFactory {
  _themeService: { colors: { background: Colour } };
  _applyMinimumContrast(
    element: HTMLElement,
    background: Colour,
    foreground: Colour,
    cell: Cell,
    backgroundOverride?: Colour,
    foregroundOverride?: Colour,
  ): boolean;
}

interface Internals {
  _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: RowFactory } } } };
}

/** Lines, blocks and the like: they are drawn in their own colour, as parts of a picture. */
const isPicture = (code: number) =>
  (code >= 0x2500 && code <= 0x259f) || (code >= 0xe0a4 && code <= 0xe0d6);

/**
 * Choose the colours of a terminal's text by how they are drawn. It must be open. `paper` returns another
 * colour for a background of the palette, if it has one.
 */
export function drawReadably(
  terminal: Terminal,
  paper: (index: number) => string | undefined,
): void {
  const internals = terminal as unknown as Internals;
  const factory = internals._core?._renderService?._renderer?.value?._rowFactory;
  if (!factory?._applyMinimumContrast) return;
  const original = factory._applyMinimumContrast.bind(factory);
  factory._applyMinimumContrast = (element, background, foreground, cell, over, overInk) => {
    const inverse = Boolean(cell.isInverse());
    const other = !inverse && cell.isBgPalette() ? paper(cell.getBgColor()) : undefined;
    if (other) element.style.backgroundColor = other;
    if (isPicture(cell.getCode()))
      return original(element, background, foreground, cell, over, overInk);
    const drawn = other ? parsed(other) : rgb(background);
    // For dim text xterm gives the background itself here, half transparent.
    const selected = over && over.rgba >>> 8 !== background.rgba >>> 8 ? rgb(over) : undefined;
    const page = selected ?? drawn;
    const text =
      inverse && cell.isBgDefault() ? factory._themeService.colors.background : foreground;
    const ink = overInk ? rgb(overInk) : rgb(text);
    const wanted = cell.isDim() ? mixed(ink, page, 0.5) : ink;
    const found = readable(wanted, page);
    if (!cell.isDim() && found === wanted) return false; // xterm sets it
    element.style.color = `rgb(${found.join(",")})`;
    return true;
  };
}

const rgb = ({ rgba }: Colour): Rgb => [
  (rgba >>> 24) & 255,
  (rgba >>> 16) & 255,
  (rgba >>> 8) & 255,
];

function parsed(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (n: 0 | 1 | 2) => Math.round(one[n] + (other[n] - one[n]) * share);
  return [part(0), part(1), part(2)];
}

/** Return the ink, moved towards black or white until it can be read on the paper. */
export function readable(ink: Rgb, paper: Rgb): Rgb {
  if (contrast(ink, paper) >= READABLE) return ink;
  const target: Rgb = luminance(paper) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  let found = ink;
  for (let step = 1; step <= 10 && contrast(found, paper) < READABLE; step += 1) {
    found = mixed(ink, target, step / 10);
  }
  return found;
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
