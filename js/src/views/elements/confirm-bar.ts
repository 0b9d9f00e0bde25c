// A question at the top of a pane, in front of the terminal: what it is about, and the choices. DOM
// only.
//
// Keys stay inside while it is shown: Tab goes round its buttons. Esc does the same as the last one,
// Cancel, which has the focus first.

import type { Choice, Confirmation, Confirmer } from "../../terminal/confirmation";
import { element } from "./dom";
import { keepKeys } from "./shortcuts";

const CANCEL = "Cancel";
let count = 0;

export class ConfirmBar implements Confirmer {
  readonly root: HTMLElement;
  #after: () => void;

  /** `before`: the element that it covers; `after` is called when a question goes away. */
  constructor(before: HTMLElement, after: () => void) {
    this.#after = after;
    this.root = element("div", "hj-confirm-place", { hidden: true });
    this.root.addEventListener("keydown", (event) => this.#keydown(event));
    before.before(this.root);
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  /** Ask. A question that is still open is replaced. */
  ask({ title, detail, choices }: Confirmation): void {
    count += 1;
    const name = `hj-confirm-${count}`;
    const bar = element(
      "div",
      "hj-confirm",
      { role: "alertdialog" },
      element("div", "hj-confirm-title", { id: `${name}-title` }, title),
      element("pre", "hj-confirm-detail", { id: `${name}-detail`, tabIndex: 0 }, detail),
      element(
        "div",
        "hj-confirm-choices",
        {},
        ...[...choices, { label: CANCEL }].map((choice) => this.#button(choice)),
      ),
    );
    bar.setAttribute("aria-labelledby", `${name}-title`);
    bar.setAttribute("aria-describedby", `${name}-detail`);
    keepKeys(bar);
    this.root.replaceChildren(bar);
    this.#show(true);
    this.#stops().at(-1)?.focus();
  }

  /** Take the question away, as if nothing had been chosen. */
  hide(): void {
    if (!this.open) return;
    this.#show(false);
    this.root.replaceChildren();
    this.#after();
  }

  close(): void {
    this.root.remove();
  }

  #show(open: boolean): void {
    this.root.hidden = !open;
    this.root.parentElement?.classList.toggle("hj-asking", open);
  }

  #button({ label, href, chosen }: Choice): HTMLElement {
    const made = href
      ? element("a", "hj-button hj-link", { href, target: "_blank", rel: "noopener noreferrer" })
      : element("button", "hj-button", { type: "button" });
    made.textContent = label;
    made.addEventListener("click", () => {
      // Later, because the browser still needs the element to follow a link.
      setTimeout(() => {
        this.hide();
        chosen?.();
      });
    });
    return made;
  }

  #keydown(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.hide();
    } else if (event.key === "Tab") {
      event.preventDefault();
      const stops = this.#stops();
      const now = stops.indexOf(document.activeElement as HTMLElement);
      const step = event.shiftKey ? -1 : 1;
      stops.at((now + step + stops.length) % stops.length)?.focus();
    }
  }

  #stops(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>("a, button, pre")];
  }
}
