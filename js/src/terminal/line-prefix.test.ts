import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import type { Stream } from "../model/messages";
import { LinePrefix } from "../model/output/line-prefix";
import { useOurWidths } from "./character-widths";

const TIME = "\x1b[2m12:34\x1b[0m ";
const FRONT = { 1: "12:34   ", 2: "12:34 ▌ " };

/** What a pane shows of pieces of two streams. */
async function shown(...pieces: [Stream, string][]): Promise<string[]> {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: 40,
    rows: 6,
    convertEol: true,
    logLevel: "off",
  });
  useOurWidths(terminal);
  const lines = new LinePrefix((stream) => ({
    text: `${TIME}${stream === 2 ? "\x1b[31m▌ " : "  "}`,
    base: stream === 2 ? "\x1b[31m" : "",
  }));
  const text = pieces.map(([stream, piece]) => lines.push(stream, piece, 0)).join("");
  await new Promise<void>((done) => terminal.write(text, done));
  const rows: string[] = [];
  for (let y = 0; y < terminal.buffer.active.length; y += 1) {
    rows.push(terminal.buffer.active.getLine(y)?.translateToString(true) ?? "");
  }
  while (rows.at(-1) === "") rows.pop();
  return rows;
}

test.each([
  ["a carriage return", "one\rtwo", "two"],
  ["column 1", "one\x1b[1Gtwo", "two"],
  ["no column", "one\x1b[Gtwo", "two"],
  ["column 0 of HPA", "one\x1b[0`two", "two"],
  ["erasing the line, then column 1", "one more\x1b[2K\x1b[1Gtwo", "two"],
  ["column 1, then erasing the line", "one more\x1b[1G\x1b[2Ktwo", "two"],
  ["a carriage return, then erasing to the end", "one more\r\x1b[Ktwo", "two"],
  ["erasing to the start", "one\x1b[1Ktwo", "   two"],
  ["erasing the line where it is", "one\x1b[2Ktwo", "   two"],
  ["a position", "one\x1b[1;1Htwo", "two"],
  ["the first position", "one\x1b[Htwo", "two"],
  ["another column", "one\x1b[3Gtwo", "ontwo"],
  ["another position", "one\x1b[1;3ftwo", "ontwo"],
  ["many columns back", "one\x1b[1000Dtwo", "two"],
  ["some columns back", "one\x1b[2Dtwo", "otwo"],
  ["backspaces", "one\b\b\btwo", "two"],
  ["too many backspaces", "one\b\b\b\b\b\b\b\b\b\btwo", "two"],
  ["back by tab stops", "one\x1b[3Ztwo", "two"],
  ["a saved position", "\x1b7one\x1b8two", "two"],
  ["a saved position, the other way", "\x1b[sone\x1b[utwo", "two"],
  ["a position that was never saved", "one\x1b8two", "two"],
  ["the line before and after", "one\x1b[E\x1b[Ftwo", "two"],
  ["columns forward after a return", "one\r\x1b[2Ctwo", "ontwo"],
  ["deleted characters after a return", "one\r\x1b[1Ptwo", "two"],
  ["inserted characters", "one\x1b[1G\x1b[2@tw", "twone"],
  ["erased characters", "one\x1b[1G\x1b[2X\x1b[2Cx", "  x"],
  ["the screen erased", "one\x1b[2Jtwo", "two"],
  ["8-bit controls", "one\x9b2K\x9b1Gtwo", "two"],
])("%s leaves what stands before the line", async (_way, text, expected) => {
  expect(await shown([2, text])).toEqual([`${FRONT[2]}${expected}`]);
  expect(await shown([1, "a\n"], [2, "b\n"], [1, text.replaceAll("[1;", "[3;")])).toEqual(
    text.includes("[H") || text.includes("[2J") || text === "one\x1b8two"
      ? expect.arrayContaining([`${FRONT[1]}${expected}`])
      : [`${FRONT[1]}a`, `${FRONT[2]}b`, `${FRONT[1]}${expected}`],
  );
});

test("a spinner in pieces keeps its bar and its time", async () => {
  const turns: [Stream, string][] = ["|", "/", "-", "\\"].map((turn) => [
    2,
    `\x1b[2K\x1b[1G${turn} working`,
  ]);
  expect(await shown([1, "start\n"], ...turns, [2, "\n"], [1, "end"])).toEqual([
    `${FRONT[1]}start`,
    `${FRONT[2]}\\ working`,
    `${FRONT[1]}end`,
  ]);
});

test("every way to end a line begins one", async () => {
  const lines = ["a", "b", "c", "d", "e"].map((line) => `${FRONT[2]}${line}`);
  expect(await shown([2, "a\vb\fc\x1bEd\x85e"])).toEqual(lines);
});
