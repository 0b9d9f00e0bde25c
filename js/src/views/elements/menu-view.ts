// A button with a menu behind it, operated as the ARIA practices say. Knows the DOM only.

import { element, keepKeys } from "./dom";
import { iconButton } from "./icons";
import { Popover } from "./popover";

/** One line of a menu; with `checked` it can be on or off. */
export interface MenuItem {
  label: string;
  checked?: boolean;
  run: () => void;
}

export class MenuView {
  readonly root: HTMLElement;
  #popover: Popover;
  #menu: HTMLElement;
  #items: () => MenuItem[];

  /** `items` are asked for whenever the menu opens. */
  constructor(label: string, items: () => MenuItem[]) {
    this.#items = items;
    const button = iconButton("more", label, () => {});
    this.#menu = element("div", "hj-menu", { role: "menu", ariaLabel: label });
    this.#popover = new Popover(button, () => this.#fill(), this.#menu);
    this.root = element("div", "hj-menu-anchor", {}, button, this.#popover.root);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || this.#popover.open) return;
      event.preventDefault();
      button.click();
    });
    this.#menu.addEventListener("keydown", (event) => this.#keydown(event));
  }

  close(): void {
    this.#popover.close();
  }

  #fill(): void {
    this.#menu.replaceChildren(
      ...this.#items().map((item) => {
        const button = element("button", "hj-menu-item", { type: "button", tabIndex: -1 });
        button.role = item.checked === undefined ? "menuitem" : "menuitemcheckbox";
        if (item.checked !== undefined) button.ariaChecked = String(item.checked);
        keepKeys(button);
        button.append(element("span", "hj-check", { ariaHidden: "true" }), item.label);
        button.addEventListener("click", () => {
          this.#popover.hide();
          item.run();
        });
        return button;
      }),
    );
    // The popover gives it the focus at once; "toggle" comes later than the next key may.
    this.#menu.firstElementChild?.setAttribute("autofocus", "");
  }

  #keydown(event: KeyboardEvent): void {
    const buttons = [...this.#menu.children];
    const at = buttons.indexOf(document.activeElement as Element);
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.#focus((at + 1) % buttons.length),
      ArrowUp: () => this.#focus((at - 1 + buttons.length) % buttons.length),
      Home: () => this.#focus(0),
      End: () => this.#focus(buttons.length - 1),
      Escape: () => this.#popover.hide(),
      Tab: () => this.#popover.hide(),
    };
    const move = moves[event.key];
    if (!move) return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    move();
  }

  #focus(index: number): void {
    (this.#menu.children[index] as HTMLElement | undefined)?.focus({ preventScroll: true });
  }
}
