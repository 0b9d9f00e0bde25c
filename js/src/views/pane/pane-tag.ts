// What stands above the lines of a pane where lines are left out: how many bytes there are, and a button
// that reads them. DOM only.

import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";

export class PaneTag {
  #bytes = element("span", "hj-bytes");
  #read = element("button", "hj-read", { type: "button" }, "Read all");
  readonly root = element("div", "hj-tag", { hidden: true }, this.#bytes, " ", this.#read);

  /** `read` is called when the user wants to read all. */
  constructor(read: () => void) {
    keepKeys(this.#read);
    this.#read.addEventListener("click", read);
  }

  /** `readable`: whether there is something to read that the pane does not show. */
  update(bytes: string, readable: boolean): void {
    setText(this.#bytes, bytes);
    this.root.title = bytes;
    this.root.hidden = !readable;
  }
}
