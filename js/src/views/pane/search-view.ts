// Finds text in a terminal and marks it. Knows xterm and the DOM, no Jupyter.

import { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import { element, keepKeys, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";

/** Matches that are marked at once; more are counted as "999+". */
const MARKED = 999;

const DECORATIONS = {
  matchBackground: "#f5d76e",
  matchOverviewRuler: "#b58900",
  activeMatchBackground: "#ff9632",
  activeMatchColorOverviewRuler: "#cb4b16",
};

export class SearchView {
  readonly root: HTMLElement;
  #addon = new SearchAddon({ highlightLimit: MARKED });
  #input: HTMLInputElement;
  #case: HTMLInputElement;
  #count: HTMLElement;
  #closed: () => void;
  #quiet: { dispose(): void };

  /** `closed` is called when the user has found enough; `nothing` says that there is no match. */
  constructor(terminal: Terminal, closed: () => void, nothing: () => string) {
    this.#closed = closed;
    terminal.loadAddon(this.#addon);
    this.#input = element("input", "hj-search-input", { type: "text", ariaLabel: "find" });
    this.#input.placeholder = "find in this pane";
    this.#case = element("input", "", { type: "checkbox" });
    this.#count = element("span", "hj-search-count", { role: "status" });
    this.root = element(
      "div",
      "hj-search",
      { role: "search", hidden: true },
      this.#input,
      this.#count,
      element(
        "label",
        "hj-search-case",
        { title: "upper and lower case differ" },
        this.#case,
        "Aa",
      ),
      iconButton("previous", "previous match (Shift+Enter)", () => this.#find(-1)),
      iconButton("next", "next match (Enter)", () => this.#find(1)),
      iconButton("close", "close the search (Esc)", () => this.hide()),
    );
    this.#case.setAttribute("aria-label", "match case");
    keepKeys(this.#input);
    keepKeys(this.#case);
    this.#input.addEventListener("input", () => this.#find(0));
    this.#case.addEventListener("change", () => this.#find(0));
    this.root.addEventListener("keydown", (event) => this.#keydown(event));
    this.#quiet = this.#addon.onDidChangeResults(({ resultIndex, resultCount }) => {
      const many = resultCount >= MARKED ? `${MARKED}+` : String(resultCount);
      const place = resultIndex < 0 ? many : `${resultIndex + 1} of ${many}`;
      setText(this.#count, this.#input.value ? (resultCount ? place : nothing()) : "");
    });
  }

  open(): void {
    this.root.hidden = false;
    this.#input.focus();
    this.#input.select();
    if (this.#input.value) this.#find(0);
  }

  hide(): void {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.#addon.clearDecorations();
    this.#closed();
  }

  close(): void {
    this.#quiet.dispose();
    this.#addon.dispose();
  }

  /** Find the next match (1), the one before (-1), or the one at hand after a change (0). */
  #find(step: number): void {
    const term = this.#input.value;
    if (!term) {
      this.#addon.clearDecorations();
      setText(this.#count, "");
      return;
    }
    const options = { caseSensitive: this.#case.checked, decorations: DECORATIONS };
    // The newest match first: that is where the view stands.
    if (step > 0) this.#addon.findNext(term, options);
    else this.#addon.findPrevious(term, { ...options, incremental: step === 0 });
  }

  #keydown(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.hide();
    } else if (event.key === "Enter" && event.target === this.#input) {
      event.preventDefault();
      this.#find(event.shiftKey ? -1 : 1);
    }
  }
}
