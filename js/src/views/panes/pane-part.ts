// One stream's pane as a part of its own: a header of one line with its buttons, and the pane. DOM, no
// Jupyter.

import type { Stream } from "../../model/messages";
import { isLive } from "../../model/outcome";
import { nameOf, titleOf } from "../../model/output/shown";
import { formatBytes } from "../../model/quantities";
import type { SessionModel } from "../../model/session-model";
import { element, setText } from "../elements/dom";
import { NoteView } from "../note-view";
import { PaneView } from "../pane/pane-view";
import { ViewSettings } from "../pane/view-settings";
import { PaneArea } from "./pane-area";
import { PaneTools } from "./pane-tools";

export class PanePart {
  readonly root: HTMLElement;
  #note = new NoteView();
  #tools: PaneTools;
  #area: PaneArea<PaneView>;
  #unsubscribe: () => void;

  constructor(model: SessionModel, stream: Stream, rows: number) {
    // A part is one of several on a page, each with its own search.
    const settings = new ViewSettings(`${model.status.container} ${nameOf(stream)}`);
    const say = (text: string, failed = false) => this.#note.say(text, failed);
    const bytes = element("span", "hj-fact");
    this.#tools = new PaneTools({
      model,
      settings,
      panes: () => this.#area?.panes ?? [],
      say,
      note: (text) => {
        this.#note.hold("pause", text);
        setText(bytes, formatBytes(model.total(stream)));
        this.#area.update();
      },
    });
    this.#area = new PaneArea({
      streams: [stream],
      rows,
      layout: "split",
      settings,
      resizable: true,
      make: (shown, height) =>
        new PaneView(model, shown, {
          settings,
          rows: height,
          say,
          changed: () => {
            this.#area?.fit();
            this.#tools.update();
          },
        }),
      total: () => model.total(stream),
      goesOn: () => isLive(model.status),
      chosen: () => {},
    });
    const title = element("strong", "hj-name", {}, titleOf(stream, model.status.tty));
    const of = element("span", "hj-fact");
    const facts = element("div", "hj-facts", {}, title, of, bytes, this.#note.root);
    const head = element("div", "hj-head", {}, facts, this.#tools.root);
    const header = element("header", "hj-header", {}, head, this.#note.line);
    this.root = element("div", "hj-part", {}, header, this.#tools.filter.root, this.#area.root);
    const update = () => {
      const { status, kernelEnd, outcome } = model;
      setText(of, kernelEnd ? `${status.container} · ${outcome.word}` : status.container);
      this.#tools.update();
    };
    this.#unsubscribe = model.onChange(update);
    update();
  }

  close(): void {
    this.#unsubscribe();
    this.#note.close();
    this.#area.close();
    this.#tools.close();
  }
}
