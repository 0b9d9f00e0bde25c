// What the user sends: a field for one line or several, or for a password; Send, EOF, Ctrl-C and
// signals; and the result of each. DOM, no Jupyter.

import { caretAfter, type Direction, InputHistory, isAtEdge } from "../../model/input-history";
import { isBack, subjectOf } from "../../model/outcome";
import type { SessionModel } from "../../model/session-model";
import { ActionButton, setOff } from "../elements/action-button";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { SignalMenu } from "./signal-menu";

const SHOWN_LINE = 60;
const HIDDEN_HINT = "hidden input; Enter sends it";
const ATTACHED_AGAIN = "attached again";
const INTERRUPT = "\x03";
const ARROWS: Record<string, Direction | undefined> = { ArrowUp: "older", ArrowDown: "newer" };

/** What shows the results of a view's input. */
export interface StdinHost {
  say(text: string, failed: boolean): void;
  /** What holds for as long as the kernel does not answer; "" for nothing. */
  busy(text: string): void;
}

/** What a view hands over to the one that replaces it. */
export interface Draft {
  text: string;
  newline: boolean;
  hidden: boolean;
}

export class StdinView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #history = new InputHistory();
  #field: HTMLTextAreaElement;
  #secret: HTMLInputElement;
  #newline: HTMLInputElement;
  #hidden: HTMLInputElement;
  #send: ActionButton;
  #eof: ActionButton;
  #interrupt: ActionButton;
  #signals: SignalMenu;
  #show: (text: string, failed: boolean) => void;
  #busy: (text: string) => void;
  #result = "";
  #queued = "";
  /** Whether the session had ended when this was last drawn. */
  #over = false;
  /** Why nothing can be typed, as it is shown; undefined at first. */
  #reason: string | undefined;
  /** Whether the field was in sight when it was made as high as its lines. */
  #measured = false;
  #draft: string | undefined; // taken out of the field while nothing can be sent
  #unsubscribe: () => void;

  /** `host` shows what is said; the part alone shows it itself. */
  constructor(model: SessionModel, host?: StdinHost) {
    this.#model = model;
    const status = element("span", "hj-status", { role: "status" });
    this.#show =
      host?.say ??
      ((text, failed) => {
        setText(status, text);
        status.classList.toggle("hj-error", failed);
      });
    this.#busy = host?.busy ?? ((text) => setText(status, text || this.#result));
    const refuse = (reason: string) => this.#say(reason, false);
    const name = { autocomplete: "off", spellcheck: false } as const;
    this.#field = element("textarea", "hj-input", { ...name, ariaLabel: "stdin", rows: 1 });
    this.#secret = element("input", "hj-input", {
      ...name,
      ariaLabel: "hidden stdin",
      hidden: true,
    });
    this.#secret.type = "password";
    this.#secret.autocomplete = "new-password"; // the browser offers no password, and does not ask to save this one
    for (const field of [this.#field, this.#secret]) {
      field.setAttribute("autocapitalize", "off");
      keepKeys(field);
    }
    this.#field.addEventListener("keydown", (event) => this.#keydown(event));
    this.#secret.addEventListener("keydown", (event) => this.#keydown(event));
    this.#field.addEventListener("input", () => this.#grow());
    // The placeholder, which is the reason, may be too long for a narrow view.
    this.#field.addEventListener("focus", () => {
      if (this.#field.readOnly) this.#say(this.#field.placeholder, false);
    });
    this.#newline = element("input", "", { type: "checkbox", checked: true });
    this.#hidden = element("input", "", { type: "checkbox" });
    this.#hidden.addEventListener("change", () => this.#hide());
    this.#send = new ActionButton("Send", () => void this.#submit(), refuse);
    this.#eof = new ActionButton(
      "EOF",
      () => void this.#report(this.#model.eof(), "sent EOF"),
      refuse,
    );
    this.#interrupt = new ActionButton("Ctrl-C", () => this.#sendInterrupt(), refuse);
    this.#signals = new SignalMenu(
      (signal) => void this.#report(this.#model.signal(signal), `sent SIG${signal}`),
      refuse,
    );
    this.root = element(
      "div",
      "hj-stdin",
      {},
      element(
        "div",
        "hj-line",
        {},
        element("span", "hj-prompt", { ariaHidden: "true" }, "›"),
        this.#field,
        this.#secret,
        element(
          "div",
          "hj-controls",
          {},
          this.#send.root,
          this.#eof.root,
          this.#interrupt.root,
          this.#signals.root,
          toggle(this.#newline, "Newline", "add a newline at the end of what is sent"),
          toggle(this.#hidden, "Hidden", "for passwords: not shown, and not kept in any history"),
        ),
      ),
      ...(host ? [] : [status]),
    );
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#unsubscribe();
    this.#signals.close();
  }

  focus(): void {
    (this.#hidden.checked ? this.#secret : this.#field).focus({ preventScroll: true });
  }

  /** What is written and not sent. Hidden input is not part of it. */
  get draft(): Draft {
    const text = this.#draft ?? this.#field.value;
    return { text, newline: this.#newline.checked, hidden: this.#hidden.checked };
  }

  /** Take over another view's draft. */
  adopt({ text, newline, hidden }: Draft): void {
    this.#newline.checked = newline;
    this.#hidden.checked = hidden;
    this.#draft = text;
    this.#hide();
    this.#say(ATTACHED_AGAIN, false);
  }

  async #submit(): Promise<void> {
    const { stdin } = this.#model.status.controls;
    if (stdin) return this.#say(stdin, false);
    const hidden = this.#hidden.checked;
    const end = this.#newline.checked;
    const field = hidden ? this.#secret : this.#field;
    const text = field.value;
    if (!text && !end) return this.#say("nothing to send", true);
    field.value = "";
    this.#history.reset();
    this.#grow();
    const said = hidden ? "sent hidden input" : describeSent(text, end);
    await this.#report(this.#model.input(text, { line: true, end, hidden }), said);
  }

  #sendInterrupt(): void {
    if (this.#model.status.tty) void this.#report(this.#model.input(INTERRUPT), "sent Ctrl-C");
    else void this.#report(this.#model.signal("INT"), "sent SIGINT");
  }

  async #report(answer: Promise<string | null>, success: string): Promise<void> {
    const error = await answer;
    this.#say(error ?? success, error !== null);
  }

  #say(text: string, failed: boolean): void {
    this.#result = text;
    this.#show(text, failed);
  }

  #keydown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      // Else a notebook would run the cell, or take Enter as a command in command mode.
      event.stopPropagation();
      event.preventDefault();
      if (event.shiftKey && !this.#hidden.checked) this.#insertNewline();
      else if (!event.repeat) void this.#submit();
      return;
    }
    const direction = ARROWS[event.key];
    if (!direction || this.#hidden.checked || this.#field.readOnly) return;
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const { value, selectionStart, selectionEnd } = this.#field;
    if (!isAtEdge(direction, value, selectionStart, selectionEnd)) return;
    const text = this.#history.step(direction, value, this.#model.typed);
    if (text === null) return;
    event.preventDefault();
    this.#field.value = text;
    const caret = caretAfter(direction, text);
    this.#field.setSelectionRange(caret, caret);
    this.#grow();
  }

  /** The browser would do this, but JupyterLab keeps Shift+Enter from doing anything in a field. */
  #insertNewline(): void {
    if (this.#field.readOnly) return;
    // Undo knows of no other way.
    if (document.execCommand("insertText", false, "\n")) return;
    const { selectionStart, selectionEnd } = this.#field;
    this.#field.setRangeText("\n", selectionStart, selectionEnd, "end");
    this.#grow();
  }

  /** Change between the two fields. What was written moves along, but never from hidden to shown. */
  #hide(): void {
    const hidden = this.#hidden.checked;
    const focused = [this.#field, this.#secret].some((field) => field === document.activeElement);
    if (hidden && !this.#field.value.includes("\n")) {
      this.#secret.value = this.#field.value;
      this.#field.value = "";
    }
    if (!hidden) this.#secret.value = "";
    this.#field.hidden = hidden;
    this.#secret.hidden = !hidden;
    if (focused) this.focus();
    this.#grow();
    this.#update();
  }

  /** Make the field as high as its lines, up to the style sheet's limit. */
  #grow(): void {
    this.#field.style.height = "";
    const { scrollHeight, clientHeight, offsetHeight } = this.#field;
    this.#measured = clientHeight > 0;
    if (scrollHeight <= clientHeight) return;
    this.#field.style.height = `${scrollHeight + offsetHeight - clientHeight}px`;
  }

  #update(): void {
    const { controls, kind, tty } = this.#model.status;
    const subject = subjectOf(this.#model.status);
    const { outcome } = this.#model;
    const { over } = outcome;
    const back = isBack(this.#over, outcome);
    if (over && !this.#over && this.#result === ATTACHED_AGAIN) this.#say("", false);
    this.#over = over;
    this.#allowTyping(controls.stdin);
    if (back) {
      this.#say(ATTACHED_AGAIN, false);
    }
    this.#send.explain(controls.stdin, "send it (Enter); Shift+Enter begins a new line");
    this.#eof.explain(controls.eof, `end the ${subject}'s input`);
    // Ctrl-C on a log means the end of the reading, as in a shell, and must not reach the container.
    const typed = tty || kind === "logs";
    this.#interrupt.explain(
      typed ? controls.stdin : controls.signal,
      typed
        ? `send byte 03, which the ${subject}'s terminal turns into SIGINT`
        : "send SIGINT to the container's first process",
    );
    this.#signals.explain(controls.signal, "send a signal to the container's first process");
    const { queued } = this.#model;
    const busy = queued ? `kernel busy, ${queued} ${queued === 1 ? "input" : "inputs"} queued` : "";
    if (busy !== this.#queued) this.#busy(busy);
    this.#queued = busy;
  }

  /** Turn the fields on or off. While they are off, the reason stands in place of the draft. */
  #allowTyping(reason: string): void {
    // Every output comes here, and a field that is measured has the page laid out.
    if (reason === this.#reason && (reason || this.#draft === undefined)) {
      if (!this.#measured && this.#field.value) this.#grow();
      return;
    }
    this.#reason = reason;
    if (reason && !this.#field.readOnly) {
      this.#draft ??= this.#field.value;
      this.#field.value = "";
      this.#secret.value = "";
    }
    this.#newline.disabled = this.#hidden.disabled = reason !== "";
    for (const [field, hint] of [
      [this.#field, "a line; Enter sends it"],
      [this.#secret, HIDDEN_HINT],
    ] as const) {
      field.readOnly = reason !== "";
      setOff(field, reason);
      field.placeholder = reason || hint;
      field.title = reason;
    }
    if (!reason && this.#draft !== undefined) {
      this.#field.value = this.#draft;
      this.#draft = undefined;
    }
    this.#grow();
  }
}

/** Say in a few words what was sent. */
export function describeSent(text: string, end: boolean): string {
  const lines = text.split("\n");
  const how = end ? "" : " without a newline";
  if (lines.length > 1) return `sent ${lines.length} lines${how}`;
  if (!text) return "sent an empty line";
  const shown = text.length > SHOWN_LINE ? `${text.slice(0, SHOWN_LINE)}…` : text;
  return `sent${how}: ${shown}`;
}

function toggle(box: HTMLInputElement, word: string, title: string): HTMLElement {
  return element("label", "hj-toggle", { title }, box, word);
}
