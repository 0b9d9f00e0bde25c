import { expect, test } from "vitest";
import vectors from "../../../tests/vectors/exit_codes.json";
import type { Status, Stream } from "./messages";
import {
  attemptText,
  completenessText,
  describeOutcome,
  isBack,
  type KernelView,
  missingText,
  subjectOf,
} from "./outcome";

const THERE: KernelView = { kernelEnd: "", unanswered: false };
const SILENT: KernelView = { kernelEnd: "", unanswered: true };
const GONE: KernelView = { kernelEnd: "shut down", unanswered: true };

function status(more: Partial<Status>, leave = ""): Status {
  const controls = { stdin: "", eof: "", detach: "", signal: "", again: "", start: "", leave };
  return { state: "attached", exit_code: null, error: "", controls, ...more } as Status;
}

test.each([
  ["connecting", null, "connecting", false],
  ["reconnecting", null, "waiting", false],
  ["reconnecting", 3, "exited with code 3, waiting", false],
  ["attached", null, "attached", false],
  ["detached", null, "detached", true],
  ["exited", 0, "exited with code 0", true],
  ["exited", 3, "exited with code 3", true],
  ["exited", 127, "exited with code 127 (command not found)", true],
  ["exited", 130, "exited with code 130 (interrupted, SIGINT)", true],
  ["exited", 137, "exited with code 137 (killed, SIGKILL)", true],
  ["exited", 143, "exited with code 143 (terminated, SIGTERM)", true],
  ["exited", null, "exited, code unknown", true],
  ["lost", null, "lost", true],
  ["failed", null, "failed", true],
] as const)("a session that is %s with code %s says so: %s", (state, code, word, over) => {
  const found = describeOutcome(status({ state, exit_code: code }), THERE);
  expect(found).toMatchObject({ state, word, over, failed: false });
});

test("one that waits says what for, in the kernel's words", () => {
  const awaits = "waiting for a start by hand";
  const more = { state: "reconnecting", exit_code: 3, awaits } as const;
  const { word } = describeOutcome(status(more), THERE);
  expect(word).toBe("exited with code 3, waiting for a start by hand");
});

test("exit codes have the meanings of the vectors, and the other codes have none", () => {
  const meanings: Record<number, string> = vectors.meanings;
  for (let code = 0; code < 256; code++) {
    const meaning = meanings[code] ? ` (${meanings[code]})` : "";
    const { word } = describeOutcome(status({ state: "exited", exit_code: code }), THERE);
    expect(word).toBe(`exited with code ${code}${meaning}`);
  }
});

test.each([
  ["exited", 0, false, "exited with code 0, output is missing", ""],
  ["exited", null, false, "exited, code unknown, output is missing", ""],
  ["lost", null, false, "lost, output is missing", ""],
  [
    "exited",
    0,
    true,
    "exited with code 0",
    "This is all output: the engine's log ends with the same bytes.",
  ],
  [
    "exited",
    0,
    null,
    "exited with code 0",
    "It is not known whether this is all output: the log cannot show it.",
  ],
  ["attached", null, null, "attached", ""],
  ["detached", null, null, "detached", ""],
] as const)("a session that is %s, code %s, complete %s", (state, code, complete, word, text) => {
  const found = status({ state, exit_code: code, complete });
  expect(describeOutcome(found, THERE).word).toBe(word);
  expect(completenessText(found)).toBe(text);
});

test.each([
  [{ complete: true }, [1], ""],
  [{ complete: null }, [1, 2], ""],
  [{}, [1], "output is missing: see %hyper logs web"],
  [{ missing: { 2: 5 } }, [1], ""],
  [{ missing: { 2: 5 } }, [2], "at least 5 bytes are missing here: see %hyper logs web"],
  [
    { missing: { 1: 12345, 2: 5 } },
    [1, 2],
    "at least 12,345 bytes of stdout and 5 bytes of stderr are missing here: see %hyper logs web",
  ],
] as [Partial<Status>, Stream[], string][])("%o in the pane of %o", (known, streams, text) => {
  const found = status({
    state: "exited",
    complete: false,
    totals: { 1: 7, 2: 7 },
    missing: {},
    container: "web",
    ...known,
  });
  expect(missingText(found, streams)).toBe(text);
});

test.each([
  [{}, [1], "no output came"],
  [{}, [1, 2], "no output came"],
  [{ complete: true, totals: { 1: 3, 2: 0 } }, [1], ""],
  [{ complete: true, totals: { 1: 3, 2: 0 } }, [1, 2], ""],
  [{ totals: { 1: 3, 2: 0 } }, [2], "no output came"],
  [{ history: 1 }, [1], ""],
  [{ complete: false }, [1], "output is missing: see %hyper logs web"],
  [{ state: "attached" }, [1], ""],
  [{ state: "detached" }, [1], ""],
] as [Partial<Status>, Stream[], string][])(
  "%o, and no output, in the pane of %o",
  (known, streams, text) => {
    const nothing = { totals: { 1: 0, 2: 0 }, history: 0, missing: {}, container: "web" };
    const found = status({ state: "exited", complete: null, ...nothing, ...known });
    expect(missingText(found, streams)).toBe(text);
  },
);

test("a paused container does not look alive", () => {
  const found = status({ state: "attached", paused: true });
  expect(describeOutcome(found, THERE).word).toBe("attached, the container is paused");
  const ended = status({ state: "detached", paused: true });
  expect(describeOutcome(ended, THERE).word).toBe("detached");
});

test("a container that had no memory left says so, in place of the signal", () => {
  const found = status({ state: "exited", exit_code: 137, out_of_memory: true });
  expect(describeOutcome(found, THERE).word).toBe("exited with code 137 (out of memory)");
});

test.each([
  ["shut down", "attached", "the container runs on", "kernel shut down"],
  ["restarted", "reconnecting", "the container runs on", "kernel restarted"],
  [
    "died",
    "connecting",
    "the container's input has ended, and the container runs on unless that ended it",
    "kernel died",
  ],
] as const)("a session that has lost its kernel (%s) says so: was %s", (end, state, what, word) => {
  const found = status({ state });
  found.controls.kernel_end = what;
  const how = { "shut down": "was shut down", restarted: "was restarted", died: "has died" }[end];
  expect(describeOutcome(found, { kernelEnd: end, unanswered: true })).toEqual({
    state: "lost",
    word,
    detail: `The kernel ${how}, and the session ended with it; ${what}. Run its cell again to attach again.`,
    failed: false,
    over: false,
    heed: true,
  });
});

test("a container that ended with the kernel is not attached again", () => {
  const found = status({});
  found.controls.kernel_end = "the container ended with it";
  const { detail } = describeOutcome(found, GONE);
  expect(detail).toMatch(/with it; the container ended with it\. Run its cell again for a new one/);
});

test("what became of the container is not made up if the kernel has not said it", () => {
  const { detail } = describeOutcome(status({}), GONE);
  expect(detail).toMatch(/the session ended with it\. Run its cell/);
});

test("a session that had ended before its kernel says how it ended", () => {
  const found = describeOutcome(status({ state: "exited", exit_code: 3 }), GONE);
  expect(found).toMatchObject({ state: "exited", word: "exited with code 3", over: false });
  expect(found.detail).toBe("The kernel was shut down. Run its cell again to attach again.");
});

test.each([
  [1, 0, "trying now"],
  [1, 0.05, "trying again in 1 s"],
  [4, 2.4, "trying again in 3 s (attempt 4)"],
  [4, -1, "trying now (attempt 4)"],
] as const)("attempt %d, %d s from now", (attempt, seconds, text) => {
  expect(attemptText(attempt, seconds)).toBe(text);
});

test("a session that is being attached again is neither attached nor over", () => {
  const reconnecting = { attempt: 1, at: 1, seconds: 1, error: "" };
  const cut = status({ state: "reconnecting", reconnecting }, "Detach stops it.");
  const found = describeOutcome(cut, THERE);
  expect(found).toMatchObject({ state: "reconnecting", word: "reconnecting", over: false });
});

test("an error comes first, then the kernel's silence, then what leaving does", () => {
  const leave = "The container runs on.";
  const detail = (error: string, kernel: KernelView) =>
    describeOutcome(status({ error }, leave), kernel);
  expect(detail("no such image", SILENT)).toMatchObject({ detail: "no such image", failed: true });
  expect(detail("", SILENT).detail).toBe("The kernel has not answered this page yet.");
  expect(detail("", THERE)).toMatchObject({ detail: leave, failed: false });
});

test("a program and a log that have lost their kernel are not told to attach again", () => {
  for (const kind of ["exec", "logs"] as const)
    expect(describeOutcome(status({ kind }), GONE).detail).toMatch(/Run its cell again for a new/);
});

test("a log that was read says until when, and with the date unless that is today", () => {
  const log = (ended: Date, more: Partial<Status> = {}) => {
    const read = { state: "detached", reads_log: true, ended_at: ended.getTime() / 1000 } as const;
    return describeOutcome(status({ ...read, ...more }), THERE).word;
  };
  const now = new Date();
  const old = new Date(2026, 0, 2, 19, 32);
  expect(log(now)).toBe(`log as of ${now.toLocaleTimeString([], { timeStyle: "short" })}`);
  expect(log(old)).toMatch(/^log as of Jan 2, 2026, 7:32\sPM$/);
  expect(log(now, { reads_log: false })).toBe("detached");
  expect(log(now, { state: "exited", exit_code: 3 })).toBe("exited with code 3");
});

test("what an exec runs is not called the container", () => {
  expect(subjectOf(status({ kind: "exec" }))).toBe("program");
  expect(subjectOf(status({ kind: "logs" }))).toBe("container");
  expect(subjectOf(status({}))).toBe("container"); // an older kernel does not name the kind
});

test.each(["lost", "failed"] as const)(
  "a session that the end of its kernel has ended is not said to be %s",
  (state) => {
    const found = status({ state, error: "the kernel has ended" });
    found.controls.kernel_end = "the container ended with it";
    expect(describeOutcome(found, GONE)).toMatchObject({
      state: "lost",
      word: "kernel shut down",
      failed: false,
      detail:
        "The kernel was shut down, and the session ended with it; the container ended with it. " +
        "Run its cell again for a new one.",
    });
    const before = status({ state: "lost", error: "broken pipe" });
    expect(describeOutcome(before, GONE)).toMatchObject({ word: "lost", detail: "broken pipe" });
  },
);

test("a session that goes on is back, one whose kernel has ended is not", () => {
  expect(isBack(true, describeOutcome(status({}), THERE))).toBe(true);
  expect(isBack(false, describeOutcome(status({}), THERE))).toBe(false);
  expect(isBack(true, describeOutcome(status({ state: "exited" }), GONE))).toBe(false);
  expect(isBack(true, describeOutcome(status({ state: "lost" }), GONE))).toBe(false);
});
