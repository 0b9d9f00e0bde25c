// The state of a session and how it ended, in words: the only place of the page that has them. No
// DOM, no Jupyter.

import type { State, Status } from "./messages";

/** Why all controls are off: the kernel takes no messages any more. */
export const KERNEL_GONE = "the kernel is gone";
/** Why all controls are off: the kernel has closed the session's widget. */
export const SESSION_CLOSED = "the session is closed";
/** Shown in place of a part whose session does not come. */
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
  /** The session's state; "lost" if the kernel is gone. */
  state: State;
  /** The state in a few words: "attached", "exited with code 3". */
  word: string;
  /** One sentence: what went wrong, or what detaching does or did. May be empty. */
  detail: string;
  /** Whether the detail is an error of the session. */
  failed: boolean;
  /** Whether the session has ended, in a kernel that could attach again. */
  over: boolean;
}

/** Describe how a session stands or ended. */
export function describeOutcome(status: Status, kernel: KernelView): Outcome {
  const { state, error, controls } = status;
  let silence = "";
  if (kernel.orphaned)
    silence =
      "The kernel that held this session is gone. If the container still runs, attach to it again.";
  else if (kernel.unanswered) silence = "The kernel has not answered this page yet.";
  return {
    state: kernel.orphaned ? "lost" : state,
    word: kernel.orphaned ? "no kernel" : stateWord(status),
    detail: error || silence || controls.leave,
    failed: error !== "",
    over: !kernel.orphaned && state !== "connecting" && state !== "attached",
  };
}

function stateWord({ state, exit_code: code, complete }: Status): string {
  const missing = complete === false ? ", output is missing" : "";
  if (state !== "exited") return `${state}${missing}`;
  return `${code === null ? "exited, code unknown" : `exited with code ${code}`}${missing}`;
}

/** Say whether all output of a session that has ended is here; empty for one that goes on. */
export function completenessText({ state, complete }: Status): string {
  if (state !== "exited") return "";
  if (complete === null) return "Whether this is all output is not known: no log could show it.";
  return complete ? "This is all output: the engine's log ends the same." : "";
}
