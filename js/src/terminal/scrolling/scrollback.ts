// Leaves lines out of the texts that wait for a terminal, if its scrollback would lose them anyway.
// No DOM, no xterm.
//
// A terminal takes some microseconds per line, however short it is, and a flood has many times as
// many lines as it keeps. Lines that the scrollback would have lost after the last text that waits
// need not be written: the screen and the lines above it are the same afterwards.

/** Anything except printable characters, tabs and line ends may change what comes after it. */
const UNSAFE = /[^\n\r\t\x20-\x7e\u00a0-\uffff]/;
/** Characters at the start that are always written: a sequence may have begun in the text before. */
const HEAD = 256;

/** A text that waits, or something else that has its place between texts. */
export interface QueuedText {
  text: string;
  /** How many line ends it has; -1 if no line may be left out of it. */
  lines: number;
}

/**
 * Make an entry of a text. One that is too short to be worth it is not searched. `whole`: each of its
 * lines is known to change nothing after it.
 */
export function queuedText(text: string, mayCut: boolean, whole = false): QueuedText {
  const cuttable = mayCut && text.length > 2 * HEAD && (whole || !UNSAFE.test(text));
  return { text, lines: cuttable ? countLines(text) : -1 };
}

/**
 * Empty or shorten the texts whose lines the terminal would not keep.
 *
 * `keeps` is how many lines it keeps. A line end must also return to the first column.
 */
export function cutToScrollback(queue: readonly QueuedText[], keeps: number): void {
  let after = 0; // line ends in the texts after this one
  for (let n = queue.length - 1; n >= 0; n -= 1) {
    const entry = queue[n] as QueuedText;
    if (entry.lines < 0) {
      after = 0; // this may move the cursor anywhere, and change any line
      continue;
    }
    const room = Math.max(0, keeps - after);
    after += entry.lines;
    if (entry.lines <= room) continue;
    // Before the first text of such a run a sequence may be unfinished.
    const first = n === 0 || (queue[n - 1] as QueuedText).lines < 0;
    entry.text = cut(entry.text, room, first ? HEAD : 0);
    entry.lines = Math.min(entry.lines, room + 1);
  }
}

/** Keep the last lines and, if `head` is not 0, the start: `head` characters and the rest of their line. */
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
