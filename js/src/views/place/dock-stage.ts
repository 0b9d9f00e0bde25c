// A view in a tab or a side panel that the front end lends. DOM only.

import { element } from "../elements/dom";
import { keepColours } from "../elements/page-colours";
import type { Dock } from "./place-host";

export class DockStage {
  /** Where the view goes. */
  readonly node = element("div", "hj-stage");
  readonly dock: Dock;
  #forget: () => void;

  constructor(dock: Dock) {
    this.dock = dock;
    const root = element("div", "hyper-jupyter hj-dock", {}, this.node);
    dock.node.replaceChildren(root);
    this.#forget = keepColours(root);
    dock.show();
  }

  /** Leave it open and empty, for the next view of a cell that may be running again. */
  vacate(text: string): void {
    this.#forget();
    this.node.replaceChildren(element("div", "hj-waiting", {}, text));
  }

  close(): void {
    this.#forget();
    this.dock.onClose = () => {};
    this.dock.close();
  }
}
