// The panes of a session or of a replay, in one of three layouts, with the buttons that choose one.
// DOM, no Jupyter.

import { STDOUT, type Stream } from "../../model/messages";
import { formatBytes } from "../../model/quantities";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { makeSplitter } from "../elements/splitter";

export const LAYOUTS = ["split", "merged", "tabs"] as const;

/** Two panes side by side; one pane with both streams in the order of arrival; one pane at a time. */
export type Layout = (typeof LAYOUTS)[number];

/** What a pane shows. On a TTY that is stdout. */
export type Shown = Stream | "merged";

const TITLES: Record<Layout, string> = {
  split: "stdout and stderr side by side",
  merged: "both in one pane, in the order of arrival",
  tabs: "one at a time",
};
/** Percent of the width that a pane keeps at least. */
const MIN_SHARE = 15;
let count = 0;

export interface Pane {
  readonly root: HTMLElement;
  /** Lines that it shows. */
  rows: number;
  close(): void;
}

export interface PaneAreaOptions<P extends Pane> {
  streams: readonly Stream[];
  rows: number;
  layout: Layout;
  /** Make a pane. `resized` is to be called after the user has changed its height. */
  make: (shown: Shown, rows: number, resized: (rows: number) => void) => P;
  /** Bytes of a stream. */
  total: (stream: Stream) => number;
  /** Called with the layout that the user has chosen. */
  chosen: (layout: Layout) => void;
}

export class PaneArea<P extends Pane> {
  /** The buttons that choose the layout, and the tabs. */
  readonly bar = element("div", "hj-bar");
  readonly root = element("div", "hj-panes");
  #options: PaneAreaOptions<P>;
  #streams: readonly Stream[];
  #rows: number;
  #layout: Layout;
  #share = 50;
  #front: Stream;
  #panes = new Map<Shown, P>();
  #tabs = element("div", "hj-tabs", { role: "tablist", ariaLabel: "streams" });
  #choices: HTMLButtonElement[] = [];
  #splitter: HTMLElement;
  #id: string;

  /** Call `begin` once everything that `make` and `total` need is there. */
  constructor(options: PaneAreaOptions<P>) {
    this.#options = options;
    this.#streams = options.streams;
    this.#rows = options.rows;
    this.#layout = options.layout;
    this.#front = options.streams[0] ?? STDOUT;
    count += 1;
    this.#id = `hj-view-${count}`;
    this.#splitter = makeSplitter({
      label: "share of stdout in the width, in percent",
      axis: "x",
      value: () => ({ now: this.#share, min: MIN_SHARE, max: 100 - MIN_SHARE }),
      change: (share) => {
        this.#share = share;
        this.root.style.setProperty("--hj-share", String(share));
      },
      unit: () => 100 / Math.max(1, this.root.clientWidth),
      step: 5,
    });
    this.#makeBar();
    this.#arrange();
  }

  get panes(): Iterable<P> {
    return this.#panes.values();
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** Change to another layout. Each new pane begins anew. */
  set layout(layout: Layout) {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#arrange();
  }

  /** Bring the tabs up to date. */
  update(): void {
    for (const [n, tab] of this.#tabButtons().entries()) {
      const stream = this.#streams[n] ?? STDOUT;
      const front = stream === this.#front;
      tab.ariaSelected = String(front);
      tab.tabIndex = front ? 0 : -1;
      const name = stream === STDOUT ? "stdout" : "stderr";
      setText(tab, `${name} ${formatBytes(this.#options.total(stream))}`);
    }
  }

  close(): void {
    for (const pane of this.#panes.values()) pane.close();
  }

  #makeBar(): void {
    if (this.#streams.length < 2) {
      this.bar.hidden = true;
      return;
    }
    this.#choices = LAYOUTS.map((layout) => {
      const label = layout[0]?.toUpperCase() + layout.slice(1);
      const button = element("button", "hj-choice", { type: "button" }, label);
      button.role = "radio";
      keepKeys(button);
      button.title = TITLES[layout];
      button.addEventListener("click", () => {
        this.layout = layout;
        this.#options.chosen(layout);
      });
      return button;
    });
    const group = element("div", "hj-choices", { role: "radiogroup" }, ...this.#choices);
    group.ariaLabel = "layout of the panes";
    group.addEventListener("keydown", (event) => roam(event, this.#choices));
    this.#tabs.addEventListener("keydown", (event) => roam(event, this.#tabButtons()));
    this.bar.append(this.#tabs, group);
    for (const stream of this.#streams) {
      const tab = element("button", "hj-tab", { type: "button", id: `${this.#id}-tab-${stream}` });
      tab.role = "tab";
      keepKeys(tab);
      tab.setAttribute("aria-controls", `${this.#id}-pane-${stream}`);
      tab.addEventListener("click", () => this.#show(stream));
      this.#tabs.append(tab);
    }
  }

  #tabButtons(): HTMLButtonElement[] {
    return [...this.#tabs.children] as HTMLButtonElement[];
  }

  #arrange(): void {
    const merged = this.#layout === "merged" && this.#streams.length > 1;
    const wanted: readonly Shown[] = merged ? ["merged"] : this.#streams;
    for (const [shown, pane] of this.#panes) {
      if (wanted.includes(shown)) continue;
      pane.close();
      this.#panes.delete(shown);
    }
    for (const shown of wanted) {
      if (this.#panes.has(shown)) continue;
      const pane = this.#options.make(shown, this.#rows, (rows) => this.#resize(rows));
      pane.root.id = `${this.#id}-pane-${shown}`;
      this.#panes.set(shown, pane);
    }
    this.root.dataset.layout = this.#layout;
    const roots = wanted.flatMap((shown) => this.#panes.get(shown)?.root ?? []);
    const [first, ...others] = roots;
    const between = this.#layout === "split" && others.length ? [this.#splitter] : [];
    this.root.classList.toggle("hj-beside", between.length > 0);
    this.root.replaceChildren(...(first ? [first] : []), ...between, ...others);
    for (const [n, choice] of this.#choices.entries()) {
      const chosen = LAYOUTS[n] === this.#layout;
      choice.ariaChecked = String(chosen);
      choice.tabIndex = chosen ? 0 : -1;
    }
    this.#tabs.hidden = this.#layout !== "tabs";
    this.#show(this.#front);
  }

  /** Bring a stream to the front, for the layout that shows one at a time. */
  #show(stream: Stream): void {
    this.#front = stream;
    for (const [shown, { root }] of this.#panes) {
      const tabbed = this.#layout === "tabs";
      root.hidden = tabbed && shown !== stream;
      if (tabbed) root.setAttribute("role", "tabpanel");
      else root.removeAttribute("role");
    }
    this.update();
  }

  #resize(rows: number): void {
    this.#rows = rows;
    for (const pane of this.#panes.values()) if (pane.rows !== rows) pane.rows = rows;
  }
}

/** Move through a group of buttons by arrow keys, and press the one reached. */
function roam(event: KeyboardEvent, buttons: HTMLButtonElement[]): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[(at + step + buttons.length) % buttons.length];
  next?.click();
  next?.focus();
}
