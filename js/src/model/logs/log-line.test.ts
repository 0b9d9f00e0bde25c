import { expect, test } from "vitest";
import vectors from "../../../../tests/vectors/log_lines.json";
import { levelOf, levelOfText } from "./level";
import { LONGEST } from "./log-fields";
import { readLine } from "./log-line";

test.each(vectors)("$name", ({ line, shape, level, message }) => {
  const found = readLine(line);
  expect(found?.shape ?? null).toBe(shape);
  if (!found) return;
  expect(found.level ?? null).toBe(level);
  expect(found.messageField ? found.fields[found.messageField] : null).toBe(message);
});

test.each([
  ["Warning", "warn"],
  [" ERR ", "error"],
  ["20", "debug"],
  [50, "error"],
  [3, undefined],
  ["w", "warn"],
  [null, undefined],
  ["levelled", undefined],
])("the level of %j is %s", (value, level) => {
  expect(levelOf(value)).toBe(level);
});

test("a line of text names its level as a word near its start", () => {
  expect(levelOfText("2026-11-28 10:00 [main] SEVERE x")).toBe("error");
  expect(levelOfText(`${"x".repeat(200)} ERROR`)).toBeUndefined();
  expect(levelOfText("TERRORS")).toBeUndefined();
});

test("a longer line than 16 KiB is left as it is", () => {
  const line = (length: number) => `{"msg":"${"x".repeat(length - 10)}"}`;
  expect(readLine(line(LONGEST))?.shape).toBe("json");
  expect(readLine(line(LONGEST + 1))).toBeUndefined();
});
