// The whole view of a session: header, panes in one of three layouts, and stdin with the button
// Detach. This module arranges the other views. DOM, no Jupyter.

import { STDERR, STDOUT, type Stream } from "../model/messages";
import type { SessionModel } from "../model/session-model";
import { DetachView } from "./controls/detach-view";
import { type Draft, StdinView } from "./controls/stdin-view";
import { element } from "./elements/dom";
import { HeaderView } from "./header-view";
import { PaneView } from "./pane/pane-view";
import { type Layout, PaneArea } from "./panes/pane-area";

export interface SessionViewOptions {
  rows: number;
  layout: Layout;
  /** Called with the layout that the user has chosen. */
  chosen: (layout: Layout) => void;
}

export class SessionView {
  readonly root: HTMLElement;
  #area: PaneArea<PaneView>;
  #parts: { close(): void }[];
  #unsubscribe: () => void;
  #stdin: StdinView;

  constructor(model: SessionModel, { rows, layout, chosen }: SessionViewOptions) {
    const { name, tty, wants } = model.status;
    const streams: Stream[] = [];
    if (wants.includes("stdout") || (tty && wants.includes("stderr"))) streams.push(STDOUT);
    if (wants.includes("stderr") && !tty) streams.push(STDERR);
    const header = new HeaderView(model);
    const detach = new DetachView(model);
    this.#stdin = new StdinView(model, detach);
    this.#area = new PaneArea({
      streams,
      rows,
      layout,
      make: (shown, height, resized) => new PaneView(model, shown, height, resized),
      total: (stream) => model.total(stream),
      chosen,
    });
    // After the view comes an output that is saved for readers without a kernel. style.css hides the
    // one of the two that has nothing to show. A page that has only the widgets' saved state never
    // hears from a kernel.
    const choose = () => {
      this.root.classList.toggle("hj-live", model.heard);
      this.root.classList.toggle("hj-unheard", !model.heard && model.unanswered);
    };
    this.#parts = [header, detach, this.#stdin, { close: model.onChange(choose) }, this.#area];
    this.root = element(
      "article",
      "hj-session",
      { ariaLabel: `session ${name}` },
      header.root,
      this.#area.bar,
      this.#area.root,
      this.#stdin.root,
    );
    choose();
    this.#unsubscribe = model.onChange(() => this.#area.update());
  }

  /** Change to another layout. Each new pane starts with what the page has kept. */
  set layout(layout: Layout) {
    this.#area.layout = layout;
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
    for (const part of this.#parts) part.close();
  }
}
