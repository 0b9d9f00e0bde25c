// Filters out control sequences by which output could do harm: make a terminal answer when the user
// did not ask, freeze the page, or take the mouse away from a log. No DOM, no Jupyter.
//
// The list is for xterm 6: everything that it sends by itself comes from the sequences below.

import type { IBuffer, IDisposable, IFunctionIdentifier, IParser } from "@xterm/xterm";

/** Sequences with a higher count are ignored: xterm repeats one by one, and would not come back. */
const REPEATS = 256;

const QUERIES: IFunctionIdentifier[] = [
  { final: "c" }, // DA1
  { prefix: ">", final: "c" }, // DA2
  { prefix: "=", final: "c" }, // DA3
  { prefix: ">", final: "q" }, // XTVERSION
  { final: "n" }, // DSR
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" }, // DECRQM
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: "?", final: "u" }, // which keys the terminal can distinguish
  { final: "x" }, // DECREQTPARM
];
const QUERIES_DCS: IFunctionIdentifier[] = [
  { intermediates: "$", final: "q" }, // DECRQSS
  { intermediates: "+", final: "q" }, // XTGETTCAP
];
const COLORS = [4, 10, 11, 12];
/** ICH and the like stop at the line's end; these repeat as often as their count says. */
const REPEATED = ["I", "L", "M", "S", "T", "Z", "b"];
const FOCUS_MODE = 1004;
const MOUSE_MODES = [9, 1000, 1002, 1003];
const FOCUS_REPORTS = ["\x1b[I", "\x1b[O"];

/** The part of xterm's Terminal that is filtered; the headless one has it too. */
export interface Filtered {
  readonly parser: IParser;
  readonly buffer: { readonly active: Pick<IBuffer, "cursorX" | "cursorY"> };
  readonly cols: number;
  readonly rows: number;
}

/** What xterm erases with; not part of its interface. */
interface Internals {
  _core?: {
    _inputHandler?: { eraseInDisplay(params: { params: number[] }, selective: boolean): boolean };
  };
}

export interface Rules {
  /** Whether this terminal may answer now. */
  mayAnswer(): boolean;
  /** Whether a program may have the mouse now. */
  mayHaveMouse(): boolean;
}

/** Addresses that are kept. */
const LINKS = 20;

export class SequenceFilter {
  #rules: Rules;
  #links: string[] = [];
  #muted = false;
  #disposables: IDisposable[];

  constructor(terminal: Filtered, rules: Rules) {
    this.#rules = rules;
    const { parser } = terminal;
    const muted = () => !rules.mayAnswer();
    const query = (data: string) => muted() && data.split(";").includes("?");
    const endless = (params: (number | number[])[]) => Number(params[0]) > REPEATS;
    this.#disposables = [
      ...QUERIES.map((id) => parser.registerCsiHandler(id, muted)),
      ...QUERIES_DCS.map((id) => parser.registerDcsHandler(id, muted)),
      ...COLORS.map((color) => parser.registerOscHandler(color, query)),
      ...REPEATED.map((final) => parser.registerCsiHandler({ final }, endless)),
      // Window titles, sizes and their reports: a pane is not a window.
      parser.registerCsiHandler({ final: "t" }, () => true),
      ...[0, 1, 2].map((title) => parser.registerOscHandler(title, () => true)),
      // What can not be opened does not look like a link either.
      parser.registerOscHandler(8, (data) => {
        const address = data.slice(data.indexOf(";") + 1);
        const link = safeLink(address);
        if (link)
          this.#links = [...this.#links.filter((l) => l !== link.href), link.href].slice(-LINKS);
        return address !== "" && !link;
      }),
      // xterm can fail where nothing is left of the screen, and would then draw nothing more at all.
      ...["", "?"].map((prefix) =>
        parser.registerCsiHandler({ ...(prefix ? { prefix } : {}), final: "J" }, (params) =>
          this.#eraseAll(terminal, Number(params[0]), prefix !== ""),
        ),
      ),
      parser.registerCsiHandler({ prefix: "?", final: "h" }, (params) => this.#setMode(params)),
    ];
  }

  /** The last addresses of links that were given a text (OSC 8), oldest first. */
  get links(): readonly string[] {
    return this.#links;
  }

  /** Whether data that the terminal wants to send is an answer that it must not give. */
  isUnwantedAnswer(data: string): boolean {
    return this.#muted && FOCUS_REPORTS.includes(data);
  }

  close(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Erase the whole screen where erasing up to the cursor means that. Returns whether it does. */
  #eraseAll(terminal: Filtered, which: number, selective: boolean): boolean {
    const { cursorX, cursorY } = terminal.buffer.active;
    if (which !== 1 || cursorX + 1 < terminal.cols || cursorY + 1 < terminal.rows) return false;
    const { _core: core } = terminal as unknown as Internals;
    core?._inputHandler?.eraseInDisplay({ params: [2] }, selective);
    return true;
  }

  #setMode(params: (number | number[])[]): boolean {
    if (!this.#rules.mayHaveMouse() && params.some((mode) => MOUSE_MODES.includes(Number(mode)))) {
      return true;
    }
    if (params.includes(FOCUS_MODE) && !this.#rules.mayAnswer()) {
      // xterm reports the focus as soon as it is asked to report its changes. The mode is wanted,
      // this first report is not; it comes before this turn of the event loop ends.
      this.#muted = true;
      queueMicrotask(() => {
        this.#muted = false;
      });
    }
    return false;
  }
}

/**
 * Return the address as the browser understands it (a host name with letters of other alphabets as
 * xn--…), or null if it may not be opened.
 */
export function safeLink(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}
