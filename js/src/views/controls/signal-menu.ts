// The button "Signal…" and its menu, operated by arrows, first letters and Esc. KILL asks first.
// DOM, no Jupyter.

import { ActionButton } from "../elements/action-button";
import { element } from "../elements/dom";
import { entryByArrow, entryByLetter } from "../elements/menu-keys";
import { Popover } from "../elements/popover";
import { keepKeys } from "../elements/shortcuts";

/** The signals in the menu, and what most programs do on them. */
const SIGNALS: [name: string, meaning: string][] = [
  ["HUP", "hang up; many servers reload"],
  ["INT", "interrupt, as Ctrl-C does"],
  ["QUIT", "quit, with a core dump"],
  ["USR1", "the program decides"],
  ["USR2", "the program decides"],
  ["TERM", "ask the program to end"],
  ["KILL", "end immediately"],
  ["STOP", "pause"],
  ["CONT", "continue after STOP"],
];

const NAMES = SIGNALS.map(([name]) => name);

export class SignalMenu {
  readonly root: HTMLElement;
  readonly button: ActionButton;
  #popover: Popover;
  #list: HTMLElement;
  #confirm: HTMLElement;
  #cancel: HTMLButtonElement;
  #items: HTMLButtonElement[];

  /** `send` is called with the chosen signal; `refuse`, when the button is pressed while it is off. */
  constructor(send: (signal: string) => void, refuse: (reason: string) => void) {
    this.button = new ActionButton("Signal…", () => {}, refuse);
    const choose = (name: string) => {
      this.#popover.hide();
      send(name);
    };
    this.#items = SIGNALS.map(([name, meaning]) => {
      const item = element(
        "button",
        "hj-item",
        { type: "button", tabIndex: -1 },
        element("span", "hj-signal", {}, name),
        element("span", "hj-meaning", {}, meaning),
      );
      item.setAttribute("role", "menuitem");
      item.addEventListener("click", () => (name === "KILL" ? this.#ask() : choose(name)));
      return item;
    });
    // So the popover focuses it as it opens. The event "toggle" may come later than the next key.
    this.#items[0]?.setAttribute("autofocus", "");
    this.#list = element("div", "hj-list", { role: "menu", ariaLabel: "signals" }, ...this.#items);
    const kill = element("button", "hj-button", { type: "button" }, "Send KILL");
    kill.addEventListener("click", () => choose("KILL"));
    this.#cancel = element("button", "hj-button", { type: "button" }, "Cancel");
    this.#cancel.addEventListener("click", () => this.#popover.hide());
    this.#confirm = element(
      "div",
      "hj-signal-confirm",
      { role: "alertdialog", ariaLabel: "send KILL?" },
      element(
        "p",
        "",
        {},
        "KILL ends the container immediately: it cannot save or clean up anything.",
      ),
      element("div", "hj-answers", {}, kill, this.#cancel),
    );
    const before = () => {
      this.#list.hidden = false;
      this.#confirm.hidden = true;
    };
    this.#popover = new Popover(this.button.root, before, this.#list, this.#confirm);
    for (const choice of [...this.#items, kill, this.#cancel]) keepKeys(choice);
    this.#popover.root.addEventListener("keydown", (event) => this.#keydown(event));
    this.root = element("span", "hj-signals", {}, this.button.root, this.#popover.root);
  }

  /** Open the menu where its button is, which may be one that cannot be seen. */
  open(): void {
    this.button.root.click();
  }

  close(): void {
    this.#popover.close();
  }

  explain(reason: string, title: string): void {
    this.button.explain(reason, title);
    this.#popover.allow(!reason);
  }

  #ask(): void {
    this.#list.hidden = true;
    this.#confirm.hidden = false;
    this.#cancel.focus({ preventScroll: true });
  }

  #keydown(event: KeyboardEvent): void {
    event.stopPropagation(); // for a notebook they would be commands
    if (event.key === "Escape") {
      event.preventDefault();
      this.#popover.hide();
    }
    if (event.repeat && event.key === "Enter") event.preventDefault();
    if (this.#list.hidden) return;
    const at = this.#items.indexOf(document.activeElement as HTMLButtonElement);
    const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey;
    const next = letter
      ? entryByLetter(event.key, at, NAMES)
      : entryByArrow(event.key, at, this.#items.length);
    if (event.key === "Tab") this.#popover.hide();
    if (next === undefined) return;
    event.preventDefault();
    this.#items[next]?.focus({ preventScroll: true });
  }
}
