// Where a page of a transcript is cut. No DOM, no Jupyter.

const NEWLINE = 10;

/** The part of a page that is whole lines, where it has any; its ends may be the stream's own. */
export function wholeLines(
  data: Uint8Array,
  offset: number,
  start: number,
  end: number,
): Uint8Array {
  const last = data.lastIndexOf(NEWLINE);
  const to = offset + data.length >= end || last < 0 ? data.length : last + 1;
  const first = data.indexOf(NEWLINE);
  // A page that begins within a line leaves that to the page before it, if it has another line.
  const from = offset <= start || first < 0 || first + 1 >= to ? 0 : first + 1;
  return data.subarray(from, to);
}
