// What may change the text of streams before a pane shows it (`logs/shaping.ts` makes such shapes), and
// what it returns. Types only.

import type { Stream } from "../messages";

/** Text of one stream that came at one time; or words of ours between lines. */
export interface TextPart {
  stream: Stream;
  /** Seconds since the epoch; 0 if that is not known. */
  at: number;
  text: string;
  /** Words of ours, in place of a text. */
  aside: string;
}

/** Text for a terminal. */
export interface ShapedText {
  text: string;
  /** Whether it is whole lines, each of which leaves the terminal as it found it. */
  whole: boolean;
  /** The same by stream and time, where some of it did not come now, or not from this stream. */
  parts?: readonly TextPart[];
}

/** Changes what is shown of a stream, before lines get their prefixes. */
export interface TextShape {
  /** Whether something waits for what follows it. */
  readonly holds: boolean;
  /** `at`: when the text came, in seconds since the epoch. */
  push(stream: Stream, text: string, at?: number): ShapedText;
  /** Return what was held back for too long. */
  release(stream: Stream): string;
  /** Bytes are left out, or others begin: return what was held back. */
  restart(stream: Stream): string;
}
