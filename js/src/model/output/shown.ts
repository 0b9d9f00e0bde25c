// What a pane shows, and what that is called. Pure: no DOM, no xterm.

import { STDERR, STDOUT, type Stream } from "../messages";

/** One stream, or both in the order of their arrival. On a TTY all is stdout. */
export type Shown = Stream | "merged";

/** The streams among what is shown. */
export function streamsOf(shown: Shown): readonly Stream[] {
  return shown === "merged" ? [STDOUT, STDERR] : [shown];
}

/** A short name: "stdout", "stderr" or "merged". */
export function nameOf(shown: Shown): string {
  return shown === "merged" ? shown : shown === STDERR ? "stderr" : "stdout";
}

/** The name in words. */
export function titleOf(shown: Shown, tty: boolean): string {
  return tty ? "terminal" : shown === "merged" ? "stdout and stderr" : nameOf(shown);
}
