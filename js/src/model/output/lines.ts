// Where a page of a transcript is cut. No DOM, no Jupyter.

const NEWLINE = 10;

/** Which ends of a page are joined to what was shown before, and so must not be cut. */
export interface Joints {
  begin?: boolean;
  end?: boolean;
}

/** The part of a page that is whole lines, where it has any; its ends may be the stream's own. */
export function wholeLines(
  data: Uint8Array,
  offset: number,
  start: number,
  end: number,
  joints: Joints = {},
): Uint8Array {
  const first = data.indexOf(NEWLINE);
  // A page that begins within a line leaves that to the page before it, if it has another line.
  const whole = joints.begin || offset <= start || first < 0 || first + 1 >= data.length;
  const from = whole ? 0 : first + 1;
  const last = data.lastIndexOf(NEWLINE);
  // A line that is longer than the page ends where the page does, else nothing would be shown.
  const to = joints.end || offset + data.length >= end || last < from ? data.length : last + 1;
  return data.subarray(from, to);
}
