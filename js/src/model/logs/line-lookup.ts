// Finds the line that a terminal shows among those that came. Pure: no DOM, no xterm.
//
// Strategy: a terminal keeps no link to what was written. Lines that look the same are in the terminal
// in the order in which they came, so a line is known by its look and by how many of that look are
// below it.

import { type Prefixed, withoutPrefix } from "../output/line-label";
import type { KeptLine, LineShaper } from "./line-shaper";

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
const SPACE = /[\s\x00-\x1f\x7f-\x9f]+/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
/** A mark, as terminal/replay/mark-lines.ts draws it. */
const MARK = /^— .* —$/;
const FOLD = /^… [\d,]+ more lines?$/;

/** Return how a line looks, whatever the terminal has made of its blanks. */
export function lookOf(text: string): string {
  const last = text.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  return last.replace(SEQUENCES, "").replace(SPACE, " ").trim();
}

/**
 * Return the line that is shown, with those that belong to it, oldest first; undefined if it is not
 * among those that are remembered.
 *
 * `prefixed`: what lines have in front. `above` and `below` are the lines around it, the nearest first.
 */
export function lookUp(
  shaper: LineShaper,
  shown: string,
  above: Iterable<string>,
  below: Iterable<string>,
  prefixed: Prefixed,
): { line: KeptLine; group: KeptLine[] } | undefined {
  const look = (text: string) => lookOf(withoutPrefix(text, prefixed));
  let wanted = look(shown);
  let later = [...below];
  if (FOLD.test(wanted)) {
    const [before = ""] = above;
    wanted = look(before);
    later = [];
    if (FOLD.test(wanted)) return undefined;
  }
  if (!wanted) return undefined;
  let same = 0;
  for (const text of later) if (look(text) === wanted) same += 1;
  // A mark within a line has cut it. Each part has a prefix.
  const bare = (text: string) => withoutPrefix(text, prefixed);
  const before = beyondMarks(above).map(bare).join("");
  const after = beyondMarks(later).map(bare).join("");
  const own = bare(shown);
  const whole = [before + own + after, before + own, own + after].filter((text) => text !== own);
  for (const text of whole) {
    const found = find(shaper, lookOf(text), 0);
    if (found) return found;
  }
  return find(shaper, wanted, same);
}

/** Find a line by its look, and by how many of that look came later. */
function find(
  shaper: LineShaper,
  wanted: string,
  later: number,
): { line: KeptLine; group: KeptLine[] } | undefined {
  let same = later;
  for (const line of shaper.newest()) {
    if (lookOf(shaper.show(line.raw)) !== wanted) continue;
    if (same > 0) same -= 1;
    else return { line, group: groupOf(shaper, line) };
  }
  return undefined;
}

/** Return the line beyond the marks next to a line; none if no mark is there. */
function beyondMarks(lines: Iterable<string>): string[] {
  let marks = 0;
  for (const text of lines) {
    if (!MARK.test(text)) return marks ? [text] : [];
    marks += 1;
  }
  return [];
}

function groupOf(shaper: LineShaper, { group, stream }: KeptLine): KeptLine[] {
  const lines: KeptLine[] = [];
  for (const line of shaper.newest()) {
    if (line.stream !== stream || line.group !== group) {
      if (lines.length && line.stream === stream) break;
      continue;
    }
    lines.push(line);
  }
  return lines.reverse();
}
