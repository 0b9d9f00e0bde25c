// Finds out which texts of a track need not be drawn, because nothing of them would be left. No DOM,
// no xterm.
//
// Strategy: a terminal keeps so many lines. Where a program only prints lines, what it printed before
// those has left nothing but its colours and modes, whatever the screen was like. So the texts are looked
// through once, much faster than they could be drawn. Stretches of plain lines are noted, and in them,
// every so many characters, where a line begins and what is switched on there. What is not known for
// sure, such as a cursor that is saved or a region that scrolls, has to be drawn.

import type { Track } from "./track";

/** Where to begin to draw. */
export interface Shortcut {
  /** The text, and how many characters of it are left out. */
  at: number;
  offset: number;
  /** What to write before: the colours and modes that are switched on there. */
  settings: string;
}

/** A stretch in which nothing but lines is printed. Places are characters of the whole track. */
interface Stretch {
  begin: number;
  end: number;
  /** How many texts must be drawn before anything can be left out. */
  needs: number;
}

/** Where a line begins in a stretch. */
interface Start extends Shortcut {
  place: number;
}

/** Characters of a control sequence that is split between texts. */
const LONGEST = 4096;
/** Colours and modes that are switched on at once. */
const SETTINGS = 200;
/** Texts that are looked through between two looks at the clock. */
const STEP = 256;
/** Texts in which it is looked for what sets colours, before a line of a track that is plain. */
const BACK = 2000;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
/** What a text may have besides characters, tabs, backspaces, bells, line ends and sequences. */
const CONTROL = /[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/;
const SPECIAL = /[\x00-\x06\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
/** A whole sequence that is no CSI, and the beginning of any. */
const SEQUENCE = /\x1b(?:\][^\x07\x18\x1a\x1b\x80-\x9f]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])/y;
const UNFINISHED = /^\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x18\x1a\x1b\x80-\x9f]*\x1b?|[ -/]*)$/;
/** Protection from erasing, which belongs to single characters as their colours do. */
const PROTECTION = /^\x1b\[[0-2]?"q$/;
const LOOK = /\x1b\[([\d;:]*)m/g;
/** Modes that change nothing of what is shown, the cursor's form, keys, and character sets. */
const MODE =
  /^\x1b(?:\[(\?(?:1|12|25|1000|1002|1003|1004|1005|1006|1015|2004))[hl]|\[[0-6]?( q)|([=>])|([()*+])[0-9A-Z])$|^[\x0e\x0f]$/;
/** Index and its like, titles, and what a terminal ignores. */
const ON_SCREEN =
  /^(?:\x1b[DEM]|\x1b\](?:[01279]|133|633|3008);.*|[\x00-\x04\x06\x0b\x0c\x10-\x1a\x1c-\x1f\x7f])$/s;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
/** The last characters of a CSI with numbers: moves and erases within a line, and on the screen. */
const WITHIN = "CDGPX@`aK";
const ACROSS = "ABEFHIJLMSTZbcdefn";

const ESC = "\x1b";
const RESET = "\x1b[0m";
// Codes of characters: these decide for every one of perhaps hundreds of thousands of sequences.
const ESCAPE = 0x1b;
const BRACKET = 0x5b; // what follows ESC in a CSI
const [ZERO, SEMICOLON] = [0x30, 0x3b]; // numbers and what is between them
const [BLANK, QUESTION] = [0x20, 0x3f]; // all that a CSI may have before its end
const [AT, TILDE] = [0x40, 0x7e]; // its ends
const LETTER_M = 0x6d;

/** What a sequence does. */
type Effect = "look" | "set" | "within" | "screen" | "lasts";

function isIn(code: number, least: number, most: number): boolean {
  return code >= least && code <= most;
}

/** Return where a sequence ends that begins in a text; 0 if its end is not there, or unknown. */
function sequenceEnd(text: string, begin: number): number {
  if (text.charCodeAt(begin + 1) !== BRACKET) {
    SEQUENCE.lastIndex = begin;
    return SEQUENCE.test(text) ? SEQUENCE.lastIndex : 0;
  }
  let at = begin + 2;
  while (isIn(text.charCodeAt(at), BLANK, QUESTION)) at += 1;
  return isIn(text.charCodeAt(at), AT, TILDE) ? at + 1 : 0;
}

/** Return where the next control character of a text is; -1 if there is none. */
function special(text: string, from: number): number {
  SPECIAL.lastIndex = from;
  return SPECIAL.test(text) ? SPECIAL.lastIndex - 1 : -1;
}

/** Return what a sequence does, and note it if it sets something. */
function effectOf(text: string, begin: number, end: number, settings: Settings): Effect {
  if (text.charCodeAt(begin + 1) === BRACKET) {
    let at = begin + 2;
    while (isIn(text.charCodeAt(at), ZERO, SEMICOLON)) at += 1;
    if (at === end - 1) {
      if (text.charCodeAt(at) === LETTER_M) {
        settings.look(text, begin, end);
        return "look";
      }
      const last = text[at] as string;
      if (WITHIN.includes(last)) return "within";
      if (ACROSS.includes(last)) return "screen";
    }
  }
  const sequence = text.slice(begin, end);
  if (settings.take(sequence)) return "set";
  if (PROTECTION.test(sequence)) {
    settings.look(text, begin, end);
    return "look";
  }
  if (/^.\[\?[0-2]?K$/.test(sequence)) return "within";
  return ON_SCREEN.test(sequence) ? "screen" : "lasts";
}

/** What is switched on: the last of those sequences that say something else about the same. */
class Settings {
  #looks = new Set<string>();
  #modes = new Map<string, string>();
  /**
   * Where colours were set since that was asked for: they are set often, and asked for seldom. `#count` of
   * them count.
   */
  #noted: { texts: string[]; begins: number[]; ends: number[] } = {
    texts: [],
    begins: [],
    ends: [],
  };
  #count = 0;

  get size(): number {
    this.#read();
    return this.#looks.size + this.#modes.size;
  }

  /** Take a sequence that sets colours and the like. */
  look(text: string, begin: number, end: number): void {
    let at = begin + 2;
    while (text.charCodeAt(at) === ZERO) at += 1;
    const code = text.charCodeAt(at);
    if (code === LETTER_M || code === SEMICOLON) {
      // Sets and arrays that are emptied get new room, and here that would be most of the time.
      if (this.#looks.size) this.#looks.clear();
      this.#count = 0;
    }
    const { texts, begins, ends } = this.#noted;
    const n = this.#count;
    texts[n] = text;
    begins[n] = begin;
    ends[n] = end;
    this.#count = n + 1;
  }

  /** Take a sequence; return whether it is one that sets a mode. */
  take(sequence: string): boolean {
    const mode = MODE.exec(sequence);
    if (!mode) return false;
    const name = mode[1] ?? mode[2] ?? mode[4] ?? (mode[3] ? "keys" : "shift");
    this.#modes.delete(name);
    this.#modes.set(name, sequence);
    return true;
  }

  clear(): void {
    this.#count = 0;
    this.#looks.clear();
    this.#modes.clear();
  }

  toString(): string {
    this.#read();
    return [...this.#modes.values(), ...this.#looks].join("");
  }

  #read(): void {
    const { texts, begins, ends } = this.#noted;
    for (let n = 0; n < this.#count; n += 1) {
      const sequence = (texts[n] as string).slice(begins[n], ends[n]);
      // Each sets the same whenever it comes: of equal ones only the last counts.
      this.#looks.delete(sequence);
      this.#looks.add(sequence);
    }
    this.#count = 0;
  }
}

export class Shortcuts {
  #track: Track;
  #offsets: Float64Array;
  #returns: boolean;
  #spacing: number;
  #stretches: Stretch[] = [];
  #starts: Start[] = [];
  #looking: Iterator<void>;
  #known = false;

  /**
   * `offsets`: how many characters are before each text. `returns`: a line feed returns to the first
   * column. `spacing`: characters between two places where drawing may begin, at least.
   */
  constructor(track: Track, offsets: Float64Array, returns: boolean, spacing: number) {
    this.#track = track;
    this.#offsets = offsets;
    this.#returns = returns;
    this.#spacing = spacing;
    this.#looking = this.#look();
  }

  /** Look through the texts up to a moment of the page's clock. Returns whether all are known. */
  prepare(until: number): boolean {
    while (!this.#known) {
      this.#known = this.#looking.next().done === true;
      if (performance.now() >= until) break;
    }
    return this.#known;
  }

  /**
   * Return from where to draw, so that a terminal that has drawn the texts before `from` shows what it
   * would show if it had drawn all texts before `to`; undefined if only drawing all of them does that.
   * `lines`: line ends after which nothing is left of what was shown. All texts are known by then.
   */
  find(from: number, to: number, lines: number): Shortcut | undefined {
    const first = this.#offsets[from] ?? 0;
    const last = this.#offsets[to] ?? 0;
    for (let n = this.#stretches.length - 1; n >= 0; n -= 1) {
      const { begin, end, needs } = this.#stretches[n] as Stretch;
      if (end <= first) return undefined;
      if (begin >= last || needs > from) continue;
      const until = this.#before(Math.min(end, last), lines);
      const start = this.#startBefore(until);
      if (start && start.place >= Math.max(begin, first)) return start;
    }
    return undefined;
  }

  /**
   * The same for a track that is plain, whatever the terminal has drawn, the first text at least. Nothing
   * has to be known for that. Undefined too where colours are not set anew for a long time.
   */
  findPlain(to: number, lines: number): Shortcut | undefined {
    const { texts, plain = false } = this.#track;
    if (!plain) return undefined;
    const place = this.#before(this.#offsets[to] ?? 0, lines);
    if (place < 0) return undefined;
    // A line begins after both characters, which two texts may have.
    let at = this.#textAt(place);
    let offset = place - (this.#offsets[at] ?? 0);
    while (!this.#returns && !texts[at]?.endsWith("\r\n", offset)) {
      at -= 1;
      const text = texts[at];
      if (text === undefined) return undefined;
      offset = text.lastIndexOf("\r\n") + 2;
    }
    const settings = this.#looksBefore(at, offset);
    return settings === undefined ? undefined : { at, offset, settings };
  }

  /** Return what sets the colours at a place of a plain track as they are, whatever they were. */
  #looksBefore(at: number, offset: number): string | undefined {
    const { texts } = this.#track;
    const found: string[] = [];
    for (let n = at; n >= Math.max(1, at - BACK); n -= 1) {
      const text = texts[n] as string;
      const looks = [...(n === at ? text.slice(0, offset) : text).matchAll(LOOK)];
      for (const [look, parameters = ""] of looks.reverse()) {
        found.push(look);
        if (/^0*(?:;|$)/.test(parameters)) return found.reverse().join("");
      }
      if (found.length > SETTINGS) return undefined;
    }
    if (at > BACK) return undefined;
    return RESET + found.reverse().join("");
  }

  /** Return the place that has so many line ends between it and another one; -1 if there is none. */
  #before(place: number, lines: number): number {
    const { texts } = this.#track;
    let at = this.#textAt(place);
    let end = place - (this.#offsets[at] ?? 0);
    for (let left = lines; ; at -= 1, end = Number.POSITIVE_INFINITY) {
      const text = texts[at];
      if (text === undefined) return -1;
      for (let found = end; found > 0; ) {
        found = text.lastIndexOf("\n", found - 1);
        if (found < 0) break;
        left -= 1;
        if (left < 0) return (this.#offsets[at] ?? 0) + found + 1;
      }
    }
  }

  /** The text that has the character before a place. */
  #textAt(place: number): number {
    let low = 0;
    let high = this.#track.texts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? 0) < place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #startBefore(place: number): Start | undefined {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as Start).place <= place) low = middle + 1;
      else high = middle;
    }
    return this.#starts[low - 1];
  }

  /** Look through all texts, in small steps. */
  *#look(): Generator<void, void> {
    const { texts, sizes, marks } = this.#track;
    const spacing = this.#spacing;
    const settings = new Settings();
    let begun = 0;
    let needs = 0;
    let noted = Number.NEGATIVE_INFINITY;
    let rest = "";
    const interrupt = (end: number, begin: number) => {
      if (end - begun >= spacing) this.#stretches.push({ begin: begun, end, needs });
      begun = begin;
    };
    for (let n = 0; n < texts.length; n += 1) {
      if (n % STEP === STEP - 1) yield;
      const place = this.#offsets[n] as number;
      if (sizes.has(n) || marks.has(n)) {
        interrupt(place, place);
        if (sizes.has(n) || !this.#returns) needs = n + 1; // a mark moves a saved cursor, too
        if (rest) return; // a mark cuts the sequence
      }
      const text = rest + (texts[n] as string);
      const zero = place - rest.length;
      const plain = !CONTROL.test(text);
      rest = "";
      for (let at = 0; ; ) {
        const found = plain ? text.indexOf(ESC, at) : special(text, at);
        const stop = found < 0 ? text.length : found;
        if (zero + stop - noted >= spacing) {
          const start = this.#lineIn(text, Math.max(at, noted + spacing - zero), stop);
          if (start !== undefined && zero + start > begun && settings.size <= SETTINGS) {
            noted = zero + start;
            const offset = noted - place;
            this.#starts.push({ place: noted, at: n, offset, settings: String(settings) });
          }
        }
        if (found < 0) break;
        at = text.charCodeAt(stop) === ESCAPE ? sequenceEnd(text, stop) : stop + 1;
        if (!at) {
          rest = text.slice(stop, stop + LONGEST);
          if (stop + rest.length === text.length && UNFINISHED.test(rest)) break;
          interrupt(zero + stop, zero + stop);
          return; // what follows may be no text
        }
        const effect = effectOf(text, stop, at, settings);
        if (effect === "screen" || effect === "lasts") interrupt(zero + stop, zero + at);
        if (effect !== "lasts") continue;
        needs = n + 1;
        settings.clear();
        // A single character, of those that begin sequences: what follows may be no text.
        if (at - stop === 1) return;
      }
    }
    const all = this.#offsets[texts.length] ?? 0;
    interrupt(all, all);
  }

  /** Return where the first line after a place begins in a text. */
  #lineIn(text: string, from: number, to: number): number | undefined {
    for (
      let end = text.indexOf("\n", from);
      end >= 0 && end < to;
      end = text.indexOf("\n", end + 1)
    ) {
      if (this.#returns || text[end - 1] === "\r") return end + 1;
    }
    return undefined;
  }
}
