// Byte counts and lengths of time, written for people. No DOM.

const UNITS = ["kB", "MB", "GB", "TB"];

/** Format a byte count: "0 B", "999 B", "1.2 kB", "34 MB". */
export function formatBytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count;
  let unit = "";
  for (const next of UNITS) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Format bytes of memory as docker does: "320KiB", "1.953MiB". */
export function formatBinary(count: number): string {
  return formatSize(count, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4);
}

/** Format bytes of traffic as docker does: "736B", "1.05kB". */
export function formatDecimal(count: number): string {
  return formatSize(count, 1000, ["B", "kB", "MB", "GB", "TB", "PB"], 3);
}

function formatSize(count: number, base: number, units: string[], digits: number): string {
  let value = count;
  let at = 0;
  while (Number(value.toPrecision(digits)) >= base && at < units.length - 1) {
    value /= base;
    at += 1;
  }
  return `${Number(value.toPrecision(digits))}${units[at]}`;
}

/** Format a percentage: "12.34%", or "--" for none. */
export function formatPercent(value: number | null): string {
  return value === null ? "--" : `${value.toFixed(2)}%`;
}

/** Format a length of time in its two largest units: "0.4 s", "59 s", "3 min 5 s", "2 h 10 min". */
export function formatLength(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return formatSeconds(Math.max(0, seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Format seconds, with one decimal below ten. */
export function formatSeconds(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** Format a position in a recording: "0:05", "12:34", "1:02:03". */
export function formatClock(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds) + 1e-6);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = two(whole % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
