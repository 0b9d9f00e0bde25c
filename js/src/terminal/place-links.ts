// Places in files that a terminal's lines name, as links. Looked for where the mouse is. No Jupyter.

import type { IBuffer, ILink, Terminal } from "@xterm/xterm";
import { findPlaces, type Place, placeText } from "../model/logs/places";
import { lineAt, type TextLine } from "./text-lines";

/** Rows of a line of text that are looked at; it can be as long as the whole output. */
const ROWS = 60;

/** A cell of the buffer: its row and its column, both from 0. */
interface Cell {
  row: number;
  column: number;
}

/** Make places clickable. Returns a function that ends this. */
export function linkPlaces(
  terminal: Terminal,
  frame: HTMLElement,
  activate: (place: Place) => void,
): () => void {
  const links = terminal.registerLinkProvider({
    provideLinks: (y, callback) => {
      const buffer = terminal.buffer.active;
      const line = lineAt(buffer, y - 1);
      const places = line && line.last - line.first < ROWS ? placesOf(buffer, line) : [];
      const made = places.map(
        ({ place, from, to }): ILink => ({
          range: {
            start: { x: from.column + 1, y: from.row + 1 },
            end: { x: to.column + 1, y: to.row + 1 },
          },
          text: placeText(place),
          activate: () => activate(place),
          hover: () => {
            frame.title = placeText(place);
          },
          leave: () => frame.removeAttribute("title"),
        }),
      );
      callback(made.length ? made : undefined);
    },
  });
  return () => links.dispose();
}

/** Return the places that a line names, with their first and last cells. */
export function placesOf(
  buffer: IBuffer,
  line: TextLine,
): { place: Place; from: Cell; to: Cell }[] {
  const places = findPlaces(line.text);
  if (!places.length) return [];
  const cells = cellsOf(buffer, line);
  return places.flatMap((place) => {
    const from = cells[place.from];
    const to = cells[place.to - 1];
    return from && to ? [{ place, from, to }] : [];
  });
}

/** Return the cell of each character (UTF-16) of a line's text. */
function cellsOf(buffer: IBuffer, { first, last }: TextLine): Cell[] {
  const cells: Cell[] = [];
  for (let row = first; row <= last; row += 1) {
    const line = buffer.getLine(row);
    const length = line?.translateToString(true).length ?? 0;
    const end = cells.length + length;
    for (let column = 0; line && column < line.length && cells.length < end; column += 1) {
      const cell = line.getCell(column);
      if (!cell?.getWidth()) continue; // the second half of a wide character
      for (let n = Math.max(1, cell.getChars().length); n > 0; n -= 1) cells.push({ row, column });
    }
  }
  return cells;
}
