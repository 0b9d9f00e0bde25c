// The row of a session that is being attached again: what was cut, when the next attempt is made, and the
// buttons that hurry it and that end it. DOM, no Jupyter.

import { attemptText } from "../model/outcome";
import type { SessionModel } from "../model/session-model";
import { ActionButton } from "./elements/action-button";
import { element, setText } from "./elements/dom";

/** Milliseconds between two looks at the clock. */
const TICK = 250;

export class ReconnectView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #error = element("span", "hj-reconnect-error");
  /** Not announced: it changes every second. */
  #count = element("span", "hj-count");
  #answer = element("span", "hj-status", { role: "status" });
  #timer: ReturnType<typeof setInterval> | undefined;
  #at = Number.NaN;
  #due = 0;

  constructor(model: SessionModel) {
    this.#model = model;
    const refuse = (reason: string) => setText(this.#answer, reason);
    const now = new ActionButton("Try now", () => void this.#ask(model.reconnect()), refuse);
    const stop = new ActionButton("Stop", () => void this.#ask(model.detach()), refuse);
    now.explain("", "make the next attempt to attach again now");
    stop.explain("", "detach: make no more attempts");
    this.root = element(
      "div",
      "hj-reconnect",
      { hidden: true },
      this.#error,
      this.#count,
      now.root,
      stop.root,
      this.#answer,
    );
  }

  /** Show the model's status. Returns whether it is being attached again. */
  update(): boolean {
    const { status, kernelEnd } = this.#model;
    const { reconnecting } = status;
    const shown = status.state === "reconnecting" && !kernelEnd && !!reconnecting;
    this.root.hidden = !shown;
    if (!shown) {
      this.close();
      setText(this.#answer, "");
      return false;
    }
    if (reconnecting.at !== this.#at) {
      this.#at = reconnecting.at;
      this.#due = Date.now() + 1000 * reconnecting.seconds;
    }
    setText(this.#error, reconnecting.error);
    this.#timer ??= setInterval(() => this.#tick(), TICK);
    this.#tick();
    return true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const { reconnecting } = this.#model.status;
    if (!reconnecting) return;
    setText(this.#count, attemptText(reconnecting.attempt, (this.#due - Date.now()) / 1000));
  }

  async #ask(answer: Promise<string | null>): Promise<void> {
    setText(this.#answer, (await answer) ?? "");
  }
}
