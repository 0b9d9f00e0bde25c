// What a pane shows of a session's history: text for its terminal, dimmed, above the live output. Pure:
// no DOM, no xterm.

import { type History, type HistoryLine, STDERR, STDOUT, type Stream } from "../messages";
import { RED, STDERR_MARK, STDOUT_MARK } from "./line-label";
import { clock } from "./times";

const DIM = "\x1b[0;2m";
const RESET = "\x1b[0m";
const END = "\r\n";
/** The kernel sends none: what a line does to a terminal must not depend on that. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for them
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/**
 * Return the lines of a pane's streams with the engine's times, and the line that separates them from
 * the live output. It begins and ends at the start of a line, with no attribute set. Empty if there is
 * nothing to show.
 */
export function historyText(history: History, streams: readonly Stream[]): string {
  const merged = streams.length > 1;
  const lines = history.lines.filter(([, stream]) => streams.includes(stream));
  const joint = history.joints[merged ? "both" : streams[0] === STDERR ? "2" : "1"];
  if (!lines.length && !joint) return "";
  const count = history.left_out.toLocaleString("en");
  const left = history.left_out ? [`${count} earlier lines are in session.history only`] : [];
  return [
    ...left.map(note),
    ...lines.map((line) => `${DIM}${prefix(line, merged)}${plain(line[2])}${RESET}${END}`),
    note(joint),
  ].join("");
}

function prefix([time, stream]: HistoryLine, merged: boolean): string {
  const at = time === null ? "" : `${clock(time)} `;
  if (!merged) return at;
  return stream === STDOUT ? `${at}${STDOUT_MARK}` : `${at}${RED}${STDERR_MARK}`;
}

function note(text: string): string {
  return text ? `${DIM}— ${plain(text)} —${RESET}${END}` : "";
}

function plain(text: string): string {
  return text.replace(CONTROLS, " ");
}
