import { expect, test } from "vitest";
import type { Status } from "./messages";
import { completenessText, describeOutcome } from "./outcome";

const THERE = { orphaned: false, unanswered: false };
const SILENT = { orphaned: false, unanswered: true };
const GONE = { orphaned: true, unanswered: true };

function status(more: Partial<Status>, leave = ""): Status {
  const controls = { stdin: "", eof: "", detach: "", signal: "", again: "", start: "", leave };
  return { state: "attached", exit_code: null, error: "", controls, ...more } as Status;
}

test.each([
  ["connecting", null, "connecting", false],
  ["attached", null, "attached", false],
  ["detached", null, "detached", true],
  ["exited", 0, "exited with code 0", true],
  ["exited", 137, "exited with code 137", true],
  ["exited", null, "exited, code unknown", true],
  ["lost", null, "lost", true],
  ["failed", null, "failed", true],
] as const)("a session that is %s with code %s says so: %s", (state, code, word, over) => {
  const found = describeOutcome(status({ state, exit_code: code }), THERE);
  expect(found).toMatchObject({ state, word, over, failed: false });
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
    "Whether this is all output is not known: no log could show it.",
  ],
  ["attached", null, null, "attached", ""],
  ["detached", null, null, "detached", ""],
] as const)("a session that is %s, code %s, complete %s", (state, code, complete, word, text) => {
  const found = status({ state, exit_code: code, complete });
  expect(describeOutcome(found, THERE).word).toBe(word);
  expect(completenessText(found)).toBe(text);
});

test("a session whose kernel is gone is lost, whatever it was, and can not be had again", () => {
  for (const state of ["attached", "exited"] as const) {
    expect(describeOutcome(status({ state, exit_code: 3 }), GONE)).toEqual({
      state: "lost",
      word: "no kernel",
      detail:
        "The kernel that held this session is gone. If the container still runs, attach to it again.",
      failed: false,
      over: false,
    });
  }
});

test("an error comes first, then the kernel's silence, then what leaving does", () => {
  const leave = "The container runs on.";
  const detail = (error: string, kernel: typeof THERE) =>
    describeOutcome(status({ error }, leave), kernel);
  expect(detail("no such image", SILENT)).toMatchObject({ detail: "no such image", failed: true });
  expect(detail("", SILENT).detail).toBe("The kernel has not answered this page yet.");
  expect(detail("", THERE)).toMatchObject({ detail: leave, failed: false });
});
