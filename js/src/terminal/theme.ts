// The terminal's colours and font, from the page around it. DOM, no Jupyter.

import type { ITheme } from "@xterm/xterm";
import { isDark, mixed, over, type Rgb, toHex } from "./colour/colour";
import { type Page, readPage, watchPage } from "./colour/page";
import { Palette } from "./colour/palette";

export interface Look {
  theme: ITheme;
  /** The colours of text, by what is behind it. */
  palette: Palette;
  /** The contrast that text has at least. */
  contrast: number;
  fontFamily: string;
  fontSize: number;
}

const MONOSPACE = "Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Read the colours and the font at an element. */
export function readLook(at: HTMLElement): Look {
  const page = readPage(at);
  const style = getComputedStyle(at);
  const variable = (name: string, fallback: string) =>
    style.getPropertyValue(name).trim() || fallback;
  const palette = new Palette(page.paper, page.ink, page.ratio);
  return {
    theme: themeOf(palette, selectionOf(page)),
    palette,
    contrast: page.ratio,
    fontFamily: variable("--jp-code-font-family", MONOSPACE),
    fontSize: Number.parseFloat(variable("--jp-code-font-size", "13px")) || 13,
  };
}

/**
 * Call back when the front end's theme or what the user's system asks for changes. Returns a function
 * that unsubscribes.
 */
export function watchTheme(changed: () => void): () => void {
  return watchPage(changed);
}

const NAMES = [
  ...["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"],
  ...["brightBlack", "brightRed", "brightGreen", "brightYellow"],
  ...["brightBlue", "brightMagenta", "brightCyan", "brightWhite"],
] as const;

function themeOf({ paper, ink, inks }: Palette, selection: Rgb): ITheme {
  const [background, foreground] = [toHex(paper), toHex(ink)];
  return {
    ...Object.fromEntries(inks.map((colour, number) => [NAMES[number], toHex(colour)])),
    background,
    foreground,
    cursor: foreground,
    cursorAccent: background,
    selectionBackground: toHex(selection),
  };
}

/** Return the background of selected text: the page's accent, as strong as the system says or weaker. */
function selectionOf({ paper, forced, named: { accent } }: Page): Rgb {
  const colour = over(accent ?? { rgb: [33, 118, 210], alpha: 1 }, paper);
  return forced ? colour : mixed(paper, colour, isDark(paper) ? 0.45 : 0.35);
}
