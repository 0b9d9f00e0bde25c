// How a mark is drawn as a line of its own among what a terminal shows. It needs only what xterm has
// headless, too. No DOM, no Jupyter.
//
// A terminal wraps within words. So a mark is cut into rows here, with a blank that does not break at both
// sides of each cut: text-lines.ts finds the rows by that, and a mark stays one line for what reads lines.

import type { IBuffer } from "@xterm/xterm";
import type { MarkKind } from "../../model/messages";
import { cellsOf, takePen } from "./keyframe";

/** Ends a control sequence that a gap has cut. Draw it before asking where a mark goes. */
export const CANCEL = "\x18";

/** How marks look, by what they stand for. */
const LOOKS: ReadonlyMap<string, string> = new Map<MarkKind, string>([
  ["gap", "0;1;33"],
  ["cut", "0;33"],
]);
const QUIET = "0;2";
/** Ends what a program has set: a mark is in letters, without its colours. */
const LETTERS = "\x1b[0m\x1b(B\x0f";
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

/** Ends a row of a mark that goes on, and begins the row that it goes on in. */
const CUT = "\u00a0";

/** Whether a row, which begins like this, goes on with a mark in the row above it. */
export function isMarkCut(begins: string, above: () => string): boolean {
  return begins === `${CUT} ` && above().endsWith(CUT);
}

/** Return the rows of a mark with a text. A word that is wider than the terminal is left to it. */
export function markRows(terminal: Marked, text: string): string[] {
  const [first = "", ...words] = text.split(" ");
  words.push(words.length ? `${words.pop()} —` : "—");
  const rows: string[] = [];
  let row = `— ${first}`;
  for (const word of words) {
    const longer = `${row} ${word}`;
    // A row that goes on needs a cell more.
    if (cellsOf(terminal, longer) < terminal.cols) row = longer;
    else {
      rows.push(row + CUT);
      row = `${CUT} ${word}`;
    }
  }
  return [...rows, row];
}

/** How a mark is drawn. */
export interface MarkDrawing {
  text: string;
  /** Call this once the text is drawn: the program goes on with its colours, where it was. */
  restore(): void;
}

/**
 * Return how to draw a mark; undefined if it has no place, because a program draws on the whole screen.
 * Everything before it must be drawn. `lines`: a line end returns to the first column.
 */
export function markDrawing(
  terminal: Marked,
  mark: MarkText,
  lines: boolean,
): MarkDrawing | undefined {
  const { active: buffer } = terminal.buffer;
  const { cursorX, cursorY, baseY } = buffer;
  const said = (mark.text || "mark").replace(CONTROLS, " ");
  const line = (shown: string) => `\x1b[${LOOKS.get(mark.kind) ?? QUIET}m${shown}\x1b[0m`;
  const pen = takePen(terminal);
  if (lines) {
    const rows = markRows(terminal, said).join("\r\n");
    const text = `${LETTERS}${cursorX ? "\r\n" : ""}${line(rows)}\r\n`;
    return { text, restore: () => pen.restore() };
  }
  // A terminal: programs know where they have put the cursor, so the line that it is in moves down as a
  // whole. Where they use more of the screen than the last line, nothing may move.
  let wrapped = 0;
  while (buffer.getLine(baseY + cursorY - wrapped)?.isWrapped) wrapped += 1;
  let below = baseY + cursorY + 1;
  while (below < buffer.length && !buffer.getLine(below)?.translateToString(true)) below += 1;
  if (buffer.type === "alternate" || wrapped > cursorY || below < buffer.length) return undefined;
  const full = `— ${said} —`;
  const most = terminal.cols - 1;
  const shown = full.length > most ? `${full.slice(0, most - 1)}…` : full;
  const rows = wrapped + 1;
  return {
    text: `${LETTERS}\r\n\x1b[${rows}A\r\x1b[L${line(shown)}\x1b[${rows}B`,
    restore: () => pen.restore(baseY + cursorY - wrapped),
  };
}
