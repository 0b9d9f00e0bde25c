// The filter bar of a view: what lines have to have, and how many do. DOM only.

import { aroundOf, MOST_AROUND, withAround } from "../../model/logs/filter/around";
import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys } from "../elements/shortcuts";

/** Milliseconds after the last key, until the lines are drawn anew. */
const TYPING = 200;
const EXAMPLES = "text  /regex/  level>=warn  field=value  stream:stderr  -not";
const HELP = `${EXAMPLES}\nAll terms must hold. A minus before a term leaves out what has it.`;

export class FilterView {
  readonly root: HTMLElement;
  #input = element("input", "hj-search-input", { type: "text", ariaLabel: "filter lines" });
  #around = element("input", "hj-filter-around", {
    type: "number",
    min: "0",
    max: String(MOST_AROUND),
    value: "0",
    ariaLabel: "lines to keep around each match",
    title: "lines to keep around each match; the same as around:2 in the filter",
  });
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
      element("label", "hj-filter-lines", {}, "±", this.#around),
      this.#count,
      this.#said,
      iconButton("close", "show all lines again (Esc)", () => this.hide()),
    );
    keepKeys(this.#input);
    keepKeys(this.#around);
    this.#input.addEventListener("input", () => {
      this.#around.value = String(aroundOf(this.#input.value));
      this.#submitLater();
    });
    this.#around.addEventListener("input", () => {
      const lines = Math.min(MOST_AROUND, Math.max(0, Math.round(this.#around.valueAsNumber || 0)));
      this.#input.value = withAround(this.#input.value, lines);
      this.#submitLater();
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
    this.#around.value = String(aroundOf(typed));
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
    this.#around.value = "0";
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

  #submitLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#submit(), TYPING);
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
