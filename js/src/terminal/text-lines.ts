// Finds the lines of text in a terminal's buffer, which may take several rows each. Uses only the part
// of xterm that also runs headless. No DOM, no Jupyter.

import type { IBuffer } from "@xterm/xterm";
import { isMarkCut } from "./replay/mark-lines";

/** A line of text, and the first and the last row that it takes. */
export interface TextLine {
  text: string;
  first: number;
  last: number;
}

/** Whether a row goes on with the line of the row above it. */
export function goesOn(buffer: IBuffer, row: number): boolean {
  const line = buffer.getLine(row);
  if (!line || line.isWrapped) return line !== undefined;
  const text = (n: number) => buffer.getLine(n)?.translateToString(true) ?? "";
  return isMarkCut(line.translateToString(false, 0, 2), () => text(row - 1));
}

/** Return the line that a row belongs to; undefined outside of the buffer. */
export function lineAt(buffer: IBuffer, row: number): TextLine | undefined {
  if (row < 0 || row >= buffer.length) return undefined;
  let first = row;
  while (first > 0 && goesOn(buffer, first)) first -= 1;
  let last = row;
  while (goesOn(buffer, last + 1)) last += 1;
  let text = "";
  for (let n = first; n <= last; n += 1) text += buffer.getLine(n)?.translateToString(true) ?? "";
  return { text, first, last };
}

/** Return the lines above one, the nearest first. */
export function* linesAbove(buffer: IBuffer, row: number): Iterable<TextLine> {
  for (let line = lineAt(buffer, row - 1); line; line = lineAt(buffer, line.first - 1)) yield line;
}

/** Return the lines below one, the nearest first. */
export function* linesBelow(buffer: IBuffer, row: number): Iterable<TextLine> {
  for (let line = lineAt(buffer, row + 1); line; line = lineAt(buffer, line.last + 1)) yield line;
}
