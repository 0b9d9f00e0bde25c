// The state of a session and how it ended, in words: the only place of the page that has them. No
// DOM, no Jupyter.

import { STDERR, STDOUT, type State, type Status, type Stream } from "./messages";
import { nameOf } from "./output/shown";

/** What may become of a kernel. */
export type KernelEnd = "shut down" | "restarted" | "died";

/** Why all controls are off: the kernel takes no messages any more. */
export function kernelGone(end: KernelEnd): string {
  return `the ${kernelWord(end)}`;
}

function kernelWord(end: KernelEnd): string {
  return `kernel ${end === "died" ? "has" : "was"} ${end}`;
}

/** Why all controls are off: the kernel has closed the session's widget. */
export const SESSION_CLOSED = "the session is closed";
/** Shown in place of a part whose session does not come. */
export const SESSION_UNKNOWN =
  "The kernel no longer has this session; run the notebook from the top.";

/** What this page knows of the kernel. */
export interface KernelView {
  /** What has become of the kernel that held the session; empty as long as it may be there. */
  readonly kernelEnd: KernelEnd | "";
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
  /** Whether the detail is something that few expect, so that it is shown without being asked for. */
  heed: boolean;
}

/** What a session runs, in one word: an exec's program is not the container's own. */
export function subjectOf({ kind }: Status): "container" | "program" {
  return kind === "exec" ? "program" : "container";
}

/** Whether a session goes on, as far as its status says. */
export function isLive({ state }: Pick<Status, "state">): boolean {
  return state === "connecting" || state === "attached" || state === "reconnecting";
}

/** Describe how a session stands or ended. */
export function describeOutcome(status: Status, kernel: KernelView): Outcome {
  const { state, error, controls } = status;
  const { kernelEnd } = kernel;
  const live = isLive(status);
  // How one ended before its kernel is known. The kernel may still have reported its own end as a loss.
  const broken = state === "lost" || state === "failed";
  const lostWithIt = broken && !!controls.kernel_end;
  const unknown = kernelEnd !== "" && (live || lostWithIt);
  const problem = unknown && lostWithIt ? "" : error;
  let silence = "";
  if (kernelEnd) silence = orphanText(status, kernelEnd, unknown);
  else if (kernel.unanswered) silence = "The kernel has not answered this page yet.";
  return {
    state: unknown ? "lost" : state,
    word: unknown ? `kernel ${kernelEnd}` : stateWord(status),
    detail: problem || silence || controls.leave,
    failed: !!problem,
    over: !kernelEnd && !live,
    heed: !!(problem || silence || controls.heed),
  };
}

/** Whether a session that was over goes on. The end of its kernel is no coming back. */
export function isBack(wasOver: boolean, outcome: Outcome): boolean {
  return wasOver && isLive(outcome);
}

/** Say what the end of the kernel means for its session, and what to do next. */
function orphanText(status: Status, end: KernelEnd, withIt: boolean): string {
  const what = status.controls.kernel_end;
  const once = status.kind === "exec" || status.kind === "logs";
  const aim = once || what?.endsWith("ended with it") ? "for a new one" : "to attach again";
  const ended = withIt ? ", and the session ended with it" : "";
  return `The ${kernelWord(end)}${ended}${what ? `; ${what}` : ""}. Run its cell again ${aim}.`;
}

/** Say when the next attempt to attach again is made. `seconds`: until then, 0 if it is being made. */
export function attemptText(attempt: number, seconds: number): string {
  const number = attempt > 1 ? ` (attempt ${attempt})` : "";
  return seconds <= 0 ? `trying now${number}` : `trying again in ${Math.ceil(seconds)} s${number}`;
}

/**
 * What exit codes mean by convention, as in hyper_jupyter/session/rules/outcome.py. The tests of both
 * read tests/vectors/exit_codes.json.
 */
const MEANINGS: Record<number, string> = {
  126: "not executable",
  127: "command not found",
  129: "SIGHUP",
  130: "interrupted, SIGINT",
  131: "SIGQUIT",
  134: "aborted, SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "killed, SIGKILL",
  139: "crashed, SIGSEGV",
  141: "SIGPIPE",
  143: "terminated, SIGTERM",
};

function stateWord(status: Status): string {
  const { state, exit_code: code, complete, paused } = status;
  const exited = `exited${code === null ? ", code unknown" : ` with ${codeWord(status, code)}`}`;
  if (state === "reconnecting") {
    if (status.reconnecting) return state;
    return `${code === null ? "" : `${exited}, `}${status.awaits || "waiting"}`;
  }
  if (paused && state === "attached") return "attached, the container is paused";
  let word: string = state;
  if (state === "exited") word = exited;
  else if (state === "detached" && status.reads_log && status.ended_at !== null)
    word = `log as of ${momentText(status.ended_at)}`;
  return complete === false ? `${word}, output is missing` : word;
}

/** Return a time of day, with its date unless that is today. `at`: seconds since the epoch. */
function momentText(at: number): string {
  const moment = new Date(at * 1000);
  const isToday = moment.toDateString() === new Date().toDateString();
  const time = moment.toLocaleTimeString([], { timeStyle: "short" });
  return isToday ? time : `${moment.toLocaleDateString([], { dateStyle: "medium" })}, ${time}`;
}

function codeWord({ out_of_memory }: Status, code: number): string {
  const meaning = out_of_memory ? "out of memory" : MEANINGS[code];
  return `code ${code}${meaning ? ` (${meaning})` : ""}`;
}

/**
 * Say what is missing at the end of some streams, or that they had nothing to show; else empty. It
 * stands where it is missing, so it names streams only if there are several.
 */
export function missingText(status: Status, streams: readonly Stream[]): string {
  const { complete, missing, container } = status;
  if (complete !== false) {
    const printed = status.history || streams.some((stream) => status.totals[stream]);
    return status.state === "exited" && !printed ? "no output came" : "";
  }
  const where = `see %hyper logs ${container}`;
  const counts = [STDOUT, STDERR].filter((stream) => streams.includes(stream) && missing[stream]);
  if (!counts.length) return Object.keys(missing).length ? "" : `output is missing: ${where}`;
  const sizes = counts.map((stream) => {
    const bytes = (missing[stream] ?? 0).toLocaleString("en");
    return `${bytes} bytes${streams.length > 1 ? ` of ${nameOf(stream)}` : ""}`;
  });
  return `at least ${sizes.join(" and ")} are missing here: ${where}`;
}

/** Say whether all output of a session that has ended is here; empty for one that goes on. */
export function completenessText({ state, complete }: Status): string {
  if (state !== "exited") return "";
  if (complete === null)
    return "It is not known whether this is all output: the log cannot show it.";
  return complete ? "This is all output: the engine's log ends with the same bytes." : "";
}
