// The whole view of a session: header, panes in one of three layouts, and stdin with the button
// Detach. This module arranges the other views. DOM, no Jupyter.

import { STDERR, STDOUT, type Stream } from "../model/messages";
import { formatBytes } from "../model/quantities";
import type { SessionModel } from "../model/session-model";
import { DetachView } from "./controls/detach-view";
import { type Draft, StdinView } from "./controls/stdin-view";
import { element, setText } from "./elements/dom";
import { keepKeys } from "./elements/shortcuts";
import { makeSplitter } from "./elements/splitter";
import { HeaderView } from "./header-view";
import { PaneView } from "./pane/pane-view";

export const LAYOUTS = ["split", "merged", "tabs"] as const;

/** Two panes side by side; one pane with both streams in the order of arrival; one pane at a time. */
export type Layout = (typeof LAYOUTS)[number];

const TITLES: Record<Layout, string> = {
  split: "stdout and stderr side by side",
  merged: "both in one pane, in the order of arrival",
  tabs: "one at a time",
};
/** Percent of the width that a pane keeps at least. */
const MIN_SHARE = 15;
let count = 0;

export interface SessionViewOptions {
  rows: number;
  layout: Layout;
  /** Called with the layout that the user has chosen. */
  chosen: (layout: Layout) => void;
}

export class SessionView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #streams: Stream[] = [];
  #rows: number;
  #layout: Layout;
  #chosen: (layout: Layout) => void;
  #share = 50;
  #front: Stream = STDOUT;
  #panes = new Map<Stream | "merged", PaneView>();
  #area = element("div", "hj-panes");
  #bar = element("div", "hj-bar");
  #tabs = element("div", "hj-tabs", { role: "tablist", ariaLabel: "streams" });
  #choices: HTMLButtonElement[] = [];
  #splitter: HTMLElement;
  #id: string;
  #parts: { close(): void }[];
  #unsubscribe: () => void;
  #stdin: StdinView;

  constructor(model: SessionModel, { rows, layout, chosen }: SessionViewOptions) {
    const { name, tty, wants } = model.status;
    this.#model = model;
    this.#rows = rows;
    this.#layout = layout;
    this.#chosen = chosen;
    count += 1;
    this.#id = `hj-view-${count}`;
    if (wants.includes("stdout") || (tty && wants.includes("stderr"))) this.#streams.push(STDOUT);
    if (wants.includes("stderr") && !tty) this.#streams.push(STDERR);
    this.#front = this.#streams[0] ?? STDOUT;
    const header = new HeaderView(model);
    const detach = new DetachView(model);
    this.#stdin = new StdinView(model, detach);
    // After the view comes an output that is saved for readers without a kernel. style.css hides the
    // one of the two that has nothing to show. A page that has only the widgets' saved state never
    // hears from a kernel.
    const choose = () => {
      this.root.classList.toggle("hj-live", model.heard);
      this.root.classList.toggle("hj-unheard", !model.heard && model.unanswered);
    };
    this.#parts = [header, detach, this.#stdin, { close: model.onChange(choose) }];
    this.#splitter = makeSplitter({
      label: "share of stdout in the width, in percent",
      axis: "x",
      value: () => ({ now: this.#share, min: MIN_SHARE, max: 100 - MIN_SHARE }),
      change: (share) => {
        this.#share = share;
        this.#area.style.setProperty("--hj-share", String(share));
      },
      unit: () => 100 / Math.max(1, this.#area.clientWidth),
      step: 5,
    });
    this.root = element(
      "article",
      "hj-session",
      { ariaLabel: `session ${name}` },
      header.root,
      this.#bar,
      this.#area,
      this.#stdin.root,
    );
    choose();
    this.#makeBar();
    this.#arrange();
    this.#unsubscribe = model.onChange(() => this.#updateTabs());
  }

  /** Change to another layout. Each new pane starts with what the page has kept. */
  set layout(layout: Layout) {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#arrange();
  }

  get draft(): Draft {
    return this.#stdin.draft;
  }

  adopt(draft: Draft): void {
    this.#stdin.adopt(draft);
  }

  focus(): void {
    this.#stdin.focus();
  }

  close(): void {
    this.#unsubscribe();
    for (const part of [...this.#parts, ...this.#panes.values()]) part.close();
  }

  #makeBar(): void {
    if (this.#streams.length < 2) {
      this.#bar.hidden = true;
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
        this.#chosen(layout);
      });
      return button;
    });
    const group = element("div", "hj-choices", { role: "radiogroup" }, ...this.#choices);
    group.ariaLabel = "layout of the panes";
    group.addEventListener("keydown", (event) => roam(event, this.#choices));
    this.#tabs.addEventListener("keydown", (event) => roam(event, this.#tabButtons()));
    this.#bar.append(this.#tabs, group);
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
    const wanted: (Stream | "merged")[] = merged ? ["merged"] : this.#streams;
    for (const [shown, pane] of this.#panes) {
      if (wanted.includes(shown)) continue;
      pane.close();
      this.#panes.delete(shown);
    }
    for (const shown of wanted) {
      if (this.#panes.has(shown)) continue;
      const pane = new PaneView(this.#model, shown, this.#rows, (rows) => this.#resize(rows));
      pane.root.id = `${this.#id}-pane-${shown}`;
      this.#panes.set(shown, pane);
    }
    this.root.dataset.layout = this.#layout;
    const roots = wanted.flatMap((shown) => this.#panes.get(shown)?.root ?? []);
    const [first, ...others] = roots;
    const between = this.#layout === "split" && others.length ? [this.#splitter] : [];
    this.#area.classList.toggle("hj-beside", between.length > 0);
    this.#area.replaceChildren(...(first ? [first] : []), ...between, ...others);
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
    this.#updateTabs();
  }

  #updateTabs(): void {
    for (const [n, tab] of this.#tabButtons().entries()) {
      const stream = this.#streams[n] ?? STDOUT;
      const front = stream === this.#front;
      tab.ariaSelected = String(front);
      tab.tabIndex = front ? 0 : -1;
      const name = stream === STDOUT ? "stdout" : "stderr";
      setText(tab, `${name} ${formatBytes(this.#model.total(stream))}`);
    }
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
