// Times in front of lines. Text out: no DOM, no Jupyter.

/** What a time looks like, for a regular expression. */
export const TIME = "(?:[\\d-]{10} )?\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ";

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
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
