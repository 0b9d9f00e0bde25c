// A button that says why it can do nothing. While it is off it can still be reached from the
// keyboard and read by a screen reader, and pressed it tells the reason. Knows the DOM, no Jupyter.

import { element, setText } from "./dom";

/** Keys that work on a focused button; a notebook in command mode would take them for itself. */
const KEYS = ["Enter", " "];

export class ActionButton {
  readonly root: HTMLButtonElement;
  #reason = "";

  /** `act`: pressed while it is on; `refuse`: pressed while it is off, with the reason. */
  constructor(label: string, act: () => void, refuse: (reason: string) => void) {
    this.root = element("button", "hj-button", { type: "button" }, label);
    this.root.addEventListener("click", () => {
      if (this.#reason) refuse(this.#reason);
      else act();
    });
    this.root.addEventListener("keydown", (event) => {
      if (!KEYS.includes(event.key)) return;
      event.stopPropagation();
      if (event.repeat) event.preventDefault(); // a key that is held presses once
    });
  }

  set label(label: string) {
    setText(this.root, label);
  }

  /** Why it is off, "" where it is on; and what it does. */
  explain(reason: string, title: string): void {
    this.#reason = reason;
    setOff(this.root, reason);
    this.root.title = reason || title;
  }
}

/** Say that a control can not be used, in a way that leaves it reachable. */
export function setOff(control: HTMLElement, reason: string): void {
  if (reason) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
}
