// The entries of a view's menu that are for its panes, as a pure function of their state. No DOM.

import type { Stream } from "../../model/messages";
import type { CopyForm } from "../../model/output/copied";
import { nameOf } from "../../model/output/shown";
import type { Times } from "../../model/output/times";
import type { MenuItem } from "../elements/menu-view";

const CLOCKS: readonly [Times, string][] = [
  ["clock", "Timestamps"],
  ["since", "Time since the line before"],
];
/** Links that the menu offers, and how many characters of each; the question shows all of it. */
const LINKS = 5;
const LINK = 40;

/** The state of a view's panes. */
export interface PaneState {
  tty: boolean;
  streams: readonly Stream[];
  /** What each pane shows: "stdout", "stderr"; one pane needs no name. */
  names: readonly string[];
  wrap: boolean;
  times: Times;
  /** Whether it is said between the lines for how long nothing came. */
  pauses: boolean;
  /** Whether text is selected. */
  selected: boolean;
  /** Whether structured lines are shown as fields, and long stack traces are folded. */
  structured: boolean;
  fold: boolean;
  /** Addresses in the output, the newest last. An address may be there twice. */
  links: readonly string[];
  /** Whether Esc, pressed twice, takes the focus out of a terminal. */
  escapeLeaves: boolean;
}

export interface PaneCallbacks {
  wrap(on: boolean): void;
  showTimes(times: Times): void;
  showPauses(on: boolean): void;
  showStructured(on: boolean): void;
  fold(on: boolean): void;
  /** Copy the text of the pane of that number. */
  copy(pane: number): void;
  /** Copy what is selected, or the text of all panes if nothing is, in a form. */
  copyAs(form: CopyForm): void;
  download(stream: Stream): void;
  clear(): void;
  openLink(address: string): void;
  setEscapeLeaves(on: boolean): void;
}

/** Return the entries, which call back when they are chosen. */
export function paneMenu(pane: PaneState, callbacks: PaneCallbacks): MenuItem[] {
  const { tty, wrap, times, pauses, selected, structured, fold, escapeLeaves } = pane;
  const items: MenuItem[] = [];
  if (!tty) {
    items.push(
      { label: "Wrap lines", checked: wrap, run: () => callbacks.wrap(!wrap) },
      ...CLOCKS.map(([which, label]) => ({
        label,
        checked: times === which,
        run: () => callbacks.showTimes(times === which ? "" : which),
      })),
      { label: "Pauses between lines", checked: pauses, run: () => callbacks.showPauses(!pauses) },
      {
        label: "Structured lines",
        checked: structured,
        run: () => callbacks.showStructured(!structured),
      },
      { label: "Fold stack traces", checked: fold, run: () => callbacks.fold(!fold) },
    );
  }
  const copies: MenuItem[] = [];
  const what = selected ? " selection" : "";
  if (selected) copies.push({ label: "Copy selection", run: () => callbacks.copyAs("text") });
  for (const [n, name] of pane.names.entries()) {
    const label = pane.names.length > 1 ? `Copy ${name}` : "Copy all";
    copies.push({ label, run: () => callbacks.copy(n) });
  }
  copies.push(
    { label: `Copy${what} as Markdown`, run: () => callbacks.copyAs("markdown") },
    { label: `Copy${what} as a quote`, run: () => callbacks.copyAs("quote") },
  );
  items.push(...copies.map((item, n) => ({ ...item, parted: n === 0 && !tty })));
  for (const stream of pane.streams) {
    const name = tty ? "transcript" : nameOf(stream);
    items.push({ label: `Download ${name}`, run: () => callbacks.download(stream) });
  }
  items.push({ label: "Clear view", run: () => callbacks.clear() });
  items.push(...linkItems(pane.links, (address) => callbacks.openLink(address)));
  if (tty) {
    items.push({
      label: "Esc Esc leaves the terminal",
      checked: escapeLeaves,
      run: () => callbacks.setEscapeLeaves(!escapeLeaves),
    });
  }
  return items;
}

/** Return entries that open the newest of some addresses. */
export function linkItems(links: readonly string[], open: (address: string) => void): MenuItem[] {
  return [...new Set(links)].slice(-LINKS).map((link) => {
    const short = link.length > LINK ? `${link.slice(0, LINK)}…` : link;
    return { label: `Open ${short}`, run: () => open(link) };
  });
}
