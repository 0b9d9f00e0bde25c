// The panes of a session or of a replay, in one of three layouts, with the buttons that choose one. As
// high as the output, up to a limit. DOM, no Jupyter.

import { STDOUT, type Stream } from "../../model/messages";
import { nameOf, type Shown } from "../../model/output/shown";
import { formatBytes } from "../../model/quantities";
import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys, take } from "../elements/shortcuts";
import { makeSplitter } from "../elements/splitter";
import { LAYOUTS, type Layout, MAX_ROWS, MIN_ROWS, type ViewSettings } from "../pane/view-settings";
import { makeStrip, updateStrip } from "./strip";

const TITLES: Record<Layout, string> = {
  split: "stdout and stderr side by side",
  merged: "both in one pane, in the order of arrival",
  tabs: "one at a time",
};
/** Percent of the width that a pane keeps at least, and that stdout has at first. */
const MIN_SHARE = 15;
const SHARE = 60;
/** Milliseconds for which the first bytes of one stream wait for the other one's. */
const FIRST_WITHIN = 300;
let count = 0;

export interface Pane {
  readonly root: HTMLElement;
  /** Rows that it shows. */
  rows: number;
  /** Rows that it would use if it could. */
  readonly used: number;
  readonly rowsPerPixel: number;
  close(): void;
}

export interface PaneAreaOptions<P extends Pane> {
  streams: readonly Stream[];
  /** Rows at most. */
  rows: number;
  layout: Layout;
  /** Where the sizes are remembered. */
  settings?: ViewSettings;
  /** Whether the user may change the height. */
  resizable: boolean;
  make: (shown: Shown, rows: number) => P;
  /** Bytes of a stream. */
  total: (stream: Stream) => number;
  /** Whether there are lines of a stream from before its first byte here. */
  recalls?: (stream: Stream) => boolean;
  /** Whether more may come. */
  goesOn: () => boolean;
  /** Called with the layout that the user has chosen. */
  chosen: (layout: Layout) => void;
}

export class PaneArea<P extends Pane> {
  /** The buttons that choose the layout, and the tabs. */
  readonly bar = element("div", "hj-bar");
  readonly root: HTMLElement;
  #options: PaneAreaOptions<P>;
  #streams: readonly Stream[];
  #limit: number;
  /** Rows that fill the place of a view outside of its cell. */
  #filling: number | undefined;
  /** Whether the user has chosen the height. */
  #fixed: boolean;
  #layout: Layout;
  #share: number;
  #front: Stream;
  #panes = new Map<Shown, P>();
  #strips = new Map<Stream, HTMLButtonElement>();
  /** Streams with a pane of their own: they have printed something, or the user has opened it. */
  #opened: Set<Stream>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The panes may come beside or below each other. */
  #observer = new ResizeObserver(() => this.fit());
  #beside = element("div", "hj-panes");
  #tabs = element("div", "hj-tabs", { role: "tablist", ariaLabel: "streams" });
  #choices: HTMLButtonElement[] = [];
  #splitter: HTMLElement;
  #heightSplitter: HTMLElement;
  #id: string;

  constructor(options: PaneAreaOptions<P>) {
    this.#options = options;
    const { settings, streams, rows } = options;
    this.#streams = streams;
    const height = settings?.instead("rows", rows);
    this.#fixed = height !== undefined;
    this.#limit = height ?? rows;
    this.#layout = options.layout;
    this.#share = settings?.kept.get("share") ?? SHARE;
    this.#front = streams[0] ?? STDOUT;
    this.#opened = new Set(streams.filter((stream) => this.#speaks(stream)));
    if (!this.#opened.size) this.#opened.add(this.#front);
    count += 1;
    this.#id = `hj-view-${count}`;
    this.#splitter = this.#makeWidthSplitter();
    this.#heightSplitter = this.#makeHeightSplitter();
    this.#makeBar();
    this.root = element("div", "hj-area", {}, this.#beside);
    if (options.resizable) this.root.append(this.#heightSplitter);
    this.#arrange();
    this.#observer.observe(this.#beside);
  }

  get panes(): P[] {
    return [...this.#panes.values()];
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

  /** Bring tabs and strips up to date, and open the panes of streams that have begun. */
  update(): void {
    for (const [n, tab] of this.#tabButtons().entries()) {
      const stream = this.#streams[n] ?? STDOUT;
      const front = stream === this.#front;
      tab.ariaSelected = String(front);
      tab.tabIndex = front ? 0 : -1;
      setText(tab, `${nameOf(stream)} ${formatBytes(this.#options.total(stream))}`);
    }
    for (const strip of this.#strips.values()) updateStrip(strip, this.#options.goesOn());
    this.#noticeOutput();
  }

  /** Make the panes as high as their output, within the limit; those below each other, each as its own. */
  fit(): void {
    const rows = this.#rows;
    const heights = shareRows(rows, this.panes, {
      stacked: this.#layout === "split" && getComputedStyle(this.#beside).display === "block",
      fills: this.#filling !== undefined,
      fixed: this.#fixed,
    });
    for (const [n, pane] of this.panes.entries()) {
      const own = heights[n] ?? rows;
      if (pane.rows !== own) pane.rows = own;
    }
    this.#heightSplitter.ariaValueNow = String(rows);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    for (const pane of this.#panes.values()) pane.close();
  }

  /** Fill a height in pixels, whatever the output is; undefined: be as high as the output again. */
  fill(height: number | undefined): void {
    this.root.classList.toggle("hj-filling", height !== undefined);
    if (height === undefined) {
      this.#filling = undefined;
      this.fit();
      return;
    }
    // The second round is exact: only then the terminals have been measured.
    for (let round = 0; round < 2; round += 1) {
      const shown = this.panes.filter(({ root }) => root.offsetHeight > 0);
      const [pane] = shown;
      if (!pane) return;
      // In a narrow view they are below each other.
      const levels = new Set(shown.map(({ root }) => root.offsetTop)).size;
      const spare = (height - this.#beside.offsetHeight) * (pane.rowsPerPixel / levels);
      const mean = shown.reduce((sum, { rows }) => sum + rows, 0) / shown.length;
      this.#filling = Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(mean + spare)));
      this.fit();
    }
  }

  /** Bring a pane to the front where one is shown at a time. */
  reveal(pane: P): void {
    for (const [shown, each] of this.#panes) {
      if (each === pane && shown !== "merged") this.#show(shown);
    }
    pane.rows = Number(pane.rows); // it may be seen for the first time: it is made ready now
  }

  get #rows(): number {
    if (this.#filling !== undefined) return this.#filling;
    if (this.#fixed) return this.#limit;
    const used = Math.max(MIN_ROWS, ...this.panes.map((pane) => pane.used));
    return Math.min(this.#limit, used);
  }

  #speaks(stream: Stream): boolean {
    const { total, recalls } = this.#options;
    return total(stream) > 0 || (recalls?.(stream) ?? false);
  }

  #noticeOutput(): void {
    const begun = this.#streams.filter((s) => this.#speaks(s) && !this.#opened.has(s));
    if (!begun.length || this.#timer !== undefined) return;
    if ([...this.#opened].some((stream) => this.#speaks(stream))) {
      this.#open(...begun);
      return;
    }
    // Many programs print to stderr only. Their stdout then is the strip, but not if it comes just after.
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const speaking = this.#streams.filter((stream) => this.#speaks(stream));
      this.#opened = new Set();
      this.#open(...speaking);
    }, FIRST_WITHIN);
  }

  #open(...streams: Stream[]): void {
    for (const stream of streams) this.#opened.add(stream);
    this.#arrange();
  }

  #makeBar(): void {
    if (this.#streams.length < 2) {
      this.bar.hidden = true;
      return;
    }
    this.#choices = LAYOUTS.map((layout) => {
      const button = iconButton(layout, TITLES[layout], () => {
        this.layout = layout;
        this.#options.chosen(layout);
      });
      button.role = "radio";
      button.ariaLabel = layout[0]?.toUpperCase() + layout.slice(1);
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
    const several = this.#streams.length > 1;
    const split = this.#layout === "split" && several;
    const wanted: readonly Shown[] =
      this.#layout === "merged" && several
        ? ["merged"]
        : this.#streams.filter((stream) => !split || this.#opened.has(stream));
    for (const [shown, pane] of this.#panes) {
      if (wanted.includes(shown)) continue;
      pane.close();
      this.#panes.delete(shown);
    }
    for (const shown of wanted) {
      if (this.#panes.has(shown)) continue;
      const pane = this.#options.make(shown, this.#rows);
      pane.root.id = `${this.#id}-pane-${shown}`;
      this.#panes.set(shown, pane);
    }
    this.#strips.clear();
    const parts: HTMLElement[] = [];
    for (const shown of split ? this.#streams : wanted) {
      const pane = this.#panes.get(shown);
      if (pane) parts.push(pane.root);
      else if (shown !== "merged") parts.push(this.#makeStrip(shown));
    }
    this.#beside.dataset.layout = this.#layout;
    const both = split && wanted.length > 1;
    this.#beside.classList.toggle("hj-beside", both);
    if (both) parts.splice(1, 0, this.#splitter);
    this.#beside.replaceChildren(...parts);
    this.#setShare(this.#share);
    for (const [n, choice] of this.#choices.entries()) {
      const chosen = LAYOUTS[n] === this.#layout;
      choice.ariaChecked = String(chosen);
      choice.tabIndex = chosen ? 0 : -1;
    }
    this.#tabs.hidden = this.#layout !== "tabs";
    this.#show(this.#front);
    this.fit();
  }

  #makeStrip(stream: Stream): HTMLElement {
    const strip = makeStrip(nameOf(stream), () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#open(stream);
    });
    this.#strips.set(stream, strip);
    return strip;
  }

  /** Bring a stream to the front, for the layout that shows one at a time. */
  #show(stream: Stream): void {
    this.#front = stream;
    for (const [shown, { root }] of this.#panes) {
      const tabbed = this.#layout === "tabs";
      root.hidden = tabbed && shown !== stream;
      // No landmark: a notebook has many views, whose panes are called the same.
      root.setAttribute("role", tabbed ? "tabpanel" : "group");
    }
    this.update();
  }

  #setShare(share: number): void {
    this.#share = share;
    this.#beside.style.setProperty("--hj-share", String(share));
  }

  #makeWidthSplitter(): HTMLElement {
    return makeSplitter({
      label: "share of stdout in the width, in percent",
      axis: "x",
      value: () => ({ now: this.#share, min: MIN_SHARE, max: 100 - MIN_SHARE }),
      change: (share) => {
        this.#setShare(share);
        this.#options.settings?.kept.set("share", share);
      },
      unit: () => 100 / Math.max(1, this.#beside.clientWidth),
      step: 5,
    });
  }

  #makeHeightSplitter(): HTMLElement {
    return makeSplitter({
      label: "height in lines",
      axis: "y",
      value: () => ({ now: this.#rows, min: MIN_ROWS, max: MAX_ROWS }),
      change: (value) => {
        this.#fixed = true;
        this.#limit = Math.round(value);
        const { rows, settings } = this.#options;
        settings?.kept.set("rows", [this.#limit, rows]);
        this.fit();
      },
      unit: () => this.panes[0]?.rowsPerPixel ?? 0,
      step: 1,
    });
  }
}

/**
 * Return the rows of each pane. Those below each other are as high as their own output; if they fill a
 * place, the one with the most output has what the others leave.
 */
export function shareRows(
  rows: number,
  panes: readonly { readonly used: number }[],
  { stacked, fills, fixed }: { stacked: boolean; fills: boolean; fixed: boolean },
): number[] {
  if (!stacked || (fixed && !fills)) return panes.map(() => rows);
  const heights = panes.map(({ used }) => Math.min(rows, Math.max(MIN_ROWS, used)));
  if (!fills) return heights;
  const spare = heights.reduce((sum, own) => sum - own, rows * panes.length);
  const most = heights.indexOf(Math.max(...heights));
  return heights.map((own, n) => (n === most ? own + spare : own));
}

/** Move through a group of buttons by arrow keys, and press the one reached. */
function roam(event: KeyboardEvent, buttons: HTMLButtonElement[]): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  take(event);
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[(at + step + buttons.length) % buttons.length];
  next?.click();
  next?.focus();
}
