// How a mark is drawn as a line of its own among what a terminal shows. It needs only what xterm has
// headless, too. No DOM, no Jupyter.

import type { IBuffer } from "@xterm/xterm";
import type { MarkKind } from "../../model/messages";

/** Ends a control sequence that a gap has cut. Draw it before asking where a mark goes. */
export const CANCEL = "\x18";

/** How marks look, by what they stand for. */
const LOOKS: ReadonlyMap<string, string> = new Map<MarkKind, string>([
  ["gap", "0;1;33"],
  ["cut", "0;33"],
]);
const QUIET = "0;2";
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for them
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

/** The part of a terminal that decides where a mark goes. */
export interface Marked {
  readonly buffer: { readonly active: IBuffer };
  readonly cols: number;
}

export interface MarkText {
  kind: string;
  text: string;
}

/** Return the line of a mark, without a line end. */
export function markLine(mark: MarkText): string {
  return styled(mark, words(mark));
}

function words({ text }: MarkText): string {
  return `— ${(text || "mark").replace(CONTROLS, " ")} —`;
}

function styled({ kind }: MarkText, shown: string): string {
  return `\x1b[${LOOKS.get(kind) ?? QUIET}m${shown}\x1b[0m`;
}

/**
 * Return what to write for a mark; undefined if it has no place, because a program draws on the whole
 * screen. Everything before it must be drawn. `lines`: a line end returns to the first column.
 */
export function markSequence(
  { buffer: { active: buffer }, cols }: Marked,
  mark: MarkText,
  lines: boolean,
): string | undefined {
  const { cursorX, cursorY, baseY } = buffer;
  if (lines) return `${cursorX ? "\r\n" : ""}${markLine(mark)}\r\n`;
  const full = words(mark);
  // A terminal: programs know where they have put the cursor, so the line that it is in moves down as a
  // whole. Where they use more of the screen than the last line, nothing may move.
  let wrapped = 0;
  while (buffer.getLine(baseY + cursorY - wrapped)?.isWrapped) wrapped += 1;
  let below = baseY + cursorY + 1;
  while (below < buffer.length && !buffer.getLine(below)?.translateToString(true)) below += 1;
  if (buffer.type === "alternate" || wrapped > cursorY || below < buffer.length) return undefined;
  const most = cols - 1;
  const shown = full.length > most ? `${full.slice(0, most - 1)}…` : full;
  const rows = wrapped + 1;
  return `\x1b[0m\r\n\x1b[${rows}A\r\x1b[L${styled(mark, shown)}\x1b[${rows}B\x1b[${cursorX + 1}G`;
}
