// Finds text in a terminal and marks it, by xterm's search addon. No Jupyter.

import { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";

/** Matches that are marked and counted at most. */
export const MARKED = 999;

const DECORATIONS = {
  matchBackground: "#f5d76e",
  matchOverviewRuler: "#b58900",
  activeMatchBackground: "#ff9632",
  activeMatchColorOverviewRuler: "#cb4b16",
};

export interface Search {
  text: string;
  matchCase: boolean;
}

export class TerminalSearch {
  #addon = new SearchAddon({ highlightLimit: MARKED });
  #subscription: { dispose(): void };

  /** `found` gets the index of the current match (-1 for none) and how many there are. */
  constructor(terminal: Terminal, found: (index: number, count: number) => void) {
    terminal.loadAddon(this.#addon);
    this.#subscription = this.#addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      found(resultIndex, resultCount),
    );
  }

  next({ text, matchCase }: Search): void {
    this.#addon.findNext(text, { caseSensitive: matchCase, decorations: DECORATIONS });
  }

  /** Go to the match before. `stay`: the current one counts too, because the text has changed. */
  previous({ text, matchCase }: Search, stay = false): void {
    const options = { caseSensitive: matchCase, decorations: DECORATIONS, incremental: stay };
    this.#addon.findPrevious(text, options);
  }

  clear(): void {
    this.#addon.clearDecorations();
  }

  close(): void {
    this.#subscription.dispose();
    this.#addon.dispose();
  }
}
