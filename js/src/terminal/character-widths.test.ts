import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { useOurWidths } from "./character-widths";

function made(cols = 40): Terminal {
  const terminal = new Terminal({ allowProposedApi: true, cols, rows: 4, logLevel: "off" });
  useOurWidths(terminal);
  return terminal;
}

const written = (terminal: Terminal, text: string) =>
  new Promise<void>((resolve) => terminal.write(text, resolve));

test("a program that asks for the column after an emoji is told 3", async () => {
  const terminal = made();
  const answers: string[] = [];
  terminal.onData((data) => answers.push(data));
  await written(terminal, "\u2705\x1b[6n");
  expect(answers).toEqual(["\x1b[1;3R"]);
});

test.each([
  ["\u2705", 2],
  ["\u2764", 1],
  ["\u2764\ufe0f", 2],
  ["1\ufe0f\u20e3", 2],
  ["\u{1f44d}\u{1f3fd}", 2],
  ["\u{1f1e9}\u{1f1ea}", 2],
  ["\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}", 4],
  ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}", 2],
  ["\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", 2],
  ["\u0e02\u0e49\u0e2d", 2], // Thai, with a tone mark
  ["\u0915\u094d\u0937", 2], // Devanagari, a conjunct
  ["e\u0301\u0323", 1],
  ["e\x1b[1m\u0301", 1],
  ["\u{1fae9}", 2], // of Unicode 16
  ["\u6f22\u5b57", 4],
])("%j takes %i columns", async (text, columns) => {
  const terminal = made();
  await written(terminal, text);
  expect(terminal.buffer.active.cursorX).toBe(columns);
  expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe(
    text.replace("\x1b[1m", ""),
  );
});

test("what becomes wider at the edge goes to the next line as a whole", async () => {
  const terminal = made(4);
  await written(terminal, "abc\u2764\ufe0fx");
  const line = (y: number) => terminal.buffer.active.getLine(y)?.translateToString(true);
  expect([line(0), line(1)]).toEqual(["abc", "\u2764\ufe0fx"]);
});

test("a mark at the start of a line has a column of its own", async () => {
  const terminal = made();
  await written(terminal, "a\r\n\u0301b");
  expect(terminal.buffer.active.cursorX).toBe(2);
});
