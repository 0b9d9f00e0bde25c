// The title row of a pane: its name, how much output there is, a note, and the pane's buttons.
// DOM only.

import { element, setText } from "../elements/dom";

/** Milliseconds for which a note about something done is shown. */
const NOTE_FOR = 4000;

export class PaneTitle {
  readonly root: HTMLElement;
  #bytes = element("span", "hj-bytes");
  #note = element("span", "hj-pane-note", { role: "status" });
  #lasting = "";
  /** The result of something, shown for NOTE_FOR in place of the lasting note. */
  #passing = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, ...tools: Node[]) {
    this.root = element(
      "header",
      "hj-pane-title",
      {},
      element("span", "hj-pane-name", {}, name),
      this.#bytes,
      this.#note,
      element("span", "hj-pane-tools", {}, ...tools),
    );
  }

  update(bytes: string, note: string): void {
    setText(this.#bytes, bytes);
    this.#lasting = note;
    this.#showNote();
  }

  /** Show the result of something for NOTE_FOR; "" takes it away. */
  say(text: string): void {
    clearTimeout(this.#timer);
    this.#passing = text;
    this.#showNote();
    if (text) this.#timer = setTimeout(() => this.say(""), NOTE_FOR);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #showNote(): void {
    setText(this.#note, this.#passing || this.#lasting);
  }
}
