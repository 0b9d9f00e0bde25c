// Puts a prefix in front of every line of a terminal that shows two streams, or times. Text in, text
// out: no DOM, no xterm.
//
// Strategy: a prefix is written when the first character of its line comes, so that an empty last
// line has none. After a carriage return, or another way to the first column, it is written again: the
// cursor passes it, and its time is the newest. Columns that a program names are moved to the right by
// the prefix's width. A prefix is protected, and lines are erased selectively, so that it stays. Colours
// that a stream has switched on belong to that stream: they are switched off before a prefix and on
// again after it. If one stream has left a line open, it is ended before the other stream goes on.

import type { Stream } from "../messages";

/** What stands in front of a line, and the colour sequence for text that has no colour. */
export interface Label {
  text: string;
  base: string;
  /** What stands in front of the lines after the first one, if that is something else, as wide. */
  next?: string;
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

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
/** A string sequence (title, link, …), a control sequence, another sequence, backspaces, a line end, or text. */
const TOKEN =
  /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|\x08+|[\r\n\v\f\x85]|[^\x08\n\v\f\r\x1b\x85\x9b]+|[\x1b\x9b]/g;
const UNFINISHED = /(?:\x1b(?:[\]PX^_][^\x07\x1b]*\x1b?|\[[0-?]*[ -/]*|[ -/]*)|\x9b[0-?]*[ -/]*)$/;
const COLOUR = /^(?:\x1b\[|\x9b)([0-9;:]*)m$/;
/** A control sequence with numbers only. */
const NUMBERED = /^(?:\x1b\[|\x9b)([0-9;]*)([@-~])$/;
const LINE_END = /^(?:[\n\v\f\x85]|\x1bE)$/;
const SAVING = /^(?:\x1b7|(?:\x1b\[|\x9b)s)$/;
const RESTORING = /^(?:\x1b8|(?:\x1b\[|\x9b)u)$/;
const LOOK = /\x1b\[[0-9;:]*m/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
/** Erasures that say "selective" spare what is protected. */
const PROTECT = '\x1b[1"q';
const UNPROTECT = '\x1b[0"q';

/** Return the start of a control sequence at the end of a text, if its end is not there. */
export function unfinished(text: string): string {
  const tail = UNFINISHED.exec(text)?.[0] ?? "";
  return tail.length <= TAIL ? tail : "";
}

/** Return where the control sequence at the start of a text ends; 0 if that is not there. */
export function sequenceEnd(text: string): number {
  TOKEN.lastIndex = 0;
  const [token = ""] = TOKEN.exec(text) ?? [];
  TOKEN.lastIndex = 0;
  return token.length > 1 ? token.length : 0;
}

export class LinePrefix {
  #label: (stream: Stream, at: number) => Label;
  #states: Record<Stream, State> = {
    1: { colours: [], tail: "" },
    2: { colours: [], tail: "" },
  };
  #stream: Stream | undefined;
  #bare = true; // the line has no prefix yet
  #home = false; // the cursor is where the prefix is
  #width = 0; // the columns of the last prefix

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

  /** A line of our own was written between the streams' lines. A sequence that has begun goes on. */
  interrupt(): void {
    this.#bare = true;
    this.#home = false;
  }

  /** Return a stream's text with prefixes. */
  push(stream: Stream, text: string, at: number): string {
    const state = this.#states[stream];
    const whole = state.tail + text;
    const tail = UNFINISHED.exec(whole)?.[0] ?? "";
    state.tail = tail.length <= TAIL ? tail : "";
    const { text: before, base, next } = this.#label(stream, at);
    this.#width = before.replace(LOOK, "").length;
    // A reset takes the protection back, too.
    const protect = (label: string) => label.replaceAll(RESET, `${RESET}${PROTECT}`);
    let front = protect(before);
    const prefix = () =>
      `${RESET}${PROTECT}${front}${UNPROTECT}${RESET}${base}${state.colours.join("")}`;
    let out = "";
    if (stream !== this.#stream) {
      if (this.#stream !== undefined && !this.#bare) out += "\n";
      this.#stream = stream;
      this.#bare = true;
      this.#home = false;
    }
    for (const [token] of whole.slice(0, whole.length - state.tail.length).matchAll(TOKEN)) {
      const colour = COLOUR.exec(token);
      if (LINE_END.test(token)) {
        out += this.#bare ? `${prefix()}${token}` : token;
        this.#bare = true;
        this.#home = false;
        if (next !== undefined) front = protect(next);
      } else if (token === "\r") {
        out += token;
        this.#home = true;
      } else if (colour) {
        out += this.#colour(state, colour, base);
      } else if (token.startsWith("\x1b") || token.startsWith("\x9b") || token.startsWith("\b")) {
        out += this.#moved(token, prefix);
      } else {
        out += this.#begun(prefix) + token;
      }
    }
    return out;
  }

  /** The prefix, if it must be written before what comes next in its line. */
  #begun(prefix: () => string): string {
    if (!this.#bare && !this.#home) return "";
    this.#bare = false;
    this.#home = false;
    return prefix();
  }

  /** Return what to write for a sequence that may move the cursor or erase. */
  #moved(token: string, prefix: () => string): string {
    const width = this.#width;
    const before = this.#bare || this.#home;
    // Back by the prefix's width and forward again: nothing, unless that meets the first column.
    const outside = before ? "" : `\x1b[${width}D\x1b[${width}C`;
    if (token.startsWith("\b") || RESTORING.test(token)) {
      if (!token.startsWith("\b")) this.#bare = this.#home = false;
      return `${token}${token.startsWith("\b") ? outside : `\x1b[${width}D\x1b[${width}C`}`;
    }
    if (SAVING.test(token)) return this.#begun(prefix) + token;
    const [, parameters = "", final = ""] = NUMBERED.exec(token) ?? [];
    const [first = 0, second = 0] = parameters.split(";").map(Number);
    switch (final) {
      case "G":
      case "`":
        if (first <= 1) return this.#returned("\r");
        return `${this.#begun(prefix)}\x1b[${first + width}G`;
      case "H":
      case "f": {
        const start = `\x1b[${first};1H`;
        if (second <= 1) return this.#returned(start);
        this.#returned("");
        return `${start}${this.#begun(prefix)}\x1b[${first};${second + width}H`;
      }
      case "E":
      case "F":
      case "L":
      case "M":
        return this.#returned(token);
      case "D":
      case "Z":
        return `${token}${outside}`;
      case "C":
      case "I":
      case "P":
      case "X":
      case "@":
      case "a":
        return this.#begun(prefix) + token;
      case "K":
        return `\x1b[?${first}K`;
      case "J":
        return first === 0 ? token : this.#returned(`${token}\r`);
      default:
        return token;
    }
  }

  /** Note that what is written moves the cursor to the first column, where a prefix is, or is missing. */
  #returned(written: string): string {
    this.#home = true;
    return written;
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
