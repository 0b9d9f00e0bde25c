// Opens something at a button, in front of everything, because cells and panes clip what they
// contain. The browser hides it at Esc and at a click elsewhere. DOM only.

import { element } from "./dom";

const EDGE = 4;

export class Popover {
  readonly root: HTMLElement;
  #button: HTMLButtonElement;
  #scrolled = (event: Event) => {
    // Its button would move away from it. A pane that scrolls does not move the button.
    if ((event.target as Node).contains(this.#button)) this.hide();
  };

  /** `before` is called before it opens. What has `autofocus` then gets the focus. */
  constructor(button: HTMLButtonElement, before: () => void, ...children: Node[]) {
    this.#button = button;
    this.root = element("div", "hj-popover", {}, ...children);
    this.root.popover = "auto";
    button.popoverTargetElement = this.root;
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    this.root.addEventListener("beforetoggle", (event) => {
      const opens = (event as ToggleEvent).newState === "open";
      button.setAttribute("aria-expanded", String(opens));
      if (opens) {
        before();
        document.addEventListener("scroll", this.#scrolled, true);
      } else {
        this.root.classList.remove("hj-placed");
        this.#unwatch();
      }
    });
    this.root.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "open") this.#place();
    });
  }

  get open(): boolean {
    return this.root.matches(":popover-open");
  }

  hide(): void {
    this.root.hidePopover();
  }

  /** Let its button open it, or not. */
  allow(allowed: boolean): void {
    this.#button.popoverTargetElement = allowed ? this.root : null;
    if (!allowed && this.open) this.hide();
  }

  close(): void {
    this.#unwatch();
  }

  #unwatch(): void {
    document.removeEventListener("scroll", this.#scrolled, true);
  }

  /** Put it below its button, or above if there is no room below. A low page has neither. */
  #place(): void {
    const at = this.#button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const [below, above] = [at.bottom + EDGE, at.top - EDGE - height];
    const lowest = innerHeight - EDGE - height;
    const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
    const top = below <= lowest ? below : above >= EDGE ? above : Math.max(EDGE, lowest);
    this.root.style.left = `${left}px`;
    this.root.style.top = `${top}px`;
    this.root.classList.add("hj-placed");
  }
}
