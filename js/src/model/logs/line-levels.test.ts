import { expect, test } from "vitest";
import { edgeOf, noted } from "./line-levels";

const RED = "var(--hj-bad)";
const AMBER = "var(--hj-warn)";

/** Lines of one row each, or of as many as are given. */
function lines(...texts: (string | [string, number])[]) {
  let row = 0;
  return texts.map((each) => {
    const [text, rows] = typeof each === "string" ? [each, 1] : each;
    const first = row;
    row += rows;
    return { text, first, last: row - 1 };
  });
}

test.each([
  ["2026-11-30 20:40:07 WARN  slow query", "warn"],
  ["WARNING: cache is cold", "warn"],
  ['{"level":"warning","msg":"slow"}', "warn"],
  ["level=warn msg=slow", "warn"],
  ["2026-11-30 ERROR cannot reach payments", "error"],
  ['{"level":"fatal","msg":"gone"}', "error"],
  ["[error] upstream timed out", "error"],
  ["panic: nil", "error"],
  ["INFO warnings are errors here", ""],
  ["0 errors, 2 warnings", ""],
  ["— error: 13 min —", ""],
  ["", ""],
])("%s is noted as %s", (text, level) => {
  expect(noted(text)).toBe(level);
});

test("the edge is coloured beside all rows of warnings and errors", () => {
  const shown = lines("GET / 200", ["WARN slow", 3], "ERROR gone", "GET / 200");
  expect(edgeOf(shown, 0, 15)).toBe(
    `linear-gradient(transparent 0px 15px,${AMBER} 15px 60px,${RED} 60px 75px,` +
      "transparent 75px 90px,transparent 0)",
  );
});

test("a stack trace has the edge of its first line, also where that is above the pane", () => {
  const trace = lines("Traceback (most recent call last):", "  File", "    main()", "next");
  expect(edgeOf(trace, 1, 10)).toBe(
    `linear-gradient(${RED} 0px 10px,${RED} 10px 20px,transparent 20px 30px,transparent 0)`,
  );
});

test("a line that begins above the pane is coloured from the top", () => {
  expect(edgeOf(lines(["ERROR long", 4], "x"), 2, 10)).toContain(`${RED} 0px 20px`);
});

test("where there is nothing to note there is no edge", () => {
  expect(edgeOf(lines("GET / 200", "  indented"), 0, 15)).toBe("");
  expect(edgeOf([], 0, 15)).toBe("");
});
