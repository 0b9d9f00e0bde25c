// What stands in the corner of a pane: the stream's name, and where lines are left out, how many bytes
// there are and a button that reads them. DOM only.

import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";

export class PaneTag {
  readonly root: HTMLElement;
  #bytes = element("span", "hj-bytes");
  #read = element("button", "hj-read", { type: "button" }, "Read all");
  #rest = element("span", "hj-tag-rest", { hidden: true }, this.#bytes, " ", this.#read);

  /** `name`: "" where there is one pane only. `read` is called when the user wants to read all. */
  constructor(name: string, read: () => void) {
    keepKeys(this.#read);
    this.#read.addEventListener("click", read);
    const label = element("span", "hj-pane-name", { hidden: !name }, name);
    this.root = element("div", "hj-tag", {}, label, this.#rest);
  }

  /** `readable`: whether there is something to read that the pane does not show. */
  update(bytes: string, readable: boolean): void {
    setText(this.#bytes, bytes);
    this.root.title = bytes;
    this.#rest.hidden = !readable;
  }
}
