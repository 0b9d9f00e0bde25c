// A terminal that is open before it is needed. To open one, xterm.js measures characters, each with a
// layout of the page, for which a first line would wait. A spare one has done that out of sight, while
// the page had nothing to do, and only moves to where it is needed. DOM, no Jupyter.

import { type ITerminalInitOnlyOptions, type ITerminalOptions, Terminal } from "@xterm/xterm";
import { READABLE } from "./colour/colour";
import { type Look, readLook } from "./theme";

type Options = ITerminalOptions & ITerminalInitOnlyOptions;

/** The size of the first one. */
const COLUMNS = 80;
const ROWS = 14;
/** Columns at most: a pane whose lines do not wrap has more, and the next one may wrap. */
const MOST_COLUMNS = 300;
/** Milliseconds to wait in a browser that does not say when it has nothing to do. */
const LATER = 1000;

let place: HTMLElement | undefined;
let spare: Terminal | undefined;
/** Whether one is being made, or could not be made. Like its place, it stays as long as the page. */
let asked = false;
/** The last one that was taken, what it was at first, and how it looks: the next one will be like it. */
let last: { terminal: WeakRef<Terminal>; options: Options } | undefined;
let lastLook: Look | undefined;

export function makeTerminal(options: Options): Terminal {
  return new Terminal({
    allowProposedApi: true, // for the widths of characters, and for the search, which marks matches
    linkHandler: { activate: () => {} }, // `Hyperlinks` fills it
    logLevel: "off",
    minimumContrastRatio: READABLE,
    ...options,
  });
}

/** Return the spare terminal, which is open, or a new one, which is not. */
export function takeTerminal(options: Options): Terminal {
  const terminal = spare ?? makeTerminal(options);
  if (spare) {
    const { rows = ROWS, ...others } = options;
    spare = undefined;
    Object.assign(terminal.options, others);
    if (rows !== terminal.rows) terminal.resize(terminal.cols, rows);
  }
  last = { terminal: new WeakRef(terminal), options };
  return terminal;
}

/**
 * Make a spare terminal, which stays until a pane takes it, once the page has nothing else to do. It may
 * be called as often as needed.
 */
export function prepareTerminal(): void {
  if (asked) return;
  asked = true;
  const whenIdle =
    globalThis.requestIdleCallback ?? ((call: () => void) => setTimeout(call, LATER));
  whenIdle(() => {
    spare ??= makeSpare();
    asked = false; // not where that fails: it would fail again
  });
}

function makeSpare(): Terminal {
  place ??= makePlace();
  const cols = Math.min(last?.terminal.deref()?.cols ?? COLUMNS, MOST_COLUMNS);
  const terminal = makeTerminal({ rows: ROWS, ...last?.options, cols });
  giveLook(terminal, lastLook ?? readLook(place));
  terminal.open(place);
  return terminal;
}

/**
 * A place that nobody sees. What is in it is in a closed shadow root, where nothing that searches the document
 * finds it. It lies in the window: where an element is out of sight, xterm draws nothing.
 */
function makePlace(): HTMLElement {
  const host = document.createElement("div");
  host.inert = true;
  host.style.cssText =
    "position:fixed;top:0;left:0;width:9px;height:9px;visibility:hidden;contain:strict;z-index:-1";
  document.body.append(host);
  const inside = document.createElement("div");
  const style = document.createElement("style");
  // What xterm's style sheet has that decides how large characters are.
  style.textContent = "*{position:absolute;font-feature-settings:'liga' 0;line-height:normal}";
  host.attachShadow({ mode: "closed" }).append(style, inside);
  return inside;
}

/**
 * Give it colours and a font. xterm compares options as they are: for another object with the same colours it
 * would write its style sheets anew.
 */
export function giveLook({ options }: Terminal, look: Look): void {
  lastLook = look;
  options.minimumContrastRatio = look.contrast;
  if (JSON.stringify(options.theme) !== JSON.stringify(look.theme)) options.theme = look.theme;
  options.fontFamily = look.fontFamily;
  options.fontSize = look.fontSize;
}
