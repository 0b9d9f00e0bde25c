import { expect, test } from "vitest";
import { clock } from "../output/times";
import { formatLine, timeText } from "./format-line";
import { readLine } from "./log-line";

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");
const shown = (line: string) => {
  const read = readLine(line);
  return read ? formatLine(read) : "";
};

test.each([
  ['{"level":"error","msg":"no disk","free":0}', "ERROR no disk free=0"],
  ['{"lvl":"info","msg":"x","user":{"id":1,"n":2},"tags":["a"]}', "INFO  x user={2} tags=[1]"],
  ['{"msg":"x","note":"two words","quote":"a\\"b"}', 'x note="two words" quote="a\\"b"'],
  ['{"a":1,"b":null}', " a=1 b=null"],
  ["level=warn msg=x flag", "WARN  x flag=true"],
])("%s is shown as %s", (line, text) => {
  expect(plain(shown(line))).toBe(text);
});

test("a level has its colour, and a line leaves none behind", () => {
  const line = shown('{"level":"error","msg":"x","n":1}');
  expect(line).toContain("\x1b[31mERROR");
  expect(line.startsWith("\x1b[0m")).toBe(true);
  expect(line.endsWith("\x1b[0m")).toBe(true);
});

test("nothing in a field acts on the terminal", () => {
  const line = shown('{"msg":"\\u001b[31mred\\u001b[2J\\u0007\\nnext","k\\u001b]0;t":"\\u009b2J"}');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(plain(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  expect(plain(line)).toContain("red ⏎ next");
});

test("a long value is cut", () => {
  expect(plain(shown(`{"msg":"m","v":"${"x".repeat(300)}"}`))).toBe(`m v=${"x".repeat(200)}…`);
});

test("a moment is shown by the clock of the page, whatever its unit", () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 250).getTime();
  for (const value of [at / 1000, at, at * 1000, at * 1e6, new Date(at).toISOString()]) {
    expect(timeText(value)).toBe(clock(at / 1000));
  }
});

test("a time without a zone is shown as it is", () => {
  expect(timeText("2026-01-02 03:04:05")).toBe("2026-01-02 03:04:05");
  expect(timeText(12)).toBe("12");
});
