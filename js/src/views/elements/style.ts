// Puts style sheets where an element is. DOM only.

import { element } from "./dom";

/** Put a style sheet into the document, or the shadow root, of an element, once. */
export function addStyle(el: HTMLElement, name: string, text: string): void {
  const root = el.getRootNode();
  const head = root instanceof ShadowRoot ? root : document.head;
  const id = `hyper-jupyter-${name}`;
  if (head.querySelector(`#${id}`)) return;
  head.append(element("style", "", { id, textContent: text }));
}
