// The button "Signal…" and its menu, operated as menus are: arrows, first letters, Esc. KILL asks
// first. A popover, because cells and panes clip what they contain. Knows the DOM, no Jupyter.

import { ActionButton } from "./action-button";
import { element } from "./dom";

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
const EDGE = 4;

export class SignalMenu {
  readonly root: HTMLElement;
  readonly button: ActionButton;
  #popover: HTMLElement;
  #list: HTMLElement;
  #question: HTMLElement;
  #cancel: HTMLButtonElement;
  #items: HTMLButtonElement[];
  #close = () => this.#popover.hidePopover();
  #scrolled = (event: Event) => {
    // What it belongs to would move away from it; a pane's own scrolling moves nothing.
    if ((event.target as Node).contains(this.button.root)) this.#close();
  };

  /** `send`: a signal was chosen; `refuse`: the button was pressed while it is off. */
  constructor(send: (signal: string) => void, refuse: (reason: string) => void) {
    this.button = new ActionButton("Signal…", () => {}, refuse);
    this.button.root.setAttribute("aria-haspopup", "menu");
    this.button.root.setAttribute("aria-expanded", "false");
    const choose = (name: string) => {
      this.#close();
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
    this.#cancel.addEventListener("click", this.#close);
    this.#question = element(
      "div",
      "hj-signal-question",
      { role: "alertdialog", ariaLabel: "send KILL?" },
      element("p", "", {}, "KILL ends the container at once: it cannot save or clean up anything."),
      element("div", "hj-answers", {}, kill, this.#cancel),
    );
    this.#popover = element("div", "hj-signal-menu", {}, this.#list, this.#question);
    this.#popover.popover = "auto";
    for (const choice of [...this.#items, kill, this.#cancel]) {
      choice.dataset.lmSuppressShortcuts = "true"; // Notebook 7 sees keys before we do
    }
    this.#popover.addEventListener("keydown", (event) => this.#keydown(event));
    this.#popover.addEventListener("beforetoggle", (event) => {
      const opens = (event as ToggleEvent).newState === "open";
      this.button.root.setAttribute("aria-expanded", String(opens));
      this.#list.hidden = false;
      this.#question.hidden = true;
      if (!opens) this.#popover.classList.remove("hj-placed");
      if (opens) document.addEventListener("scroll", this.#scrolled, true);
      else document.removeEventListener("scroll", this.#scrolled, true);
    });
    this.#popover.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "open") this.#place();
    });
    this.root = element("span", "hj-signals", {}, this.button.root, this.#popover);
  }

  dispose(): void {
    document.removeEventListener("scroll", this.#scrolled, true);
  }

  explain(reason: string, title: string): void {
    this.button.explain(reason, title);
    this.button.root.popoverTargetElement = reason ? null : this.#popover;
    if (reason && this.#popover.matches(":popover-open")) this.#close();
  }

  /** Put it below its button, or above where that is nearer to the page's end. */
  #place(): void {
    const at = this.button.root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#popover;
    const below = at.bottom + EDGE + height <= innerHeight || at.top < height + EDGE;
    const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
    this.#popover.style.left = `${left}px`;
    this.#popover.style.top = `${below ? at.bottom + EDGE : at.top - EDGE - height}px`;
    this.#popover.classList.add("hj-placed");
  }

  #ask(): void {
    this.#list.hidden = true;
    this.#question.hidden = false;
    this.#cancel.focus({ preventScroll: true });
  }

  #keydown(event: KeyboardEvent): void {
    event.stopPropagation(); // to a notebook they would be commands
    if (event.key === "Escape") {
      event.preventDefault();
      this.#close();
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
    if (event.key === "Tab") this.#close();
    if (next === undefined) return;
    event.preventDefault();
    this.#items[next]?.focus({ preventScroll: true });
  }
}
