// Shows a structured line in one line of a terminal: time, level, message, and the other fields dimmed.
// Text in, text out: no DOM, no xterm.

import { clock } from "../output/times";
import type { Level } from "./level";
import type { LogLine } from "./log-line";

const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
const COLOURS: Record<Level, string> = {
  debug: "\x1b[36m",
  info: "\x1b[32m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
  fatal: "\x1b[1;7;31m",
};
/** Characters of a value that are shown in the line. */
const VALUE = 200;
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the patterns are for them
/** Colours that a program has put into a text: nothing in a field may act on the terminal. */
const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;
const LINE_END = /\r?\n/g;
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
const ANY = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
const PLAIN = /^[^\s"=]+$/;
/** Seconds, milliseconds, microseconds or nanoseconds since the epoch, by their size. */
const SCALES: [most: number, per: number][] = [
  [1e11, 1],
  [1e14, 1e3],
  [1e17, 1e6],
  [1e20, 1e9],
];
/** A moment with its time zone: only then is it known which one it is. */
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Return the line as it is shown, without its end. It leaves no attribute set. */
export function formatLine(line: LogLine): string {
  const { fields, level, levelField, timeField, messageField } = line;
  let text = RESET;
  if (timeField) text += `${DIM}${timeText(fields[timeField])}${RESET} `;
  if (level) text += `${COLOURS[level]}${level.toUpperCase().padEnd(5)}${RESET} `;
  if (messageField) text += oneLine(fields[messageField] as string);
  let rest = "";
  for (const name of Object.keys(fields)) {
    if (name === levelField || name === timeField || name === messageField) continue;
    rest += ` ${oneLine(name)}=${valueText(fields[name])}`;
  }
  return rest ? `${text}${messageField ? "" : RESET}${DIM}${rest}${RESET}` : text;
}

/** Return a moment as the clock of this page says it; anything else as it is. */
export function timeText(value: unknown): string {
  const number = typeof value === "number" ? value : Number.NaN;
  if (number > 1e8) {
    const [, per] = SCALES.find(([most]) => number < most) ?? [0, 1e9];
    return clockOf(Math.round((number / per) * 1000));
  }
  const text = oneLine(String(value));
  if (!MOMENT.test(text)) return text;
  const at = Date.parse(text.replace(",", ".").replace(" ", "T"));
  return Number.isNaN(at) ? text : clockOf(at);
}

let second = Number.NaN;
let clockOfSecond = "";

/** The clock at a number of milliseconds. Lines of one second come after each other. */
function clockOf(at: number): string {
  const ms = ((at % 1000) + 1000) % 1000;
  if (at - ms !== second) {
    second = at - ms;
    clockOfSecond = clock(second / 1000).slice(0, -3);
  }
  return clockOfSecond + String(ms).padStart(3, "0");
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (value !== null && typeof value === "object") return `{${Object.keys(value).length}}`;
  if (typeof value !== "string") return String(value);
  const short = value.length > VALUE ? `${value.slice(0, VALUE)}…` : value;
  const text = oneLine(short);
  return PLAIN.test(text) ? text : JSON.stringify(text);
}

/** Return a text of which nothing acts on a terminal. */
function oneLine(text: string): string {
  if (!ANY.test(text)) return text;
  return text.replace(SEQUENCE, "").replace(LINE_END, "⏎ ").replace(CONTROL, " ");
}
