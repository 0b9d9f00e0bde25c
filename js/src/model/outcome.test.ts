import { expect, test } from "vitest";
import vectors from "../../../tests/vectors/exit_codes.json";
import type { Status, Stream } from "./messages";
import { completenessText, describeOutcome, missingText, subjectOf } from "./outcome";

const THERE = { orphaned: false, unanswered: false };
const SILENT = { orphaned: false, unanswered: true };
const GONE = { orphaned: true, unanswered: true };

function status(more: Partial<Status>, leave = ""): Status {
  const controls = { stdin: "", eof: "", detach: "", signal: "", again: "", start: "", leave };
  return { state: "attached", exit_code: null, error: "", controls, ...more } as Status;
}

test.each([
  ["connecting", null, "connecting", false],
  ["reconnecting", null, "reconnecting", false],
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
  ["exited", 0, true, "exited with code 0", "This is all output: the engine's log ends the same."],
  [
    "exited",
    0,
    null,
    "exited with code 0",
    "Whether this is all output is not known: the log cannot show it.",
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
  [{}, [1], "output is missing here, read it with %hyper logs web"],
  [{ missing: { 2: 5 } }, [1], ""],
  [{ missing: { 2: 5 } }, [2], "at least 5 bytes are missing here, read it with %hyper logs web"],
  [
    { missing: { 1: 12345, 2: 5 } },
    [1, 2],
    "at least 12,345 bytes of stdout and 5 bytes of stderr are missing here, read it with %hyper logs web",
  ],
] as [Partial<Status>, Stream[], string][])("%o in the pane of %o", (known, streams, text) => {
  const found = status({
    state: "exited",
    complete: false,
    missing: {},
    container: "web",
    ...known,
  });
  expect(missingText(found, streams)).toBe(text);
});

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
  ["attached", null, "lost", "no kernel"],
  ["exited", 3, "exited", "exited with code 3"],
] as const)(
  "without its kernel a session that was %s can not be had again",
  (was, code, state, word) => {
    expect(describeOutcome(status({ state: was, exit_code: code }), GONE)).toEqual({
      state,
      word,
      detail:
        "The kernel that held this session is gone. If the container still runs, attach to it again.",
      failed: false,
      over: false,
    });
  },
);

test("an error comes first, then the kernel's silence, then what leaving does", () => {
  const leave = "The container runs on.";
  const detail = (error: string, kernel: typeof THERE) =>
    describeOutcome(status({ error }, leave), kernel);
  expect(detail("no such image", SILENT)).toMatchObject({ detail: "no such image", failed: true });
  expect(detail("", SILENT).detail).toBe("The kernel has not answered this page yet.");
  expect(detail("", THERE)).toMatchObject({ detail: leave, failed: false });
});

test("a program and a log that have lost their kernel are not told to attach again", () => {
  for (const kind of ["exec", "logs"] as const)
    expect(describeOutcome(status({ kind }), GONE).detail).toMatch(/gone\. Run its cell again/);
});

test("what an exec runs is not called the container", () => {
  expect(subjectOf(status({ kind: "exec" }))).toBe("program");
  expect(subjectOf(status({ kind: "logs" }))).toBe("container");
  expect(subjectOf(status({}))).toBe("container"); // an older kernel does not name the kind
});
