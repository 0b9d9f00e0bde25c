// Times in front of lines and between them, in the zone of the browser. Text out: no DOM, no Jupyter.
//
// Nothing here depends on when it is drawn, except that today's times have no date: a relative time is
// that since the line before. So no timer has to draw anything again.

/** What is shown in front of a line: nothing, the time of day, or the time since the line before. */
export type Times = "" | "clock" | "since";

/** Seconds without output after which that is said between the lines. */
export const PAUSE = 120;

/** What a time looks like, for a regular expression. */
export const TIME =
  "(?:(?:[\\d-]{10} )?\\d\\d:\\d\\d:\\d\\d\\.\\d{3}|\\+ *\\d[\\d.]* (?:s|min|h|d)| {7}\\+) ";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Characters of a time since the line before. */
const WIDTH = 8;

/**
 * Format a time with milliseconds, and with its date unless that is today: a log may be old. `at` is in
 * seconds since the epoch.
 */
export function clock(at: number, today = new Date()): string {
  const date = new Date(at * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
  if (date.toDateString() === today.toDateString()) return time;
  return `${isoDay(date)} ${time}`;
}

/** Format seconds since the line before, always as wide; undefined if nothing is before it. */
export function sinceText(seconds: number | undefined): string {
  if (seconds === undefined) return "+".padStart(WIDTH);
  return `+${spanText(Math.max(0, seconds)).padStart(WIDTH - 1)}`;
}

function spanText(past: number): string {
  if (past < 1000) return `${past.toFixed(past < 9.9995 ? 3 : past < 99.995 ? 2 : 1)} s`;
  if (past < 2 * HOUR) return `${Math.round(past / MINUTE)} min`;
  if (past < DAY) return `${(past / HOUR).toFixed(1)} h`;
  return `${(past / DAY).toFixed(past < 100 * DAY ? 1 : 0)} d`;
}

/** Say in words for how long nothing came: "12 min", "3 h 5 min", "2 d 1 h". */
export function pauseText(seconds: number): string {
  const minutes = Math.round(seconds / MINUTE);
  const [days, hours, rest] = [
    Math.floor(minutes / 1440),
    Math.floor((minutes % 1440) / 60),
    minutes % 60,
  ];
  const parts = days
    ? [`${days} d`, hours && `${hours} h`]
    : [hours && `${hours} h`, rest && `${rest} min`];
  return parts.filter(Boolean).join(" ");
}

/** Name the day of a time: "Tuesday 2026-12-01". */
export function dayText(at: number): string {
  const date = new Date(at * 1000);
  return `${date.toLocaleDateString("en", { weekday: "long" })} ${isoDay(date)}`;
}

/** Where a zone is against UTC at a time: "UTC+01:00". `minutes`: what is behind UTC, as Date has it. */
export function zoneText(minutes: number): string {
  if (!minutes) return "UTC";
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `UTC${minutes > 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Format a date and a time to the second, with the zone, such as 2026-12-01 17:30:05 UTC+01:00. */
export function momentText(date: Date): string {
  const time = date.toTimeString().slice(0, 8);
  return `${isoDay(date)} ${time} ${zoneText(date.getTimezoneOffset())}`;
}

/** Notes whether a time is on another day than the one before it. */
export class Days {
  #begin = Number.NaN;
  #end = Number.NaN;

  changes(at: number): boolean {
    if (at >= this.#begin && at < this.#end) return false;
    const first = Number.isNaN(this.#begin);
    const date = new Date(at * 1000);
    this.#begin = date.setHours(0, 0, 0, 0) / 1000;
    this.#end = date.setHours(24, 0, 0, 0) / 1000;
    return !first;
  }
}

function isoDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
