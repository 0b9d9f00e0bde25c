// One stream's pane as a part of its own: a title with its buttons, and the pane. DOM, no Jupyter.

import type { Stream } from "../../model/messages";
import { nameOf, titleOf } from "../../model/output/shown";
import { formatBytes } from "../../model/quantities";
import type { SessionModel } from "../../model/session-model";
import { element } from "../elements/dom";
import { PaneTitle } from "../pane/pane-title";
import { PaneView } from "../pane/pane-view";
import { ViewSettings } from "../pane/view-settings";
import { PaneArea } from "./pane-area";
import { PaneTools } from "./pane-tools";

export class PanePart {
  readonly root: HTMLElement;
  #title: PaneTitle;
  #tools: PaneTools;
  #area: PaneArea<PaneView>;
  #note = "";
  #unsubscribe: () => void;

  constructor(model: SessionModel, stream: Stream, rows: number) {
    // A part is one of several on a page, each with its own search.
    const settings = new ViewSettings(`${model.status.container} ${nameOf(stream)}`);
    const say = (text: string) => this.#title.say(text);
    const update = () => {
      this.#title.update(formatBytes(model.total(stream)), this.#note);
      this.#area.update();
    };
    this.#tools = new PaneTools({
      model,
      settings,
      panes: () => this.#area?.panes ?? [],
      say,
      note: (text) => {
        this.#note = text;
        update();
      },
    });
    this.#title = new PaneTitle(titleOf(stream, model.status.tty), this.#tools.root);
    this.#area = new PaneArea({
      streams: [stream],
      rows,
      layout: "split",
      settings,
      resizable: true,
      make: (shown, height) =>
        new PaneView(model, shown, {
          settings,
          named: false,
          rows: height,
          say,
          changed: () => {
            this.#area?.fit();
            this.#tools.update();
          },
        }),
      total: () => model.total(stream),
      goesOn: () => !model.outcome.over,
      chosen: () => {},
    });
    const { root } = this.#title;
    this.root = element("div", "hj-part", {}, root, this.#tools.filter.root, this.#area.root);
    this.#unsubscribe = model.onChange(() => this.#tools.update());
    this.#tools.update();
  }

  close(): void {
    this.#unsubscribe();
    this.#title.close();
    this.#area.close();
    this.#tools.close();
  }
}
