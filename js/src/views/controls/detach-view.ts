// The button Detach, after which the container or program runs on, and for a session that has ended the button
// that attaches again. DOM, no Jupyter.

import { describeOutcome, subjectOf } from "../../model/outcome";
import type { SessionModel } from "../../model/session-model";
import { ActionButton } from "../elements/action-button";
import { element, setText } from "../elements/dom";

/** Milliseconds within which a page should have heard that the session goes on. */
const CHANGE_WITHIN = 5000;

export class DetachView {
  readonly root: HTMLElement;
  /** The buttons, for the row of the whole view. */
  readonly controls: HTMLElement;
  readonly status: HTMLElement;
  #model: SessionModel;
  #detachButton: ActionButton;
  #againButton: ActionButton;
  #followButton: ActionButton;
  #attaching = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void;

  constructor(model: SessionModel) {
    this.#model = model;
    const refuse = (reason: string) => setText(this.status, reason);
    this.#detachButton = new ActionButton("Detach", () => void this.#detach(), refuse);
    const again = () => void this.#attachAgain(model.again(this.#starts));
    const follow = () => void this.#attachAgain(model.follow());
    this.#againButton = new ActionButton("Attach again", again, refuse);
    this.#againButton.root.classList.add("hj-again");
    this.#followButton = new ActionButton("Follow restarts", follow, refuse);
    // Each has its own place: the second click of a double click on Detach must not attach again.
    const buttons = [this.#followButton, this.#againButton, this.#detachButton].map((b) => b.root);
    this.controls = element("span", "hj-leaving", {}, ...buttons);
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
    this.#detachButton.root.focus({ preventScroll: true });
  }

  async #detach(): Promise<void> {
    this.#say(await this.#model.detach());
  }

  async #attachAgain(answer: Promise<string | null>): Promise<void> {
    this.#attaching = true;
    setText(this.status, "attaching again…");
    this.#update();
    const error = await answer;
    if (this.#closed) return;
    this.#attaching = false;
    this.#say(error);
    this.#update();
    if (error !== null || !this.#over) return;
    // The status says so soon, unless a server that drops messages has lost it.
    this.#timer = setTimeout(
      () => this.#say("The container is attached again, but this page missed it: reload the page."),
      CHANGE_WITHIN,
    );
  }

  #say(error: string | null): void {
    setText(this.status, error ?? "");
    this.status.classList.toggle("hj-error", error !== null);
  }

  get #over(): boolean {
    return describeOutcome(this.#model.status, this.#model).over;
  }

  /** Whether the container has to be started before. */
  get #starts(): boolean {
    return this.#model.status.controls.start === "";
  }

  #update(): void {
    const { status } = this.#model;
    const { detach, leave, again, follow } = status.controls;
    this.#detachButton.explain(
      detach,
      leave || `detach from the ${subjectOf(status)}, which runs on`,
    );
    const over = this.#over;
    if (!over && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#say(null);
    }
    this.#followButton.root.classList.toggle("hj-away", !over || follow === undefined);
    this.#followButton.explain(
      this.#attaching ? "the container is being attached" : (follow ?? ""),
      "attach again whenever the container is started, by its restart policy or by hand",
    );
    this.#againButton.root.classList.toggle("hj-away", !over);
    this.#againButton.label = this.#starts ? "Start and attach" : "Attach again";
    this.#againButton.explain(
      this.#attaching ? "the container is being attached" : this.#starts ? "" : again,
      this.#starts
        ? "start the container and attach to it, below what is here"
        : "attach to the container again, below what is here",
    );
  }
}
