// The line that goes to stdin: input with history, Send, EOF, and what became of it.
// Knows the DOM, no Jupyter.

import { element, setText } from "./dom";
import type { SessionModel } from "./session-model";

const SHOWN_LINE = 60;

export class StdinView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #input: HTMLInputElement;
  #send: HTMLButtonElement;
  #eof: HTMLButtonElement;
  #status: HTMLElement;
  #result = "";
  #failed = false;
  #back = 0; // lines back in what was typed; 0 is the line being written
  #draft = "";
  #stop: () => void;

  /** `extras` are put behind the buttons: the Detach button of the whole view. */
  constructor(model: SessionModel, ...extras: HTMLElement[]) {
    this.#model = model;
    this.#input = element("input", "hj-input", {
      type: "text",
      autocomplete: "off",
      spellcheck: false,
      ariaLabel: "stdin",
    });
    this.#input.setAttribute("autocapitalize", "off");
    this.#input.dataset.lmSuppressShortcuts = "true";
    this.#send = element("button", "hj-button", { type: "submit" }, "Send");
    this.#eof = element("button", "hj-button", { type: "button" }, "EOF");
    this.#status = element("div", "hj-status", { role: "status" });
    const form = element(
      "form",
      "hj-line",
      {},
      element("span", "hj-prompt", { ariaHidden: "true" }, "stdin"),
      this.#input,
      this.#send,
      this.#eof,
      ...extras,
    );
    this.root = element("div", "hj-stdin", {}, form, this.#status);

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#eof.addEventListener("click", () => void this.#report(this.#model.eof(), "sent EOF"));
    this.#input.addEventListener("keydown", (event) => this.#keydown(event));
    this.#stop = model.onChange(() => this.#update());
    this.#update();
  }

  dispose(): void {
    this.#stop();
  }

  async #submit(): Promise<void> {
    if (this.#input.disabled) return;
    const line = this.#input.value;
    this.#input.value = "";
    this.#back = 0;
    const shown = line.length > SHOWN_LINE ? `${line.slice(0, SHOWN_LINE)}…` : line;
    await this.#report(
      this.#model.input(line, { line: true }),
      shown ? `sent: ${shown}` : "sent an empty line",
    );
  }

  async #report(answer: Promise<string | null>, success: string): Promise<void> {
    const error = await answer;
    this.#failed = error !== null;
    this.#result = error ?? success;
    this.#update();
  }

  #keydown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      // Not left to the form: a notebook in command mode takes Enter for itself.
      event.preventDefault();
      event.stopPropagation();
      void this.#submit();
      return;
    }
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const back = this.#back + step;
    const { typed } = this.#model;
    if (!step || back < 0 || back > typed.length) return;
    event.preventDefault();
    if (this.#back === 0) this.#draft = this.#input.value;
    this.#back = back;
    this.#input.value = back ? (typed.at(-back) ?? "") : this.#draft;
  }

  #update(): void {
    const { stdin, eof } = this.#model.status.controls;
    const focused = document.activeElement === this.#input;
    this.#input.disabled = stdin !== "";
    this.#input.placeholder = stdin || "a line for the container, Enter sends it";
    this.#input.title = stdin;
    this.#send.disabled = stdin !== "";
    this.#send.title = stdin || "send the line";
    this.#eof.disabled = eof !== "";
    this.#eof.title = eof || "end the container's input";
    if (focused && !this.#input.disabled) this.#input.focus();
    const { queued } = this.#model;
    const busy = queued ? `kernel busy, ${queued} ${queued === 1 ? "input" : "inputs"} queued` : "";
    setText(this.#status, busy || this.#result);
    this.#status.classList.toggle("hj-error", !busy && this.#failed);
  }
}
