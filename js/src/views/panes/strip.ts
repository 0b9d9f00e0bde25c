// Stands for a pane whose stream has printed nothing: a narrow button at the edge, which opens the pane.
// DOM only.

import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";

/** Make the strip of a stream. */
export function makeStrip(name: string, open: () => void): HTMLButtonElement {
  const more = element("span", "hj-strip-more");
  const words = element("span", "hj-strip-words", {}, name, more);
  const strip = element("button", `hj-strip hj-${name}`, { type: "button" }, words);
  strip.title = `open the pane of ${name}`;
  keepKeys(strip);
  strip.addEventListener("click", open);
  return strip;
}

/** Say whether something may still come. */
export function updateStrip(strip: HTMLElement, goesOn: boolean): void {
  const more = strip.querySelector<HTMLElement>(".hj-strip-more");
  if (more) setText(more, goesOn ? ": nothing yet" : ": nothing");
  strip.ariaLabel = strip.textContent; // also of what a low one has no room for
}
