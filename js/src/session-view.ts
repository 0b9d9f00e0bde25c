// The whole view of a session: header, panes, stdin with the Detach button.
// Arranges the other views; no Jupyter.

import { DetachView } from "./detach-view";
import { element } from "./dom";
import { HeaderView } from "./header-view";
import { STDERR, STDOUT, type Stream } from "./messages";
import { PaneView } from "./pane-view";
import type { SessionModel } from "./session-model";
import { StdinView } from "./stdin-view";

export class SessionView {
  readonly root: HTMLElement;
  #parts: { dispose(): void }[];

  constructor(model: SessionModel, rows: number) {
    const { name, tty, wants } = model.status;
    const streams: Stream[] = [];
    if (wants.includes("stdout") || (tty && wants.includes("stderr"))) streams.push(STDOUT);
    if (wants.includes("stderr") && !tty) streams.push(STDERR);
    const header = new HeaderView(model);
    const panes = streams.map((stream) => new PaneView(model, stream, rows));
    const detach = new DetachView(model);
    const stdin = new StdinView(model, detach.button);
    stdin.root.append(detach.status);
    // Of the view and the output behind it, saved for readers without a kernel, style.css hides
    // the one that has nothing to show. A page with the widgets' state alone never hears anything.
    const choose = () => {
      this.root.classList.toggle("hj-live", model.heard);
      this.root.classList.toggle("hj-unheard", !model.heard && model.unanswered);
    };
    this.#parts = [header, ...panes, detach, stdin, { dispose: model.onChange(choose) }];
    this.root = element(
      "article",
      "hj-session",
      { ariaLabel: `session ${name}` },
      header.root,
      element("div", "hj-panes", {}, ...panes.map((pane) => pane.root)),
      stdin.root,
    );
    choose();
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }
}
