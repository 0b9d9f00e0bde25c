// How a session stands or how it ended, in the words of the page: one function for the header, the
// buttons and everything else that says it. No DOM, no Jupyter.

import type { State, Status } from "./messages";

/** Why nothing can be done: the kernel does not take messages any more. */
export const KERNEL_GONE = "the kernel is gone";
/** Why nothing can be done: the kernel has closed the session's widget. */
export const SESSION_CLOSED = "the session is closed";
/** In place of a part whose session does not come. */
export const SESSION_UNKNOWN =
  "The kernel no longer has this session; run the notebook from the top.";

/** What this page knows of the kernel. */
export interface KernelView {
  /** Whether the kernel that held the session is gone. */
  readonly orphaned: boolean;
  /** Whether the kernel has not answered this page for some time. */
  readonly unanswered: boolean;
}

export interface Outcome {
  /** What the colour stands for: the state, or "lost" where the kernel is gone. */
  state: State;
  /** A word or a few: "attached", "exited with code 3". */
  word: string;
  /** One sentence: what went wrong, or what leaving does or did. Empty where there is nothing. */
  detail: string;
  /** Whether the detail is an error of the session. */
  failed: boolean;
  /** Whether the session has ended and the page can ask for it again. */
  over: boolean;
}

export function describeOutcome(status: Status, kernel: KernelView): Outcome {
  const { state, error, controls } = status;
  let silence = "";
  if (kernel.orphaned)
    silence = "The kernel that held this session is gone; run the notebook from the top.";
  else if (kernel.unanswered) silence = "The kernel has not answered this page yet.";
  return {
    state: kernel.orphaned ? "lost" : state,
    word: kernel.orphaned ? "no kernel" : stateWord(status),
    detail: error || silence || controls.leave,
    failed: error !== "",
    over: !kernel.orphaned && state !== "connecting" && state !== "attached",
  };
}

function stateWord({ state, exit_code: code }: Status): string {
  if (state !== "exited") return state;
  return code === null ? "exited, code unknown" : `exited with code ${code}`;
}
