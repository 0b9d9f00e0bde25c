// What was done, or went wrong: a few words in the header for some seconds, and a line below it for what
// needs more room or has to stay. DOM only.

import { element, setText } from "./elements/dom";

/** Milliseconds for which a result is shown. */
const SHOWN_FOR = 4000;

export class NoteView {
  /** For the header's line. */
  readonly root = element("span", "hj-note", { role: "status" });
  /** A line of its own, hidden while there is nothing to say. */
  readonly line = element("div", "hj-problem hj-error", { role: "status" });
  /** What holds, by subject. */
  #lasting = new Map<string, string>();
  #passing = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Show this while no result is shown, until the same subject has another text; "" for none. */
  hold(subject: string, text: string): void {
    if (text) this.#lasting.set(subject, text);
    else this.#lasting.delete(subject);
    this.#update();
  }

  /** Show a result; a failure stays until the next one. "" takes it away. */
  say(text: string, failed = false): void {
    clearTimeout(this.#timer);
    setText(this.line, failed ? text : "");
    this.#passing = failed ? "" : text;
    this.#update();
    if (this.#passing) this.#timer = setTimeout(() => this.say(""), SHOWN_FOR);
  }

  /** Take a result away, unless another one is shown by now. */
  withdraw(text: string): void {
    if (text && [this.#passing, this.line.textContent].includes(text)) this.say("");
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #update(): void {
    const text = this.#passing || [...this.#lasting.values()].join(" · ");
    setText(this.root, text);
    this.root.title = text;
  }
}
