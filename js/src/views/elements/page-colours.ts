// Our own colours on a page: the page's, made readable where they are not. They are custom properties of a
// view's root; styles/base.css has what they are before. DOM, no Jupyter.

import {
  BLACK,
  fromHex,
  isDark,
  mixed,
  over,
  type Paint,
  READABLE,
  type Rgb,
  readable,
  readableOnAll,
  toHex,
  WHITE,
} from "../../terminal/colour/colour";
import { type Page, readPage, watchPage } from "../../terminal/colour/page";

/** As in styles/base.css: a weaker background, as a share of the ink on the other one. */
const SOFT = 0.07;
/** What is chosen has a stronger one; only strong text is on it. */
const CHOSEN = 0.14;
const EDGE = 0.2;

/** The colours that are used as text, where a page names none: on light and on dark. */
const OWN = {
  quiet: ["#59636e", "#a3abb5"],
  accent: ["#0969da", "#6cb6ff"],
  good: ["#1a7f37", "#56d364"],
  warn: ["#bc4c00", "#e3a23b"],
  bad: ["#cf222e", "#ff7b72"],
} as const;

/** Give a view's root its colours, now and whenever the page's change. Returns a function that ends this. */
export function keepColours(root: HTMLElement): () => void {
  const apply = () => {
    const { dark, properties } = coloursOf(readPage(root));
    for (const [name, value] of Object.entries(properties)) root.style.setProperty(name, value);
    root.style.colorScheme = dark ? "dark" : "light"; // for what browsers draw themselves
  };
  apply();
  // What is behind it is known once it is in the document.
  const frame = root.isConnected ? 0 : requestAnimationFrame(apply);
  const unwatch = watchPage(apply);
  return () => {
    cancelAnimationFrame(frame);
    unwatch();
  };
}

/** Return the custom properties for a page. */
export function coloursOf({ paper, ink, ratio, forced, named }: Page): {
  dark: boolean;
  properties: Readonly<Record<string, string>>;
} {
  const drawn = (paint: Paint | undefined, fallback: Rgb, on: Rgb) =>
    paint && !forced ? over(paint, on) : fallback;
  const back = drawn(named.back, paper, paper);
  const wanted = drawn(named.text, ink, back);
  const dark = isDark(back);
  const input = drawn(named.input, back, back);
  // No text can be read on a light paper and on a dark one.
  const field = isDark(input) === dark ? input : back;
  // The papers that our text is on: the view's, the weaker one of bars and buttons (at its strongest),
  // the terminal's. What is typed, and what stands for it, is in fields as well.
  const soft = mixed(back, dark ? WHITE : BLACK, SOFT);
  const papers = [back, soft, ...(isDark(paper) === dark ? [paper] : [])];
  const own = (name: keyof typeof OWN, more: Rgb[] = []) => {
    const wanted = drawn(named[name], fromHex(OWN[name][dark ? 1 : 0]), back);
    return readableOnAll(wanted, [...papers, ...more], ratio);
  };
  const chosen = mixed(back, dark ? WHITE : BLACK, CHOSEN);
  const strong = readableOnAll(wanted, [...papers, field, chosen], ratio);
  const edge = drawn(named.edge, mixed(back, strong, EDGE), back);
  const accent = own("accent");
  const properties = {
    "--hj-back": back,
    "--hj-ink": strong,
    "--hj-quiet": own("quiet", [field]),
    "--hj-field": field,
    "--hj-edge": ratio > READABLE ? readableOnAll(edge, papers, READABLE) : edge,
    "--hj-accent": accent,
    "--hj-on-accent": readable(dark ? back : WHITE, accent, ratio),
    "--hj-good": own("good"),
    "--hj-warn": own("warn"),
    "--hj-bad": own("bad"),
  };
  const hex = Object.entries(properties).map(([name, colour]) => [name, toHex(colour)]);
  return { dark, properties: Object.fromEntries(hex) };
}
