// The search bar of a pane: a text to find, how many matches there are, and buttons to go through
// them. DOM; it searches through terminal/, by a second module. No Jupyter.

import { second } from "../../model/second-modules";
import type { Emulator } from "../../terminal/emulator";
import type { TerminalSearch } from "../../terminal/terminal-search";
import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import type { Remembered } from "../elements/remembered";
import { keepKeys, take } from "../elements/shortcuts";
import type { Searches } from "./view-settings";

/** Matches that are marked and counted at most. */
export const MARKED = 999;

/** The second module of the search. */
interface SearchModule {
  TerminalSearch: typeof TerminalSearch;
}

export class SearchView {
  readonly root: HTMLElement;
  #emulator: Emulator;
  /** Undefined until the bar was open once, and its code is there. */
  #search: TerminalSearch | undefined;
  #closed = false;
  #input: HTMLInputElement;
  #case: HTMLInputElement;
  #count: HTMLElement;
  #hidden: () => void;
  #nothing: () => string;
  #failed: (why: string) => void;
  #unable = false;

  /**
   * `hidden` is called after the user has closed the bar; `nothing` words that there is no match;
   * `failed` is told why it cannot search, or "" once it can. `searches`: where the text is remembered.
   */
  constructor(
    emulator: Emulator,
    hidden: () => void,
    nothing: () => string,
    failed: (why: string) => void,
    searches?: Remembered<Searches>,
  ) {
    this.#emulator = emulator;
    this.#hidden = hidden;
    this.#nothing = nothing;
    this.#failed = failed;
    this.#input = element("input", "hj-search-input", { type: "text", ariaLabel: "find" });
    this.#input.placeholder = "find in this pane";
    this.#case = element("input", "", { type: "checkbox" });
    this.#count = element("span", "hj-search-count", { role: "status" });
    this.root = element(
      "div",
      "hj-search",
      { role: "search", ariaLabel: "find bar", hidden: true },
      this.#input,
      this.#count,
      element(
        "label",
        "hj-search-case",
        { title: "match upper and lower case exactly" },
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
    this.#input.value = searches?.get("find") ?? "";
    this.#input.addEventListener("input", () => {
      searches?.set("find", this.#input.value);
      this.#find(0);
    });
    this.#case.addEventListener("change", () => this.#find(0));
    this.root.addEventListener("keydown", (event) => this.#keydown(event));
  }

  show(): void {
    this.root.hidden = false;
    this.#input.focus();
    this.#input.select();
    if (!this.#search) void this.#load();
    if (this.#input.value) this.#find(0);
  }

  hide(): void {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.#search?.clear();
    this.#hidden();
  }

  /** Open at Ctrl+F. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    const command = event.ctrlKey || event.metaKey;
    if (event.type !== "keydown" || !command || event.altKey || event.key !== "f") return true;
    take(event);
    this.show();
    return false;
  }

  close(): void {
    this.#closed = true;
    this.#search?.close();
  }

  /** Have the code, and find what was typed meanwhile. */
  async #load(): Promise<void> {
    const { TerminalSearch } = await second.load<SearchModule>("search", this.#fault);
    if (this.#closed || this.#search) return;
    if (this.#unable) this.#failed("");
    this.#search = new TerminalSearch(this.#emulator.terminal, MARKED, (index, count) => {
      const text = count ? matchText(index, count) : this.#nothing();
      setText(this.#count, this.#input.value ? text : "");
    });
    if (!this.root.hidden) this.#find(0);
  }

  #fault = (why: string): void => {
    this.#unable = true;
    if (!this.#closed) this.#failed(why);
  };

  /** Find the next match (1), the one before (-1), or after a change the current one (0). */
  #find(step: number): void {
    const search = { text: this.#input.value, matchCase: this.#case.checked };
    if (!search.text) {
      this.#search?.clear();
      setText(this.#count, "");
      return;
    }
    // The newest match comes first, because the view shows the newest output.
    if (step > 0) this.#search?.next(search);
    else this.#search?.previous(search, step === 0);
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

/** Say which match of how many is the current one; an index of -1 stands for none. */
export function matchText(index: number, count: number): string {
  const many = count >= MARKED ? `${MARKED}+` : String(count);
  return index < 0 ? many : `${index + 1} of ${many}`;
}
