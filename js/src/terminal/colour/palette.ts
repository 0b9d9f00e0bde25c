// Which colours a terminal has on a page: the sixteen names as text and as backgrounds, and the ink for
// each text on each background. Pure: no DOM, no xterm.js.
//
// What a program calls "white" or "yellow" is text on a dark terminal and a background on another one. So
// a name has three colours: as text on light, as text on dark, and as a background, which may be lighter
// than the text ("black on yellow"). Which text colour it is follows from what is behind that very text.

import names from "../../../../hyper_jupyter/recording/screen/palette.json";
import { BLACK, fromHex, isDark, mixed, READABLE, type Rgb, readable, WHITE } from "./colour";

const ON_LIGHT = names.onLight.map(fromHex);
const ON_DARK = names.onDark.map(fromHex);
const PAPERS = names.papers.map(fromHex);

/** Texts without a colour of their own on backgrounds that have one. */
const PLAIN_ON_LIGHT: Rgb = [31, 35, 40];
const PLAIN_ON_DARK: Rgb = [240, 243, 246];

/** Entries of the cache at most: programs may use all of 2^48 pairs. */
const CACHED = 4096;

/** A name's number; a colour; or nothing, for text without a colour. */
export type Ink = number | Rgb | undefined;

export class Palette {
  /** The page's background and its text. */
  readonly paper: Rgb;
  readonly ink: Rgb;
  /** The names as text on the page's background. */
  readonly inks: readonly Rgb[];
  /** The names as backgrounds. */
  readonly papers: readonly Rgb[];
  #ratio: number;
  #cache = new Map<number, Rgb>();

  /** `ratio`: the contrast of text that the page's user needs. */
  constructor(paper: Rgb, ink: Rgb, ratio: number = READABLE) {
    this.paper = paper;
    this.ink = readable(ink, paper, ratio);
    this.#ratio = ratio;
    this.inks = ON_LIGHT.map((_, number) => this.inkOn(number, paper));
    this.papers =
      ratio > READABLE
        ? PAPERS.map((paper) => readable(paper, isDark(paper) ? WHITE : BLACK, ratio))
        : PAPERS;
  }

  /** Return the colour of a text on a background. `dim`: half as strong, as far as it can be read. */
  inkOn(ink: Ink, paper: Rgb, dim = false): Rgb {
    const key = (code(ink) * 2 + Number(dim)) * 0x1000000 + code(paper);
    const known = this.#cache.get(key);
    if (known) return known;
    if (this.#cache.size >= CACHED) this.#cache.clear();
    const found = this.#inkOn(ink, paper, dim);
    this.#cache.set(key, found);
    return found;
  }

  #inkOn(ink: Ink, paper: Rgb, dim: boolean): Rgb {
    if (dim) return readable(mixed(this.inkOn(ink, paper), paper, 0.5), paper, READABLE);
    return readable(this.#wanted(ink, paper), paper, this.#ratio);
  }

  #wanted(ink: Ink, paper: Rgb): Rgb {
    const dark = isDark(paper);
    if (typeof ink === "number") return (dark ? ON_DARK : ON_LIGHT)[ink] ?? this.ink;
    if (ink) return ink;
    if (code(paper) === code(this.paper)) return this.ink;
    return dark ? PLAIN_ON_DARK : PLAIN_ON_LIGHT;
  }
}

/** Return a number for each ink. */
function code(ink: Ink): number {
  if (ink === undefined) return 0x1000000;
  if (typeof ink === "number") return 0x1000001 + ink;
  return (ink[0] << 16) | (ink[1] << 8) | ink[2];
}
