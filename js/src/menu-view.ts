// A button with a menu behind it, operated as the ARIA practices say. Knows the DOM only.

import { element, keepKeys } from "./dom";
import { iconButton } from "./icons";

/** One line of a menu; with `checked` it can be on or off. */
export interface MenuItem {
  label: string;
  checked?: boolean;
  run: () => void;
}

export class MenuView {
  readonly root: HTMLElement;
  #button: HTMLButtonElement;
  #menu: HTMLElement;
  #items: () => MenuItem[];

  /** `items` are asked for whenever the menu opens. */
  constructor(label: string, items: () => MenuItem[]) {
    this.#items = items;
    this.#button = iconButton("more", label, () => {
      if (this.#menu.hidden) this.#open();
      else this.#close();
    });
    this.#button.setAttribute("aria-haspopup", "menu");
    this.#button.setAttribute("aria-expanded", "false");
    this.#menu = element("div", "hj-menu", { role: "menu", hidden: true, ariaLabel: label });
    this.root = element("div", "hj-menu-anchor", {}, this.#button, this.#menu);
    this.#button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || !this.#menu.hidden) return;
      event.preventDefault();
      this.#open();
    });
    this.#menu.addEventListener("keydown", (event) => this.#keydown(event));
    this.root.addEventListener("focusout", (event) => {
      if (!this.root.contains(event.relatedTarget as Node | null)) this.#close({ focus: false });
    });
  }

  #open(): void {
    this.#menu.replaceChildren(
      ...this.#items().map((item) => {
        const button = element("button", "hj-menu-item", { type: "button", tabIndex: -1 });
        button.role = item.checked === undefined ? "menuitem" : "menuitemcheckbox";
        if (item.checked !== undefined) button.ariaChecked = String(item.checked);
        keepKeys(button);
        button.append(element("span", "hj-check", { ariaHidden: "true" }), item.label);
        button.addEventListener("click", () => {
          this.#close();
          item.run();
        });
        return button;
      }),
    );
    this.#menu.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#focus(0);
  }

  #close({ focus = true } = {}): void {
    if (this.#menu.hidden) return;
    this.#menu.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    if (focus) this.#button.focus();
  }

  #keydown(event: KeyboardEvent): void {
    const buttons = [...this.#menu.children];
    const at = buttons.indexOf(document.activeElement as Element);
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.#focus((at + 1) % buttons.length),
      ArrowUp: () => this.#focus((at - 1 + buttons.length) % buttons.length),
      Home: () => this.#focus(0),
      End: () => this.#focus(buttons.length - 1),
      Escape: () => this.#close(),
      Tab: () => this.#close(),
    };
    const move = moves[event.key];
    if (!move) return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    move();
  }

  #focus(index: number): void {
    (this.#menu.children[index] as HTMLElement | undefined)?.focus();
  }
}
