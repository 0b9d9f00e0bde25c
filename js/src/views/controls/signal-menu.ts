// The button "Signal…" and its menu, operated as menus are: arrows, first letters, Esc. KILL asks
// first. Knows the DOM, no Jupyter.

import { ActionButton } from "../elements/action-button";
import { element, keepKeys } from "../elements/dom";
import { Popover } from "../elements/popover";

/** What is offered, and what programs mostly make of it. */
const SIGNALS: [name: string, meaning: string][] = [
  ["HUP", "hang up; many servers reload"],
  ["INT", "interrupt, as Ctrl-C does"],
  ["QUIT", "quit, with a core dump"],
  ["USR1", "the program's own"],
  ["USR2", "the program's own"],
  ["TERM", "please end"],
  ["KILL", "end at once"],
  ["STOP", "halt"],
  ["CONT", "go on after STOP"],
];

export class SignalMenu {
  readonly root: HTMLElement;
  readonly button: ActionButton;
  #popover: Popover;
  #list: HTMLElement;
  #confirm: HTMLElement;
  #cancel: HTMLButtonElement;
  #items: HTMLButtonElement[];

  /** `send`: a signal was chosen; `refuse`: the button was pressed while it is off. */
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
    // The popover gives it the focus at once; "toggle" comes later than the next key may.
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
      element("p", "", {}, "KILL ends the container at once: it cannot save or clean up anything."),
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
    event.stopPropagation(); // to a notebook they would be commands
    if (event.key === "Escape") {
      event.preventDefault();
      this.#popover.hide();
    }
    if (event.repeat && event.key === "Enter") event.preventDefault();
    if (this.#list.hidden) return;
    const { length } = this.#items;
    const at = this.#items.indexOf(document.activeElement as HTMLButtonElement);
    const found = () => {
      for (let step = 1; step <= length; step++) {
        const index = (at + step) % length;
        if (SIGNALS[index]?.[0].startsWith(event.key.toUpperCase())) return index;
      }
      return undefined;
    };
    const moves: Record<string, number | undefined> = {
      ArrowDown: (at + 1) % length,
      ArrowUp: (at + length - 1) % length,
      Home: 0,
      End: length - 1,
    };
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey;
    const next = event.key in moves ? moves[event.key] : plain ? found() : undefined;
    if (event.key === "Tab") this.#popover.hide();
    if (next === undefined) return;
    event.preventDefault();
    this.#items[next]?.focus({ preventScroll: true });
  }
}
