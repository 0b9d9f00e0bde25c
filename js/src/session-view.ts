// The whole view of a session: header, panes, stdin with the Detach button.
// Arranges the other views; no Jupyter.

import { DetachView } from "./detach-view";
import { element } from "./dom";
import { HeaderView } from "./header-view";
import { STDERR, STDOUT, type Stream } from "./messages";
import { PaneView } from "./pane-view";
import type { SessionModel } from "./session-model";
import { type Draft, StdinView } from "./stdin-view";

export class SessionView {
  readonly root: HTMLElement;
  #parts: { dispose(): void }[];
  #stdin: StdinView;

  constructor(model: SessionModel, rows: number) {
    const { name, tty, wants } = model.status;
    const streams: Stream[] = [];
    if (wants.includes("stdout") || (tty && wants.includes("stderr"))) streams.push(STDOUT);
    if (wants.includes("stderr") && !tty) streams.push(STDERR);
    const header = new HeaderView(model);
    const panes = streams.map((stream) => new PaneView(model, stream, rows));
    const detach = new DetachView(model);
    this.#stdin = new StdinView(model, detach);
    this.#parts = [header, ...panes, detach, this.#stdin];
    this.root = element(
      "article",
      "hj-session",
      { ariaLabel: `session ${name}` },
      header.root,
      element("div", "hj-panes", {}, ...panes.map((pane) => pane.root)),
      this.#stdin.root,
    );
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

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }
}
