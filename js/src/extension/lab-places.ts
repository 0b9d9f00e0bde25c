// What JupyterLab and Notebook 7 lend a view that leaves its cell: a tab beside the notebook, or a
// place in the panel at the right. Notebook 7 has no tabs, Voilà has neither.
//
// The bundle knows this as PlaceHost (views/place/place-host.ts). Widgets of the front end have to be
// of its own class of @lumino/widgets, which is handed over here and never bundled.

import type { Constructor } from "./jupyter";

/** What is used here of @lumino/widgets. */
export interface LuminoWidget {
  id: string;
  readonly node: HTMLElement;
  readonly title: { label: string; caption: string; closable: boolean };
  readonly isDisposed: boolean;
  readonly isAttached: boolean;
  readonly disposed: Signal;
  addClass(name: string): void;
  dispose(): void;
}

interface Signal {
  connect(slot: () => void): unknown;
  disconnect(slot: () => void): unknown;
}

/** What is used here of a front end's shell; only JupyterLab's has `mode`. */
export interface Shell {
  readonly mode?: string;
  readonly currentWidget?: LuminoWidget | null;
  add(widget: LuminoWidget, area: string, options?: object): void;
  activateById(id: string): void;
  expandRight?(): void;
  widgets(area: string): Iterable<LuminoWidget>;
}

export type Area = "tab" | "panel";

/** Behind what front ends and other extensions put there. */
const RANK = 2000;

let count = 0;

export class LabPlaces {
  #shell: Shell;
  #Widget: Constructor<LuminoWidget>;
  /** The tab of the front end that an element belongs to, also while it is not in the document. */
  #owners = new WeakMap<HTMLElement, LuminoWidget>();
  /** The tabs that were opened beside each of them. */
  #tabs = new WeakMap<LuminoWidget, LuminoWidget[]>();

  constructor(shell: Shell, Widget: Constructor<LuminoWidget>) {
    this.#shell = shell;
    this.#Widget = Widget;
  }

  lacks(area: Area): string {
    if (area === "tab") {
      return this.#shell.mode === undefined ? "needs JupyterLab; this page has no tabs" : "";
    }
    if (typeof this.#shell.expandRight === "function") return "";
    return "needs JupyterLab or Notebook 7, this page has no side panel";
  }

  open(area: Area, near: HTMLElement, title: string): LabDock {
    count += 1;
    const dock = new LabDock(this.#shell, this.#Widget, area, title, `hyper-jupyter-${count}`);
    const owner = this.#owner(near);
    if (owner) dock.endWith(owner);
    if (area === "panel") this.#shell.add(dock.widget, "right", { rank: RANK });
    else this.#addTab(dock.widget, owner);
    return dock;
  }

  /** Open a tab to the right of the notebook, or behind the one that is there. */
  #addTab(widget: LuminoWidget, owner: LuminoWidget | undefined): void {
    if (!owner) {
      this.#shell.add(widget, "main", { mode: "split-right" });
      return;
    }
    const tabs = (this.#tabs.get(owner) ?? []).filter((each) => each.isAttached);
    const last = tabs.at(-1);
    const where = last
      ? { mode: "tab-after", ref: last.id }
      : { mode: "split-right", ref: owner.id };
    this.#shell.add(widget, "main", where);
    this.#tabs.set(owner, [...tabs, widget]);
  }

  #owner(near: HTMLElement): LuminoWidget | undefined {
    for (const widget of this.#shell.widgets("main")) {
      if (!widget.node.contains(near)) continue;
      this.#owners.set(near, widget);
      return widget;
    }
    const known = this.#owners.get(near);
    return known?.isDisposed ? undefined : known;
  }
}

class LabDock {
  readonly widget: LuminoWidget;
  onClose: (byUser: boolean) => void = () => {};
  #shell: Shell;

  constructor(
    shell: Shell,
    Widget: Constructor<LuminoWidget>,
    area: Area,
    title: string,
    id: string,
  ) {
    const closed = () => {
      this.onClose(true);
      this.close();
    };
    class Placed extends Widget {
      onCloseRequest(): void {
        closed();
      }
    }
    this.#shell = shell;
    this.widget = new Placed();
    this.widget.id = id;
    this.widget.addClass("hyper-jupyter-place");
    Object.assign(this.widget.title, { label: title, caption: title, closable: area === "tab" });
  }

  get node(): HTMLElement {
    return this.widget.node;
  }

  get closed(): boolean {
    return this.widget.isDisposed;
  }

  /** Close it with another widget, such as the notebook. */
  endWith(owner: LuminoWidget): void {
    const end = () => {
      if (this.closed) return;
      this.onClose(false);
      this.close();
    };
    owner.disposed.connect(end);
    this.widget.disposed.connect(() => owner.disposed.disconnect(end));
  }

  show(): void {
    this.#shell.activateById(this.widget.id);
  }

  close(): void {
    if (!this.closed) this.widget.dispose();
  }
}
