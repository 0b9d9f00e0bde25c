// Turns a stream's text into what a pane shows of it, a line at a time: structured lines in one line,
// only the lines that a filter lets through, long stack traces folded. Text in, text out: no DOM, no
// xterm, no clock.
//
// Strategy: a line is looked at once it is whole. What cannot become a structured line is passed on at
// once, so that prompts and progress bars are seen. The newest lines are remembered as they came, for
// the view of one line.

import { type Entry, type Filter, readFilter } from "./filter";
import { formatLine } from "./format-line";
import { Grouping } from "./grouping";
import { LONGEST, type LogLine, mayBecomeStructured, readLine } from "./log-line";

/** What the user wants to see. */
export interface ShapeOptions {
  /** Show structured lines as fields. */
  structured: boolean;
  /** What to show; "" is everything. */
  filter: string;
  /** Fold stack traces that are longer than FOLDED lines. */
  fold: boolean;
}

/** A line as it came, without its line feed. */
export interface KeptLine {
  stream: number;
  raw: string;
  /** Counts the groups of lines that belong together. */
  group: number;
}

/** Text for a terminal. */
export interface Shaped {
  text: string;
  /** Whether it is whole lines, each of which leaves the terminal as it found it. */
  whole: boolean;
}

export const NOTHING: ShapeOptions = { structured: false, filter: "", fold: false };
/** Lines of a group that are shown when it is folded. */
export const FOLDED = 4;
/** Lines that are remembered, and characters of them. */
export const KEPT_LINES = 10_000;
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** Characters of a group that a filter looks at. */
const GROUP = 64 * 1024;
const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
/** Sequences that show nothing; a filter looks at the text without them. */
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
/** A line with any of these may change what is shown of others. */
const ACTING = /[^\t\r\x20-\x7e\u00a0-\uffff]/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

interface Group {
  number: number;
  entry: Entry;
  /** Lines of it that are not shown, because no line matches yet. */
  waiting: string[];
  shown: number;
  /** Lines of it that are folded and not yet mentioned. */
  folded: number;
  state: "waiting" | "shown" | "out";
}

interface State {
  /** The beginning of a line that is held back. */
  held: string;
  /** The beginning of a line that was passed on. */
  passed: string;
  grouping: Grouping;
  group: Group | undefined;
}

export class LineShaper {
  readonly options: ShapeOptions;
  readonly filter: Filter;
  /** Whole lines that have come, and those of them that are shown. */
  total = 0;
  shown = 0;
  #states = new Map<number, State>();
  #kept: KeptLine[] = [];
  #first = 0;
  #characters = 0;
  #groups = 0;
  #whole = true;

  constructor(options: ShapeOptions) {
    this.options = options;
    this.filter = readFilter(options.filter);
  }

  /** Whether something waits for what follows it; see `release`. */
  get holds(): boolean {
    for (const { held, group } of this.#states.values()) {
      if (group?.folded || held) return true;
    }
    return false;
  }

  /** Take the next text of a stream; return what to show. */
  push(stream: number, text: string): Shaped {
    const state = this.#state(stream);
    this.#whole = true;
    let out = "";
    let at = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
      const piece = text.slice(at, end);
      at = end + 1;
      if (state.passed) {
        out += `${piece}\n`;
        this.#whole = false;
        this.#note(stream, state, state.passed + piece);
        state.passed = "";
        continue;
      }
      out += this.#line(stream, state, state.held ? state.held + piece : piece);
      state.held = "";
    }
    if (at < text.length) out += this.#rest(state, text.slice(at));
    return { text: out, whole: this.#whole };
  }

  /** Return what was held back for too long: a line that is not ended, and how much is folded. */
  release(stream: number): string {
    const state = this.#state(stream);
    let out = "";
    if (state.group) out += this.#unfold(state.group);
    // A filter looks at what there is of the line: a prompt has no end to wait for.
    const text = state.held.replace(SEQUENCES, "");
    if (state.held && (this.filter.empty || this.filter.matches({ text, line: undefined }))) {
      out += this.#foldedAlready(state) ? "" : state.held;
      state.passed = state.held;
      state.held = "";
    }
    return out;
  }

  /** A stream's next text begins anew, with a line. Return what was held back. */
  restart(stream: number): string {
    const state = this.#state(stream);
    let out = "";
    if (state.held && !this.filter.empty) {
      out = this.#line(stream, state, state.held); // more of this line will not come
      state.held = "";
    }
    out += this.release(stream);
    if (state.passed) this.#note(stream, state, state.passed);
    state.held = state.passed = "";
    state.group = undefined;
    state.grouping.restart();
    return out;
  }

  /** The newest lines, the last one first, as they came. */
  *newest(): Iterable<KeptLine> {
    for (let n = this.#kept.length - 1; n >= this.#first; n -= 1) yield this.#kept[n] as KeptLine;
  }

  /** Return what is shown of a line as it came. */
  show(raw: string): string {
    const line = this.options.structured ? readLine(withoutReturn(raw)) : undefined;
    return line ? formatLine(line) : raw;
  }

  #state(stream: number): State {
    let state = this.#states.get(stream);
    if (!state) {
      state = { held: "", passed: "", grouping: new Grouping(), group: undefined };
      this.#states.set(stream, state);
    }
    return state;
  }

  /** Take the text after the last line end. */
  #rest(state: State, text: string): string {
    if (state.passed) {
      this.#whole = false;
      if (state.passed.length < LONGEST) state.passed += text;
      return text;
    }
    state.held += text;
    // A filter has to see the whole line, and so has what may be folded.
    if (!this.filter.empty) return "";
    const may = this.options.structured && mayBecomeStructured(state.held);
    if ((may || this.options.fold) && state.held.length <= LONGEST) return "";
    this.#whole = false;
    state.passed = state.held;
    state.held = "";
    return state.passed;
  }

  /** Take a line that was shown before its end came. */
  #note(stream: number, state: State, raw: string): void {
    this.#group(state, withoutReturn(raw), undefined);
    if (state.group) {
      state.group.state = "shown";
      state.group.shown += 1;
    }
    this.total += 1;
    this.shown += 1;
    this.#keep(stream, raw, state.group?.number ?? 0);
  }

  #line(stream: number, state: State, raw: string): string {
    const text = withoutReturn(raw);
    const line = this.options.structured || !this.filter.empty ? readLine(text) : undefined;
    const before = state.group;
    const group = this.#group(state, text, line);
    this.total += 1;
    this.#keep(stream, raw, group.number);
    const shown = line && this.options.structured ? formatLine(line) : raw;
    if (shown === raw && ACTING.test(raw)) this.#whole = false;
    const ended = before && before !== group ? this.#unfold(before) : "";
    return ended + this.#show(group, `${shown}\n`);
  }

  /** Find the group that a line belongs to, and add it to that. */
  #group(state: State, text: string, line: LogLine | undefined): Group {
    const plain = text.includes("\x1b") ? text.replace(SEQUENCES, "") : text;
    if (line) state.grouping.begin();
    else if (state.grouping.continues(plain) && state.group) {
      const { entry } = state.group;
      // Nobody asks for the text of a group if there is no filter.
      if (!this.filter.empty && entry.text.length < GROUP) entry.text += `\n${plain}`;
      return state.group;
    }
    state.group = this.#newGroup(plain, line);
    return state.group;
  }

  #newGroup(text: string, line: LogLine | undefined): Group {
    this.#groups += 1;
    const entry = { text, line };
    return { number: this.#groups, entry, waiting: [], shown: 0, folded: 0, state: "waiting" };
  }

  /** Return what to show now that a group has one line more. */
  #show(group: Group, line: string): string {
    if (this.filter.empty) group.state = "shown";
    else if (this.filter.matches(group.entry)) group.state = "shown";
    else if (group.state === "shown") group.state = "out"; // what must not be there has come
    group.waiting.push(line);
    if (group.state !== "shown") return "";
    const lines = group.waiting;
    group.waiting = [];
    this.shown += lines.length;
    if (!this.options.fold) return lines.join("");
    let out = "";
    for (const each of lines) {
      if (group.shown < FOLDED) out += each;
      else group.folded += 1;
      group.shown += 1;
    }
    return out;
  }

  #unfold(group: Group): string {
    const { folded } = group;
    group.folded = 0;
    return folded
      ? `${RESET}${DIM}    … ${folded} more ${folded > 1 ? "lines" : "line"}${RESET}\n`
      : "";
  }

  /** Whether the line that is coming would be folded. */
  #foldedAlready(state: State): boolean {
    return this.options.fold && (state.group?.shown ?? 0) >= FOLDED && /^\s/.test(state.held);
  }

  #keep(stream: number, raw: string, group: number): void {
    const short = raw.length > LONGEST ? raw.slice(0, LONGEST) : raw;
    this.#kept.push({ stream, raw: short, group });
    this.#characters += short.length;
    while (
      this.#kept.length - this.#first > KEPT_LINES ||
      (this.#characters > KEPT_CHARACTERS && this.#kept.length - this.#first > 1)
    ) {
      this.#characters -= this.#kept[this.#first]?.raw.length ?? 0;
      this.#first += 1;
    }
    if (this.#first > KEPT_LINES) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
  }
}

function withoutReturn(raw: string): string {
  return raw.endsWith("\r") ? raw.slice(0, -1) : raw;
}
