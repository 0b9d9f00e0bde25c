// Which lines of a pane are warnings or errors, for the edge at their left. Lines in, a CSS background out:
// no DOM, no xterm.

import { isError, isMark } from "./errors";
import { levelOfText } from "./level";
import { readLine } from "./log-line";

export type Noted = "error" | "warn" | "";

/** A line as it is shown, without its prefix, and the rows that it takes. */
export interface ShownLine {
  text: string;
  first: number;
  last: number;
}

const INDENTED = /^[ \t]/;
const COLOURS = { error: "var(--hj-bad)", warn: "var(--hj-warn)", "": "transparent" };

/** Whether a line belongs to the line above it, as those of a stack trace do. */
export function goesOn(text: string): boolean {
  return INDENTED.test(text);
}

/** Say whether a line is a warning or an error; "" for all others. */
export function noted(text: string): Noted {
  if (isMark(text)) return "";
  if (isError(text)) return "error";
  const level = readLine(text)?.level ?? levelOfText(text);
  return level === "warn" ? "warn" : "";
}

/**
 * Return a background that is coloured beside warnings and errors; "" if there are none.
 *
 * `lines`: those that can be seen, from the top; before them may be the one that the first of them goes on
 * with. `top`: the first row that can be seen. `height`: of a row, in pixels.
 */
export function edgeOf(lines: readonly ShownLine[], top: number, height: number): string {
  const stops: string[] = [];
  let level: Noted = "";
  let any = false;
  for (const { text, first, last } of lines) {
    if (!goesOn(text)) level = noted(text);
    if (last < top) continue;
    any ||= level !== "";
    const [from, to] = [Math.max(0, first - top) * height, (last + 1 - top) * height];
    stops.push(`${COLOURS[level]} ${from}px ${to}px`);
  }
  return any ? `linear-gradient(${stops.join(",")},transparent 0)` : "";
}
