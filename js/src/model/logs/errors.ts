// Finds the errors among the lines that a pane shows. Text in, numbers of lines out: no DOM, no xterm.
//
// A line is an error if it
//   - is a structured one with the level error or fatal;
//   - has such a level in upper case among its first characters, as levels of text are read elsewhere;
//   - begins what a program prints of a crash: a traceback, a panic;
//   - has a word such as "error", "TypeError" or "fatal" with a colon or a closing bracket after it:
//     "sh: error: …", "[error] …", "java.io.IOException: …", "npm ERR!".
// "0 errors" is none, and neither is a line whose own level is a lesser one. Lines that belong together,
// such as those of a stack trace, are one error, at the first of them that is one.

import type { Stream } from "../messages";
import { type Prefixed, streamOf, withoutPrefix } from "../output/line-label";
import { Grouping } from "./grouping";
import { type Level, levelOfText } from "./level";
import { readLine } from "./log-line";

/** Characters of a line that are looked at. */
const NEAR = 1000;
const CRASH =
  /^(?:Traceback \(most recent call last\):|panic: |fatal error: |thread '.*' (?:\(\d+\) )?panicked at |Unhandled exception|Exception in thread )/;
const WORD =
  /(?:^|[\s[(<"'./])(?:error|fatal|panic|exception|critical)(?:[\])>]|(?: ?[[(][\w.-]{1,40}[\])])?:)/i;
/** The type of what was thrown, or what npm and apt begin with. */
const OTHER = /(?:^|[\s[(<"'./])(?:[A-Za-z_$][\w$]*(?:Error|Exception)(?::|$)|ERR!)|^E: /;
const MARK = /^— .* —$/;

/** Whether a line is one of our own between the lines of the output. */
export function isMark(text: string): boolean {
  return MARK.test(text);
}

/** Whether a line, as it is shown or as it came, is an error. */
export function isError(text: string): boolean {
  const near = text.length > NEAR ? text.slice(0, NEAR) : text;
  const line = readLine(text);
  if (line) return isBad(line.level);
  const level = levelOfText(near);
  if (level) return isBad(level);
  return CRASH.test(near) || WORD.test(near) || OTHER.test(near);
}

function isBad(level: Level | undefined): boolean {
  return level === "error" || level === "fatal";
}

/** Return the numbers of the lines that are errors, in order. `prefixed`: what lines have in front. */
export function findErrors(lines: readonly string[], prefixed: Prefixed): number[] {
  const groupings: Record<Stream, Grouping> = { 1: new Grouping(), 2: new Grouping() };
  /** Whether the group of each stream's newest line has an error. */
  const found: Record<Stream, boolean> = { 1: false, 2: false };
  const errors: number[] = [];
  lines.forEach((shown, number) => {
    if (isMark(shown)) return;
    const stream = prefixed === "mark" ? streamOf(shown) : 1;
    const text = withoutPrefix(shown, prefixed);
    if (!groupings[stream].continues(text)) found[stream] = false;
    if (found[stream] || !isError(text)) return;
    found[stream] = true;
    errors.push(number);
  });
  return errors;
}
