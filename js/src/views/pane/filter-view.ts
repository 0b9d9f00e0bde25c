// The filter bar of a view: what lines have to have, and how many do. DOM only.

import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys } from "../elements/shortcuts";

/** Milliseconds after the last key, until the lines are drawn anew. */
const TYPING = 200;
const EXAMPLES = "text  /regex/  level>=warn  field=value  -not";
const HELP = `${EXAMPLES}\nAll terms must hold. A minus before a term leaves out what has it.`;

export class FilterView {
  readonly root: HTMLElement;
  #input = element("input", "hj-search-input", { type: "text", ariaLabel: "filter lines" });
  #count = element("span", "hj-filter-count");
  #said = element("span", "hj-hidden", { role: "status" });
  #apply: (typed: string) => void;
  #hidden: () => void;
  #applied = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `apply` is called with what was typed; `hidden` after the user has closed the bar. */
  constructor(apply: (typed: string) => void, hidden: () => void) {
    this.#apply = apply;
    this.#hidden = hidden;
    this.#input.placeholder = EXAMPLES;
    this.#input.title = HELP;
    this.#input.spellcheck = false;
    this.root = element(
      "div",
      "hj-filter",
      { role: "search", ariaLabel: "filter bar", hidden: true },
      this.#input,
      this.#count,
      this.#said,
      iconButton("close", "show all lines again (Esc)", () => this.hide()),
    );
    keepKeys(this.#input);
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#submit(), TYPING);
    });
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") {
        event.preventDefault();
        this.hide();
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.#submit();
      }
    });
  }

  /** Show what was typed in an earlier view, and filters already. */
  restore(typed: string): void {
    this.#input.value = typed;
    this.#applied = typed;
    this.root.hidden = !typed;
  }

  show(): void {
    this.root.hidden = false;
    this.#input.focus();
    this.#input.select();
  }

  /** Show all lines again. */
  hide(): void {
    if (this.root.hidden) return;
    this.#input.value = "";
    this.#submit();
    this.root.hidden = true;
    this.#hidden();
  }

  /** Say how many lines match, or what is wrong. */
  update(shown: number, total: number, error: string): void {
    this.#input.ariaInvalid = String(error !== "");
    this.#input.classList.toggle("hj-invalid", error !== "");
    const count = this.#applied ? countText(shown, total) : "";
    setText(this.#count, error ? error.replace(/:.*/s, "") : count);
    this.#count.title = error;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #submit(): void {
    clearTimeout(this.#timer);
    if (this.#input.value.trim() === this.#applied) return;
    this.#applied = this.#input.value.trim();
    this.#apply(this.#applied);
    setText(this.#said, this.#count.textContent ?? "");
  }
}

export function countText(shown: number, total: number): string {
  const [some, all] = [shown.toLocaleString("en"), total.toLocaleString("en")];
  return `${some} of ${all} ${total === 1 ? "line" : "lines"}`;
}
