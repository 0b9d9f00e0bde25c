// The entries of a pane's menu, as a pure function of the pane's state. No DOM.

import { STDERR, type Stream } from "../../model/messages";
import type { MenuItem } from "../elements/menu-view";

/** Links that the menu offers, and how many characters of each; the question shows all of it. */
const LINKS = 5;
const LINK = 40;

/** The state of a pane. */
export interface PaneState {
  tty: boolean;
  streams: readonly Stream[];
  wrap: boolean;
  times: boolean;
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
  showTimes(on: boolean): void;
  showStructured(on: boolean): void;
  fold(on: boolean): void;
  copyAll(): void;
  download(stream: Stream): void;
  clear(): void;
  openLink(address: string): void;
  setEscapeLeaves(on: boolean): void;
}

/** Return the entries for a pane, which call back when they are chosen. */
export function paneMenu(pane: PaneState, callbacks: PaneCallbacks): MenuItem[] {
  const { tty, wrap, times, structured, fold, escapeLeaves } = pane;
  const items: MenuItem[] = [];
  if (!tty) {
    items.push(
      { label: "Wrap lines", checked: wrap, run: () => callbacks.wrap(!wrap) },
      { label: "Timestamps", checked: times, run: () => callbacks.showTimes(!times) },
      {
        label: "Structured lines",
        checked: structured,
        run: () => callbacks.showStructured(!structured),
      },
      { label: "Fold stack traces", checked: fold, run: () => callbacks.fold(!fold) },
    );
  }
  items.push({ label: "Copy all", run: () => callbacks.copyAll() });
  for (const stream of pane.streams) {
    const name = tty ? "transcript" : stream === STDERR ? "stderr" : "stdout";
    items.push({ label: `Download ${name}`, run: () => callbacks.download(stream) });
  }
  items.push({ label: "Clear view", run: () => callbacks.clear() });
  for (const link of [...new Set(pane.links)].slice(-LINKS)) {
    const short = link.length > LINK ? `${link.slice(0, LINK)}…` : link;
    items.push({ label: `Open ${short}`, run: () => callbacks.openLink(link) });
  }
  if (tty) {
    items.push({
      label: "Esc Esc leaves the terminal",
      checked: escapeLeaves,
      run: () => callbacks.setEscapeLeaves(!escapeLeaves),
    });
  }
  return items;
}
