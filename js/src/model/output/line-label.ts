// What stands in front of a pane's lines, written and read back: the time, and in a merged pane the mark
// of the stream. Text in, text out: no DOM, no xterm.

import { STDERR, STDOUT, type Stream } from "../messages";
import { LinePrefix } from "./line-prefix";
import { clock, sinceText, TIME, type Times } from "./times";

/** What stands before a line of stderr in a merged pane, and before one of stdout. */
export const STDERR_MARK = "▌ ";
export const STDOUT_MARK = "  ";
export const RED = "\x1b[31m";
const MARKED = new RegExp(`^((?:${TIME})?)(${STDERR_MARK}|${STDOUT_MARK})`);
const TIMED = new RegExp(`^${TIME}`);

/**
 * Return what puts a prefix in front of the lines of a pane: the time, and in a merged one the mark of
 * the stream; undefined if there is nothing to put there. `before` returns when the line before the one
 * that is written came, if that is known.
 */
export function prefixOf(
  merged: boolean,
  times: Times,
  before: () => number | undefined = () => undefined,
): LinePrefix | undefined {
  if (!merged && !times) return undefined;
  return new LinePrefix((stream, at) => {
    const mark = !merged ? "" : stream === STDERR ? `${RED}${STDERR_MARK}` : STDOUT_MARK;
    const base = merged && stream === STDERR ? RED : "";
    if (!times) return { text: mark, base };
    const dim = (time: string) => `\x1b[2m${time}\x1b[0m ${mark}`;
    if (times === "clock") return { text: dim(clock(at)), base };
    const last = before();
    const since = last === undefined ? undefined : at - last;
    return { text: dim(sinceText(since)), next: dim(sinceText(0)), base };
  });
}

/** What lines have in front: the mark of their stream, maybe after a time, or a time only, or nothing. */
export type Prefixed = "mark" | "time" | "";

/** Return a line of a pane without what it has in front. */
export function withoutPrefix(line: string, prefixed: Prefixed): string {
  return prefixed ? line.replace(prefixed === "mark" ? MARKED : TIMED, "") : line;
}

/** Return the stream of a line of a pane, where it says that: of a pane that does not, stdout. */
export function streamOf(line: string): Stream {
  return MARKED.exec(line)?.[2] === STDERR_MARK ? STDERR : STDOUT;
}

/** Say in words which stream a line of a merged pane is of; stdout is not mentioned. */
export function sayStream(line: string): string {
  return line.replace(MARKED, (_all, time: string, mark: string) =>
    mark === STDERR_MARK ? `${time}stderr: ` : time,
  );
}
