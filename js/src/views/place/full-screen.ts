// A view that fills the window. It is not the browser's own full screen, which Esc always ends: in a
// terminal Esc belongs to the program. DOM only.

import { element } from "../elements/dom";
import { makePageLayer, type PageLayer } from "./page-layer";

export class FullScreen {
  /** Where the view goes. */
  readonly node = element("div", "hj-stage");
  #layer: PageLayer;
  /** What the user cannot reach meanwhile. */
  #covered: HTMLElement[];

  /** `leave` is called at Esc, unless that was for something in the view. */
  constructor(near: Node, name: string, leave: () => void) {
    this.#layer = makePageLayer(near, "hj-full");
    const { root } = this.#layer;
    root.role = "dialog";
    root.ariaModal = "true";
    root.ariaLabel = `${name}, full screen`;
    root.append(this.node);
    // What opens later, such as a dialog of the front end, can still be reached.
    const own =
      root.getRootNode() instanceof ShadowRoot ? (root.getRootNode() as ShadowRoot).host : root;
    this.#covered = [...document.body.children].filter(
      (each): each is HTMLElement => each instanceof HTMLElement && each !== own && !each.inert,
    );
    for (const each of this.#covered) each.inert = true;
    // Fields, menus and terminals have had the key by now, and keep it if it is theirs.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      leave();
    });
  }

  /** Let the user reach the page again; before the view goes back, which may take the focus there. */
  uncover(): void {
    for (const each of this.#covered) each.inert = false;
    this.#covered = [];
  }

  close(): void {
    this.uncover();
    this.#layer.close();
  }
}
