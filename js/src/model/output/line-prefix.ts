// Puts a prefix in front of every line of a terminal that shows two streams, or times. Text in, text
// out: no DOM, no xterm.
//
// Strategy: a prefix is written when the first character of its line comes, so that an empty last
// line has none. After a carriage return it is written again, so that a progress bar does not
// overwrite it. Colours that a stream has switched on belong to that stream: they are switched off
// before a prefix and on again after it. If one stream has left a line open, it is ended before the
// other stream goes on.

import type { Stream } from "../messages";

/** What stands in front of a line, and the colour sequence for text that has no colour. */
export interface Label {
  text: string;
  base: string;
}

interface State {
  /** The colour sequences since the last reset. */
  colours: string[];
  /** The start of a control sequence whose end has not come. */
  tail: string;
}

/** Colour sequences that are kept; the last ones override what more of them would say. */
const COLOURS = 32;
/** Characters of an unfinished control sequence that are kept until its end comes. */
const TAIL = 4096;
const RESET = "\x1b[0m";

/** A string sequence (title, link, …), a control sequence, a line end, or text. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for them
  /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\r\n]|[^\x1b\r\n]+|\x1b/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const UNFINISHED = /\x1b(?:[\]PX^_][^\x07\x1b]*\x1b?|\[[0-?]*[ -/]*|[ -/]*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOUR = /^\x1b\[([0-9;:]*)m$/;

export class LinePrefix {
  #label: (stream: Stream, at: number) => Label;
  #states: Record<Stream, State> = {
    1: { colours: [], tail: "" },
    2: { colours: [], tail: "" },
  };
  #stream: Stream | undefined;
  #bare = true; // the line has no prefix yet
  #home = false; // the cursor is where the prefix is

  /** `label` returns what stands before a line that a stream began at a time (in seconds). */
  constructor(label: (stream: Stream, at: number) => Label) {
    this.#label = label;
  }

  /** Go on at the start of an empty line, because others have written to the view or cleared it. */
  restart(): void {
    this.#bare = true;
    this.#home = false;
    for (const state of Object.values(this.#states)) state.tail = "";
  }

  /** Return a stream's text with prefixes. */
  push(stream: Stream, text: string, at: number): string {
    const state = this.#states[stream];
    const whole = state.tail + text;
    const tail = UNFINISHED.exec(whole)?.[0] ?? "";
    state.tail = tail.length <= TAIL ? tail : "";
    const { text: before, base } = this.#label(stream, at);
    const prefix = () => `${RESET}${before}${RESET}${base}${state.colours.join("")}`;
    let out = "";
    if (stream !== this.#stream) {
      if (this.#stream !== undefined && !this.#bare) out += "\n";
      this.#stream = stream;
      this.#bare = true;
    }
    for (const [token] of whole.slice(0, whole.length - state.tail.length).matchAll(TOKEN)) {
      const colour = COLOUR.exec(token);
      if (token === "\n") {
        out += this.#bare ? `${prefix()}\n` : token;
        this.#bare = true;
        this.#home = false;
      } else if (token === "\r") {
        out += token;
        this.#home = true;
      } else if (colour) {
        out += this.#colour(state, colour, base);
      } else if (token.startsWith("\x1b")) {
        out += token;
      } else {
        if (this.#bare || this.#home) out += prefix();
        this.#bare = false;
        this.#home = false;
        out += token;
      }
    }
    return out;
  }

  /** Keep a colour sequence for the prefixes to come, and return what to write for it now. */
  #colour(state: State, [token, parameters]: RegExpExecArray, base: string): string {
    const first = /^0*(?:[;:]|$)/.test(parameters ?? "");
    if (first) state.colours = [];
    if (!/^0*$/.test(parameters ?? "")) state.colours = [...state.colours, token].slice(-COLOURS);
    if (this.#bare || this.#home) return "";
    return first ? `${RESET}${base}${/^0*$/.test(parameters ?? "") ? "" : token}` : token;
  }
}
