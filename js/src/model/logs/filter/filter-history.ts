// Which lines of a session's history a filter lets through. Pure: no DOM.

import type { History, Stream } from "../../messages";
import { readLine } from "../log-line";
import { keptAround } from "./around";
import type { Filter } from "./filter";

/** Leave out the lines that a filter leaves out, and those of other streams. */
export function filterHistory(
  history: History,
  streams: readonly Stream[],
  filter: Filter,
): History {
  const own = history.lines.filter(([, stream]) => streams.includes(stream));
  const matches = own.map(([, stream, text]) =>
    filter.matches({ text, line: readLine(text), stream }),
  );
  const kept = keptAround(matches, filter.around);
  return { ...history, lines: own.filter((_line, n) => kept[n]), left_out: 0 };
}
