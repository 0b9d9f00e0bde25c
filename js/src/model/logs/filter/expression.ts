// Whether a regular expression may take forever on a line that it does not match. Pure: no DOM.
//
// A browser tries every way to split a line among the repeats of an expression, on the page's only thread,
// and nothing can stop it. With a repeat in a repeat the ways may double with each character. So a repeat of a group is taken
// only if one character says where each of its parts ends: what may follow a part of variable length is
// nothing that the part itself may have, as in (\d+\.)+, and its alternatives begin differently. This errs on
// the safe side: some harmless expressions are refused, too.

/** Something that an expression matches, so many times. */
interface Item {
  /** The characters that can be in it; undefined if that is not known. */
  chars: Set<string> | undefined;
  /** The alternatives of a group. */
  group: Item[][] | undefined;
  /** 0 if it may be empty, else 1. */
  min: number;
  max: number;
}

/** Characters that stand for all: those of the expression itself are added. */
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/;
/** What a group begins with: a look around, or anything else. */
const GROUP = /^\((?:(\?<?[=!])|\?<[^>]*>|\?[a-z-]*:)?/;
/** What has no width, and what may be any text. */
const NO_WIDTH = /^(?:[$^]|\\[bB])/;
const REFERENCE = /^\\(?:[1-9]\d*|k<[^>]*>)/;
const ESCAPE = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|c[A-Za-z]|.)/s;

/** Whether an expression may take forever. It has to be a valid one. */
export function mayTakeForever(source: string, flags: string): boolean {
  const reader = new Reader(source, flags);
  reader.alternatives();
  return reader.found;
}

/** Reads an expression, and looks at each of its groups when that ends. */
class Reader {
  found = false;
  #rest: string;
  #flags: string;
  #probes: string[];

  constructor(source: string, flags: string) {
    this.#rest = source;
    this.#flags = flags.replace(/[dgy]/g, "");
    this.#probes = [...new Set(`${ASCII}\u00e9\u4e2d${source}`)];
  }

  /** Read up to the end of a group, or of all. */
  alternatives(): Item[][] {
    const all: Item[][] = [[]];
    while (this.#rest && !this.#rest.startsWith(")")) {
      if (this.#take(/^\|/)) all.push([]);
      else all.at(-1)?.push(...this.#items());
    }
    return all;
  }

  /** Read something with its quantifier; none if it has no width, several if it is a group without one. */
  #items(): Item[] {
    const begin = this.#take(GROUP);
    let noWidth = begin?.[1] !== undefined;
    let group: Item[][] | undefined;
    let chars: Item["chars"];
    let least = 1;
    if (begin) {
      group = this.alternatives();
      this.#take(/^\)/);
      chars = united(group.flat());
      if (group.some((own) => own.every(({ min }) => !min))) least = 0;
    } else if (this.#take(NO_WIDTH)) noWidth = true;
    else if (this.#take(REFERENCE)) least = 0;
    else chars = this.#charsOf(this.#atom());
    const { min, max } = this.#quantifier();
    if (noWidth) return [];
    if (group && max > 1 && mayBeSplit(group)) this.found = true;
    if (group?.length === 1 && min === 1 && max === 1) return group[0] ?? [];
    return [{ chars, group, min: Math.min(least, min), max }];
  }

  #quantifier(): { min: number; max: number } {
    const [text = "", least, comma, most] = this.#take(QUANTIFIER) ?? [];
    if (!text) return { min: 1, max: 1 };
    if (least === undefined) {
      const max = text.startsWith("?") ? 1 : Number.POSITIVE_INFINITY;
      return { min: text.startsWith("+") ? 1 : 0, max };
    }
    const max = most ? Number(most) : comma ? Number.POSITIVE_INFINITY : Number(least);
    return { min: Math.min(1, Number(least)), max };
  }

  /** Read what matches one character. */
  #atom(): string {
    if (!this.#rest.startsWith("[")) return (this.#take(ESCAPE) ?? this.#take(/^./su))?.[0] ?? "";
    let depth = 0;
    let at = 0;
    do {
      const char = this.#rest[at];
      if (char === "\\") at += 1;
      else if (char === "[" && (!depth || this.#flags.includes("v"))) depth += 1;
      else if (char === "]") depth -= 1;
      at += 1;
    } while (depth && at < this.#rest.length);
    const atom = this.#rest.slice(0, at);
    this.#rest = this.#rest.slice(at);
    return atom;
  }

  #charsOf(atom: string): Item["chars"] {
    const one = new RegExp(`^(?:${atom})$`, this.#flags);
    const found = this.#probes.filter((probe) => one.test(probe));
    return found.length ? new Set(found) : undefined;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.#rest);
    if (found) this.#rest = this.#rest.slice(found[0].length);
    return found;
  }
}

/** Whether a text may be split in several ways when alternatives are repeated. */
function mayBeSplit(group: Item[][]): boolean {
  const again = group.flatMap(untilMandatory);
  return group.some(
    (own, n) =>
      group.slice(n + 1).some((other) => !differ(own, other)) ||
      own.some((item, at) => {
        if (!varies(item)) return false;
        const next = untilMandatory(own.slice(at + 1));
        const follows = next.at(-1)?.min ? next : [...next, ...again];
        return !areApart(item.chars, united(follows));
      }),
  );
}

/** Return those of some items that may be the first to match something. */
function untilMandatory(items: Item[]): Item[] {
  const mandatory = items.findIndex(({ min }) => min);
  return mandatory < 0 ? items : items.slice(0, mandatory + 1);
}

/** Whether it is known which of two alternatives a text is, by a character at the same place in both. */
function differ(one: Item[], other: Item[]): boolean {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const [a, b] = [one[at] as Item, other[at] as Item];
    if (!a.min || !b.min) return false;
    if (areApart(a.chars, b.chars)) return true;
    if (a.group || b.group || a.max > 1 || b.max > 1) return false;
  }
  return false;
}

/** Whether the length of what it matches is not known. */
function varies({ group, min, max, chars }: Item): boolean {
  if (min !== max || !chars) return true;
  return group !== undefined && (group.length > 1 || group.flat().some(varies));
}

function areApart(one: Item["chars"], other: Item["chars"]): boolean {
  return !!one && !!other && ![...one].some((char) => other.has(char));
}

function united(items: Item[]): Item["chars"] {
  const all = new Set<string>();
  for (const { chars } of items) {
    if (!chars) return undefined;
    for (const char of chars) all.add(char);
  }
  return all;
}
