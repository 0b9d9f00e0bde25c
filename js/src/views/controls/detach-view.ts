// The Detach button: leave the container, which runs on; and after the end the button that attaches
// to it again. Knows the DOM, no Jupyter.

import { describeOutcome } from "../../model/outcome";
import type { SessionModel } from "../../model/session-model";
import { ActionButton } from "../elements/action-button";
import { element, setText } from "../elements/dom";

/** Milliseconds in which a page should have changed over to the new session. */
const CHANGE_WITHIN = 5000;

export class DetachView {
  readonly root: HTMLElement;
  /** The buttons, for the row of the whole view. */
  readonly controls: HTMLElement;
  readonly status: HTMLElement;
  #model: SessionModel;
  #detach: ActionButton;
  #again: ActionButton;
  #returning = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void;

  constructor(model: SessionModel) {
    this.#model = model;
    const refuse = (reason: string) => setText(this.status, reason);
    this.#detach = new ActionButton("Detach", () => void this.#leave(), refuse);
    this.#again = new ActionButton("Attach again", () => void this.#return(), refuse);
    this.#again.root.classList.add("hj-again");
    // Not in each other's place: a double click on Detach must not come back at once.
    this.controls = element("span", "hj-leaving", {}, this.#again.root, this.#detach.root);
    this.status = element("span", "hj-status", { role: "status" });
    this.root = element("div", "hj-detach-part", {}, this.controls, this.status);
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  focus(): void {
    this.#detach.root.focus({ preventScroll: true });
  }

  async #leave(): Promise<void> {
    this.#say(await this.#model.detach());
  }

  async #return(): Promise<void> {
    this.#returning = true;
    setText(this.status, "attaching again…");
    this.#update();
    const error = await this.#model.again(this.#starts);
    if (this.#closed) return; // the new session was faster than the answer
    this.#returning = false;
    this.#say(error);
    this.#update();
    if (error !== null) return;
    // The new session disposes of this view. A server that drops messages may have kept it away.
    this.#timer = setTimeout(
      () => this.#say("It is attached again, but this page missed it: reload the page."),
      CHANGE_WITHIN,
    );
  }

  #say(error: string | null): void {
    setText(this.status, error ?? "");
    this.status.classList.toggle("hj-error", error !== null);
  }

  /** Whether the container has to be started, too. */
  get #starts(): boolean {
    return this.#model.status.controls.start === "";
  }

  #update(): void {
    const { status } = this.#model;
    const { detach, leave, again } = status.controls;
    this.#detach.explain(detach, leave || "leave the container, it runs on");
    const { over } = describeOutcome(status, this.#model);
    this.#again.root.classList.toggle("hj-away", !over);
    this.#again.label = this.#starts ? "Start and attach" : "Attach again";
    this.#again.explain(
      this.#returning ? "it is being attached" : this.#starts ? "" : again,
      this.#starts
        ? "start the container and attach to it, in a new session"
        : "attach to the container again, in a new session",
    );
  }
}
