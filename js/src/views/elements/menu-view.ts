// A button that opens a menu, operated as the ARIA practices say. DOM only.

import { setOff } from "./action-button";
import { element } from "./dom";
import { iconButton } from "./icons";
import { entryByArrow } from "./menu-keys";
import { Popover } from "./popover";
import { keepKeys } from "./shortcuts";

/** An entry of a menu. One with `checked` can be on or off. */
export interface MenuItem {
  label: string;
  checked?: boolean;
  /** Why it cannot be chosen now; it can be reached all the same. */
  off?: string;
  /** Whether a line is above it. */
  parted?: boolean;
  run: () => void;
}

export class MenuView {
  readonly root: HTMLElement;
  #popover: Popover;
  #menu: HTMLElement;
  #items: () => MenuItem[];

  /** `items` is called whenever the menu opens. */
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
        button.classList.toggle("hj-parted", item.parted ?? false);
        setOff(button, item.off ?? "");
        if (item.off) button.append(element("span", "hj-menu-reason", {}, item.off));
        button.addEventListener("click", () => {
          if (item.off) return;
          this.#popover.hide();
          item.run();
        });
        return button;
      }),
    );
    // So the popover focuses it as it opens. The event "toggle" may come later than the next key.
    this.#menu.firstElementChild?.setAttribute("autofocus", "");
  }

  #keydown(event: KeyboardEvent): void {
    const buttons = [...this.#menu.children] as HTMLElement[];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const next = entryByArrow(event.key, at, buttons.length);
    const leaves = event.key === "Escape" || event.key === "Tab";
    if (next === undefined && !leaves) return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    if (next === undefined) this.#popover.hide();
    else buttons[next]?.focus({ preventScroll: true });
  }
}
