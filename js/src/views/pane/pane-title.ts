// The title row of a pane: its name, how much output there is, a note, and the pane's buttons.
// DOM only.

import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";

/** Milliseconds for which a note about something done is shown. */
const NOTE_FOR = 4000;

export class PaneTitle {
  readonly root: HTMLElement;
  #bytes = element("span", "hj-bytes");
  #read = element("button", "hj-read", { type: "button", hidden: true }, "Read all");
  #note = element("span", "hj-pane-note", { role: "status" });
  #lasting = "";
  /** The result of something, shown for NOTE_FOR in place of the lasting note. */
  #passing = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `read` is called when the user wants to read what the pane does not show. */
  constructor(name: string, read: () => void, ...tools: Node[]) {
    keepKeys(this.#read);
    this.#read.addEventListener("click", read);
    this.root = element(
      "header",
      "hj-pane-title",
      {},
      element("span", "hj-pane-name", {}, name),
      this.#bytes,
      this.#read,
      this.#note,
      element("span", "hj-pane-tools", {}, ...tools),
    );
  }

  /** `readable`: whether there is something to read that the pane does not show. */
  update(bytes: string, readable: boolean, note: string): void {
    setText(this.#bytes, bytes);
    this.#read.hidden = !readable;
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
