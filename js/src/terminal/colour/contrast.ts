// Makes text readable as it is drawn: xterm's own minimum of contrast is that of other colours where video
// is inverse, text is dim or selected, and it knows one colour for a name, whatever is behind the text.
// Knows xterm's DOM renderer; without it, xterm's minimum stays.

import type { Terminal } from "@xterm/xterm";
import { type Rgb, toHex } from "./colour";
import type { Ink, Palette } from "./palette";

/** A colour of xterm's. */
interface Colour {
  css: string;
  /** Red, green, blue and opacity, eight bits each. */
  rgba: number;
}

interface Cell {
  isBold(): number;
  isDim(): number;
  isInverse(): number;
  isBgDefault(): boolean;
  isBgPalette(): boolean;
  getBgColor(): number;
  isFgDefault(): boolean;
  isFgPalette(): boolean;
  getFgColor(): number;
  getCode(): number;
}

/** The part of xterm's renderer that decides the colours of a piece of a line. */
interface RowFactory {
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

/** Names of colours that have numbers. */
const NAMES = 16;

/** Lines, blocks and the like: they are drawn in their own colour, as parts of a picture. */
const isPicture = (code: number) =>
  (code >= 0x2500 && code <= 0x259f) || (code >= 0xe0a4 && code <= 0xe0d6);

/** The filled shapes that join one background to the next one, in the colour of the first. */
const isJoint = (code: number) => (code & 0xfff1) === 0xe0b0;

/** Choose the colours of a terminal's text by how they are drawn. It must be open. */
export function drawReadably(terminal: Terminal, palette: () => Palette | undefined): void {
  const internals = terminal as unknown as Internals;
  const factory = internals._core?._renderService?._renderer?.value?._rowFactory;
  if (!factory?._applyMinimumContrast) return;
  const original = factory._applyMinimumContrast.bind(factory);
  factory._applyMinimumContrast = (element, background, foreground, cell, over, overInk) => {
    const colours = palette();
    if (!colours) return original(element, background, foreground, cell, over, overInk);
    const inverse = Boolean(cell.isInverse());
    // For dim text xterm gives the background itself here, half transparent.
    const marked = over !== undefined && (over.rgba & 255) === 255; // selected, or found
    let paper = rgb(background);
    const other =
      !marked && !inverse && cell.isBgPalette() ? colours.papers[cell.getBgColor()] : undefined;
    if (other) {
      paper = other;
      element.style.backgroundColor = toHex(other);
    }
    let ink: Ink = rgb(foreground);
    let drawn: Rgb = ink;
    if (overInk) ink = drawn = rgb(overInk);
    else if (inverse ? cell.isBgDefault() : cell.isFgDefault()) {
      ink = inverse ? colours.paper : undefined;
      drawn = inverse ? colours.paper : drawn;
    } else if (inverse ? cell.isBgPalette() : cell.isFgPalette()) {
      let number = inverse ? cell.getBgColor() : cell.getFgColor();
      if (cell.isBold() && number < 8) number += 8;
      if (number < NAMES) ink = number;
      const joint = isJoint(cell.getCode()) && !inverse ? colours.papers[number] : undefined;
      if (joint) return coloured(element, joint);
    }
    if (isPicture(cell.getCode())) {
      return original(element, background, foreground, cell, over, overInk);
    }
    const dim = Boolean(cell.isDim());
    const found = colours.inkOn(ink, paper, dim);
    if (!dim && found.every((part, n) => part === drawn[n])) return false; // xterm sets it
    return coloured(element, found);
  };
}

function coloured(element: HTMLElement, ink: Rgb): true {
  element.style.color = toHex(ink);
  return true;
}

const rgb = ({ rgba }: Colour): Rgb => [
  (rgba >>> 24) & 255,
  (rgba >>> 16) & 255,
  (rgba >>> 8) & 255,
];
