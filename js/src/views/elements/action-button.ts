// A button that says why it is off. While it is off, it can still be reached from the keyboard and
// read by a screen reader, and pressing it shows the reason. DOM only.

import { element, setText } from "./dom";

/** Keys that press a focused button. A notebook in command mode would take them as commands. */
const KEYS = ["Enter", " "];

export class ActionButton {
  readonly root: HTMLButtonElement;
  #reason = "";

  /** `act` is called when it is pressed while on; `refuse`, with the reason, while off. */
  constructor(label: string, act: () => void, refuse: (reason: string) => void) {
    this.root = element("button", "hj-button", { type: "button" }, label);
    this.root.addEventListener("click", () => {
      if (this.#reason) refuse(this.#reason);
      else act();
    });
    this.root.addEventListener("keydown", (event) => {
      if (!KEYS.includes(event.key)) return;
      event.stopPropagation();
      if (event.repeat) event.preventDefault(); // a key that is held down presses once
    });
  }

  set label(label: string) {
    setText(this.root, label);
  }

  /** Set the reason why it is off, "" if it is on, and a text for what it does. */
  explain(reason: string, title: string): void {
    this.#reason = reason;
    setOff(this.root, reason);
    const said = reason || title;
    if (this.root.title !== said) this.root.title = said; // also the same text costs a frame
  }
}

/** Mark a control as off if there is a reason, so that it can still be reached. */
export function setOff(control: HTMLElement, reason: string): void {
  if (reason) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
}
