// Cuts a page of a transcript to whole lines. No DOM, no Jupyter.

const NEWLINE = 10;

/** Which ends of a page continue what was shown before, and so must not be cut. */
export interface Joints {
  begin?: boolean;
  end?: boolean;
}

/**
 * Return the part of a page that is whole lines, or the page if it has none. An end of the page that
 * is an end of the stream is kept.
 */
export function wholeLines(
  data: Uint8Array,
  offset: number,
  start: number,
  end: number,
  joints: Joints = {},
): Uint8Array {
  const first = data.indexOf(NEWLINE);
  // A page that begins within a line leaves that line to the page before, if it has another one.
  const whole = joints.begin || offset <= start || first < 0 || first + 1 >= data.length;
  const from = whole ? 0 : first + 1;
  const last = data.lastIndexOf(NEWLINE);
  // A line that is longer than the page is cut at the page's end, or nothing would be shown.
  const to = joints.end || offset + data.length >= end || last < from ? data.length : last + 1;
  return data.subarray(from, to);
}
