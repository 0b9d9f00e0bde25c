// The button Detach, after which the container or program runs on, and for a session that has ended the
// buttons that attach again. DOM, no Jupyter.

import { subjectOf } from "../../model/outcome";
import type { SessionModel } from "../../model/session-model";
import { ActionButton } from "../elements/action-button";
import { element, setText } from "../elements/dom";

/** Milliseconds within which a page should have heard that the session goes on. */
const CHANGE_WITHIN = 5000;
/** Milliseconds after the end in which a click is the second one of a double click on Detach. */
const DOUBLE_CLICK = 500;
const JUST_ENDED = "the session has just ended";

export class DetachView {
  /** The part alone, with its results below. */
  readonly root: HTMLElement;
  /** The buttons, for the header of a whole view. */
  readonly controls: HTMLElement;
  #model: SessionModel;
  #say: (text: string, failed: boolean) => void;
  #detachButton: ActionButton;
  #againButton: ActionButton;
  #followButton: ActionButton;
  #attaching = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasOver: boolean;
  /** Runs while a click may be the second one of a double click. */
  #justEnded: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void;

  /** `say` shows a result; the part alone shows it itself. */
  constructor(model: SessionModel, say?: (text: string, failed: boolean) => void) {
    this.#model = model;
    const status = element("span", "hj-status", { role: "status" });
    this.#say =
      say ??
      ((text, failed) => {
        setText(status, text);
        status.classList.toggle("hj-error", failed);
      });
    const refuse = (reason: string) => {
      if (reason !== JUST_ENDED) this.#say(reason, false);
    };
    this.#detachButton = new ActionButton("Detach", () => void this.#detach(), refuse);
    this.#detachButton.root.classList.add("hj-detach");
    const again = () => this.#attachAgain(() => model.again(this.#starts));
    this.#againButton = new ActionButton("Attach again", () => void again(), refuse);
    this.#againButton.root.classList.add("hj-again");
    this.#followButton = new ActionButton("Follow restarts", () => this.follow(), refuse);
    this.#wasOver = this.#over;
    // A whole view has it in its menu: the header has the one button that is used most.
    const rare = say ? [] : [this.#followButton];
    const buttons = [...rare, this.#againButton, this.#detachButton].map((b) => b.root);
    this.controls = element("span", "hj-leaving", {}, ...buttons);
    this.root = element("div", "hj-detach-part", {}, this.controls, ...(say ? [] : [status]));
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    clearTimeout(this.#justEnded);
  }

  focus(): void {
    const button = this.#over ? this.#againButton : this.#detachButton;
    button.root.focus({ preventScroll: true });
  }

  /** Whether restarts can be followed from now on. */
  get follows(): boolean {
    return this.#over && !this.#attaching && this.#model.status.controls.follow === "";
  }

  /** Attach again, whenever the container is started. */
  follow(): void {
    void this.#attachAgain(() => this.#model.follow());
  }

  async #detach(): Promise<void> {
    const error = await this.#model.detach();
    this.#say(error ?? "", error !== null);
  }

  async #attachAgain(ask: () => Promise<string | null>): Promise<void> {
    this.#attaching = true;
    this.#say("attaching again…", false);
    this.#update();
    const error = await ask();
    if (this.#closed) return;
    this.#attaching = false;
    this.#say(error ?? "", error !== null);
    this.#update();
    if (error !== null || !this.#over) return;
    // The status says so soon, unless a server that drops messages has lost it.
    const missed = "The container is attached again, but this page missed it: reload the page.";
    this.#timer = setTimeout(() => this.#say(missed, true), CHANGE_WITHIN);
  }

  /** The buttons that attach again come where Detach was: keep them off for a moment. */
  #waitForSecondClick(): void {
    clearTimeout(this.#justEnded);
    this.#justEnded = setTimeout(() => {
      this.#justEnded = undefined;
      this.#update();
    }, DOUBLE_CLICK);
  }

  get #over(): boolean {
    return this.#model.outcome.over;
  }

  /** Whether the container has to be started before. */
  get #starts(): boolean {
    return this.#model.status.controls.start === "";
  }

  #update(): void {
    const { status } = this.#model;
    const { detach, leave, again, follow } = status.controls;
    const over = this.#over;
    if (over && !this.#wasOver) this.#waitForSecondClick();
    // What had the focus goes away; what comes in its place has it then.
    const focused = this.controls.contains(document.activeElement);
    this.#wasOver = over;
    this.#detachButton.root.hidden = over || this.#model.kernelEnd !== "";
    const does = leave || `detach from the ${subjectOf(status)}, which runs on`;
    this.#detachButton.explain(detach, does);
    this.#detachButton.root.ariaDescription = detach || does;
    if (!over && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#say("", false);
    }
    this.#followButton.root.hidden = !over || follow !== "";
    const busy = this.#attaching ? "the container is being attached" : "";
    const off = busy || (this.#justEnded === undefined ? "" : JUST_ENDED);
    this.#followButton.explain(
      off,
      "attach again whenever the container is started, by its restart policy or by hand",
    );
    const never = again !== "" && !this.#starts && !this.#attaching;
    this.#againButton.root.hidden = !over || never;
    this.#againButton.label = this.#starts ? "Start and attach" : "Attach again";
    this.#againButton.explain(
      off || (this.#starts ? "" : again),
      this.#starts
        ? "start the container and attach: its output goes on below"
        : "attach to the container again: its output goes on below",
    );
    if (focused && !this.controls.contains(document.activeElement)) this.focus();
  }
}
