// What of the texts that wait for a terminal is worth drawing. No DOM, no xterm.
//
// A terminal takes some microseconds per line, however short it is, and a flood of short lines has
// many times as many as it keeps. Those that its scrollback would have lost by the end of what
// waits need not be written: what is on the screen, and above it, is the same afterwards.

/** Anything but printable characters, tabs and line ends may change what comes behind it. */
const UNSAFE = /[^\n\r\t\x20-\x7e\u00a0-\uffff]/;
/** Characters in front that are always written: a sequence may have begun in the text before. */
const HEAD = 256;

/** A text that waits, or something else that comes between. */
export interface QueuedText {
  text: string;
  /** Line ends in it, where it is a text of which lines may be left out; else -1. */
  lines: number;
}

/** Look a text over, unless it is too short to be worth it. */
export function queuedText(text: string, mayCut: boolean): QueuedText {
  const cuttable = mayCut && text.length > 2 * HEAD && !UNSAFE.test(text);
  return { text, lines: cuttable ? countLines(text) : -1 };
}

/**
 * Empty or shorten those texts whose lines the terminal would not keep.
 *
 * `keeps` is how many it does; a line end must also return to the first column.
 */
export function cutToScrollback(queue: readonly QueuedText[], keeps: number): void {
  let behind = 0;
  for (let n = queue.length - 1; n >= 0; n -= 1) {
    const entry = queue[n] as QueuedText;
    if (entry.lines < 0) {
      behind = 0; // it may stand anywhere, and move anything
      continue;
    }
    const room = Math.max(0, keeps - behind);
    behind += entry.lines;
    if (entry.lines <= room) continue;
    // In front of the run of such texts something may be unfinished.
    const first = n === 0 || (queue[n - 1] as QueuedText).lines < 0;
    entry.text = cut(entry.text, room, first ? HEAD : 0);
    entry.lines = Math.min(entry.lines, room + 1);
  }
}

/** The first line from `head` characters on, if that is wanted, and the last lines. */
function cut(text: string, lines: number, head: number): string {
  const begin = head ? text.indexOf("\n", head) + 1 || text.length : 0;
  let end = text.length;
  for (let n = 0; n <= lines && end > begin; n += 1) end = text.lastIndexOf("\n", end - 1);
  return end < begin ? text : text.slice(0, begin) + text.slice(end + 1);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
