// Turns a stream's text into what a pane shows of it, a line at a time: structured lines in one line,
// only the lines that a filter lets through, long stack traces folded. Text in, text out: no DOM, no
// xterm, no clock.
//
// Strategy: a line is looked at once it is whole. What cannot become a structured line is passed on at
// once, so that prompts and progress bars are seen. The newest lines are remembered as they came, for
// the view of one line.

import { STDOUT, type Stream } from "../messages";
import type { ShapedText, TextPart } from "../output/text-shape";
import { type Entry, type Filter, readFilter } from "./filter/filter";
import { formatLine } from "./format-line";
import { Grouping } from "./grouping";
import { LONGEST, mayBecomeStructured } from "./log-fields";
import { type LogLine, readLine } from "./log-line";

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
  stream: Stream;
  raw: string;
  /** Counts the groups of lines that belong together. */
  group: number;
}

export const NOTHING: ShapeOptions = { structured: false, filter: "", fold: false };
/** Lines of a group that are shown when it is folded. */
export const FOLDED = 4;
/** Lines that are remembered, and characters of them. */
export const KEPT_LINES = 10_000;
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** Characters of a group that a filter looks at. */
const GROUP = 64 * 1024;
/** Said where the filter was given up. */
const GIVEN_UP = "the filter is too slow for these lines: from here on all are shown";
const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
/** Sequences that show nothing; a filter looks at the text without them. */
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
/** A line with any of these may change what is shown of others. */
const ACTING = /[^\t\r\x20-\x7e\u00a0-\uffff]/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

/** A line as it is shown, with its line feed. */
interface Line {
  /** Counts the whole lines, of all streams. */
  number: number;
  stream: Stream;
  at: number;
  text: string;
  /** Whether it was shown around another one. */
  seen: boolean;
}

interface Group {
  number: number;
  entry: Entry;
  /** Lines of it that are not shown, because no line matches yet. */
  waiting: Line[];
  /** The lines before its first one, if those are shown with it. */
  before: readonly Line[];
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
  #states = new Map<Stream, State>();
  #kept: KeptLine[] = [];
  #first = 0;
  #characters = 0;
  #groups = 0;
  #whole = true;
  #out = new Output();
  /** The newest lines, as many as are kept before a match. */
  #recent: Line[] = [];
  /** Lines to show after the last one that matched. */
  #after = 0;
  /** The number of the newest line that was shown. */
  #newest = 0;

  /** `filter`: what `options.filter` says. */
  constructor(options: ShapeOptions, filter = readFilter(options.filter)) {
    this.options = options;
    this.filter = filter;
  }

  /** Whether something waits for what follows it; see `release`. */
  get holds(): boolean {
    for (const { held, group } of this.#states.values()) {
      if (group?.folded || held) return true;
    }
    return false;
  }

  /** Take the next text of a stream, which came at a time (in seconds); return what to show. */
  push(stream: Stream, text: string, at = 0): ShapedText {
    const state = this.#state(stream);
    this.#whole = true;
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      const piece = text.slice(from, end);
      from = end + 1;
      if (state.passed) {
        this.#out.add(stream, at, `${piece}\n`);
        this.#whole = false;
        this.#note(stream, state, state.passed + piece);
        state.passed = "";
        continue;
      }
      this.#line(stream, state, state.held ? state.held + piece : piece, at);
      state.held = "";
    }
    if (from < text.length) this.#out.add(stream, at, this.#rest(state, text.slice(from)));
    return this.#out.take(stream, at, this.#whole);
  }

  /** Return what was held back for too long: a line that is not ended, and how much is folded. */
  release(stream: Stream): string {
    const state = this.#state(stream);
    let out = "";
    if (state.group) out += this.#unfold(state.group);
    // A filter looks at what there is of the line: a prompt has no end to wait for.
    const text = state.held.replace(SEQUENCES, "");
    const entry = { text, line: undefined, stream };
    if (state.held && (this.filter.empty || this.filter.matches(entry))) {
      out += this.#foldedAlready(state) ? "" : state.held;
      state.passed = state.held;
      state.held = "";
    }
    return out;
  }

  /** A stream's next text begins anew, with a line. Return what was held back. */
  restart(stream: Stream): string {
    const state = this.#state(stream);
    let out = "";
    if (state.held && !this.filter.empty) {
      this.#line(stream, state, state.held, 0); // more of this line will not come
      out = this.#out.take(stream, 0, true).text;
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

  #state(stream: Stream): State {
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
  #note(stream: Stream, state: State, raw: string): void {
    this.#group(stream, state, withoutReturn(raw), undefined);
    if (state.group) {
      state.group.state = "shown";
      state.group.shown += 1;
    }
    this.total += 1;
    this.shown += 1;
    this.#newest = this.total;
    this.#keep(stream, raw, state.group?.number ?? 0);
  }

  #line(stream: Stream, state: State, raw: string, at: number): void {
    const text = withoutReturn(raw);
    const line = this.options.structured || !this.filter.empty ? readLine(text) : undefined;
    const before = state.group;
    const group = this.#group(stream, state, text, line);
    this.total += 1;
    this.#keep(stream, raw, group.number);
    const shown = line && this.options.structured ? formatLine(line) : raw;
    if (shown === raw && ACTING.test(raw)) this.#whole = false;
    if (before && before !== group) this.#out.add(stream, at, this.#unfold(before));
    if (this.filter.empty) this.#showLine(group, stream, at, `${shown}\n`);
    else this.#choose(group, stream, at, `${shown}\n`);
  }

  /** Find the group that a line belongs to, and add it to that. */
  #group(stream: Stream, state: State, text: string, line: LogLine | undefined): Group {
    const plain = text.includes("\x1b") ? text.replace(SEQUENCES, "") : text;
    if (line) state.grouping.begin();
    else if (state.grouping.continues(plain) && state.group) {
      const { entry } = state.group;
      // Nobody asks for the text of a group if there is no filter.
      if (!this.filter.empty && entry.text.length < GROUP) entry.text += `\n${plain}`;
      return state.group;
    }
    this.#groups += 1;
    state.group = {
      number: this.#groups,
      entry: { text: plain, line, stream },
      waiting: [],
      before: this.#recent,
      shown: 0,
      folded: 0,
      state: "waiting",
    };
    return state.group;
  }

  /** Show a line, unless it is folded. */
  #showLine(group: Group, stream: Stream, at: number, text: string): void {
    group.state = "shown";
    this.shown += 1;
    if (!this.options.fold || group.shown < FOLDED) this.#out.add(stream, at, text);
    else group.folded += 1;
    group.shown += 1;
  }

  /** Show what a filter lets through now that a group has one line more. */
  #choose(group: Group, stream: Stream, at: number, text: string): void {
    const line = { number: this.total, stream, at, text, seen: false };
    const { around, error } = this.filter;
    const matched = this.filter.matches(group.entry);
    if (this.filter.error !== error) this.#out.aside(GIVEN_UP);
    if (matched) group.state = "shown";
    else if (group.state === "shown") group.state = "out"; // what must not be there has come
    if (group.state === "shown") {
      for (const each of group.before) this.#showAround(each);
      for (const each of group.waiting) this.#showMatch(group, each);
      this.#showMatch(group, line);
      group.before = group.waiting = [];
      this.#after = around;
    } else {
      group.waiting.push(line);
      if (this.#after > 0) {
        this.#after -= 1;
        this.#showAround(line);
      }
    }
    // A new array, because groups refer to the one that was there when they began.
    if (around) this.#recent = [...this.#recent, line].slice(-around);
  }

  #showMatch(group: Group, line: Line): void {
    if (line.seen) this.shown += 1;
    else {
      this.#separate(line);
      this.#showLine(group, line.stream, line.at, line.text);
    }
    line.seen = true;
  }

  /** Show a line that is there for the sake of another one. */
  #showAround(line: Line): void {
    if (line.seen) return;
    line.seen = true;
    this.#separate(line);
    // With a colour of its own it is left as it is: that may go on in the next line.
    const dim = !line.text.includes("\x1b");
    const text = dim ? `${DIM}${line.text.slice(0, -1)}${RESET}\n` : line.text;
    this.#out.add(line.stream, line.at, text);
  }

  /** Say how many lines are left out before one, where lines around matches are shown. */
  #separate({ number }: Line): void {
    const missing = number - this.#newest - 1;
    if (this.filter.around && this.#newest && missing > 0) {
      const lines = missing === 1 ? "line" : "lines";
      this.#out.aside(`${missing.toLocaleString("en")} ${lines} left out`);
    }
    this.#newest = Math.max(this.#newest, number);
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

  #keep(stream: Stream, raw: string, group: number): void {
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

/** Collects what is shown of the lines that come at once. */
class Output {
  #parts: TextPart[] = [];

  add(stream: Stream, at: number, text: string): void {
    if (!text) return;
    const last = this.#parts.at(-1);
    if (last && !last.aside && last.stream === stream && last.at === at) last.text += text;
    else this.#parts.push({ stream, at, text, aside: "" });
  }

  aside(words: string): void {
    this.#parts.push({ stream: STDOUT, at: 0, text: "", aside: words });
  }

  /** Return what was added since, by a stream's text at a time. */
  take(stream: Stream, at: number, whole: boolean): ShapedText {
    const parts = this.#parts;
    this.#parts = [];
    const text = parts.map((part) => part.text).join("");
    const apart = parts.some(
      (part) => part.aside || (part.text && (part.stream !== stream || part.at !== at)),
    );
    return apart ? { text, whole, parts } : { text, whole };
  }
}

function withoutReturn(raw: string): string {
  return raw.endsWith("\r") ? raw.slice(0, -1) : raw;
}
