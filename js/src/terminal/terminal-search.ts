// Finds text in a terminal and marks it, by xterm's search addon. It is a second module: with the addon
// it is as large as all that draws a pane. No Jupyter.

import { type ISearchOptions, SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";

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

/**
 * What to ask the addon. Where case does not matter it compares lines in lower case, which are longer
 * than what is on the screen (İ becomes two characters), so that it marks the wrong cells. As a regular
 * expression it compares the lines as they are.
 */
export function request({ text, matchCase }: Search): [term: string, options: ISearchOptions] {
  const options = { caseSensitive: matchCase, decorations: DECORATIONS };
  if (matchCase) return [text, options];
  return [text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), { ...options, regex: true }];
}

export class TerminalSearch {
  #addon: SearchAddon;
  #subscription: { dispose(): void };

  /**
   * `most`: how many matches are marked and counted. `found` gets the index of the current match (-1
   * for none) and how many there are.
   */
  constructor(terminal: Terminal, most: number, found: (index: number, count: number) => void) {
    this.#addon = new SearchAddon({ highlightLimit: most });
    terminal.loadAddon(this.#addon);
    this.#subscription = this.#addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      found(resultIndex, resultCount),
    );
  }

  next(search: Search): void {
    this.#addon.findNext(...request(search));
  }

  /** Go to the match before. `stay`: the current one counts too, because the text has changed. */
  previous(search: Search, stay = false): void {
    const [term, options] = request(search);
    this.#addon.findPrevious(term, { ...options, incremental: stay });
  }

  clear(): void {
    this.#addon.clearDecorations();
  }

  close(): void {
    this.#subscription.dispose();
    this.#addon.dispose();
  }
}
