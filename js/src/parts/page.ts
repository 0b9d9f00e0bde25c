// What the parts need of the page: its server's address, and a place for style sheets. DOM.

import { element } from "../views/elements/dom";

/** The URL of this page's Jupyter server, for WebSockets. */
export function serverUrl(): string {
  // JupyterLab and Notebook 7 have it in a script element, nbclassic and Voilà on the body.
  let base = document.body.dataset.baseUrl ?? "/";
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent;
    if (text) base = (JSON.parse(text) as { baseUrl?: string }).baseUrl ?? base;
  } catch {
    // The element is not Jupyter's.
  }
  return new URL(base, location.origin.replace(/^http/, "ws")).href;
}

/** Put a style sheet into the document, or the shadow root, of an element, once. */
export function addStyle(el: HTMLElement, name: string, text: string): void {
  const root = el.getRootNode();
  const head = root instanceof ShadowRoot ? root : document.head;
  const id = `hyper-jupyter-${name}`;
  if (head.querySelector(`#${id}`)) return;
  head.append(element("style", "", { id, textContent: text }));
}
