// The buttons of a view that is not in its cell, which stand in its header. DOM only.

import { element } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys } from "../elements/shortcuts";
import { FULL_KEY } from "./place-items";

/** The button that leaves full screen, with the key that does the same. */
export function leaveButton(tty: boolean, leave: () => void): HTMLButtonElement {
  const key = tty ? FULL_KEY : "Esc";
  const button = element("button", "hj-button hj-leave-full", { type: "button" });
  button.append("Leave full screen", element("kbd", "hj-key", {}, key));
  button.setAttribute("aria-keyshortcuts", tty ? "Control+Shift+Enter" : "Escape");
  keepKeys(button);
  button.addEventListener("click", leave);
  return button;
}

/** The buttons that move a view on from a place outside of its cell. */
export function moveButtons(enterFull: () => void, putBack: () => void): HTMLButtonElement[] {
  return [
    iconButton("full", `full screen (${FULL_KEY})`, enterFull),
    iconButton("putBack", "put back into the cell", putBack),
  ];
}
