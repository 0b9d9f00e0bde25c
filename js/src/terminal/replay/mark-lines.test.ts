import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import type { Mark } from "../../model/messages";
import { type Core, Screen } from "../screen";
import { takeKeyframe } from "./keyframe";

const MARK = "— cut —";

interface Bench {
  terminal: Terminal;
  write(text: string): Promise<void>;
  mark(): void;
  rows(): string[];
}

/** `lines`: a pane of lines; else a terminal. */
function bench({ lines = false, cols = 20 } = {}): Bench {
  const options = { allowProposedApi: true, cols, rows: 5, scrollback: 10, convertEol: lines };
  const terminal = new Terminal({ ...options, logLevel: "off" });
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => false,
    mouse: () => false,
    wrote: () => {},
    visible: () => true,
    unplaced: () => {},
    late: () => {},
    keeps: () => (lines ? 15 : Number.POSITIVE_INFINITY),
  });
  const mark: Mark = {
    number: 1,
    kind: "cut",
    text: "cut",
    time: 0,
    position: 0,
    offsets: { 1: 0, 2: 0 },
  };
  const { active } = terminal.buffer;
  return {
    terminal,
    write: (text) =>
      new Promise<void>((done) => {
        screen.write(text, false, done);
      }),
    mark: () => screen.mark(mark),
    rows: () =>
      Array.from({ length: active.length }, (_, n) => active.getLine(n)?.translateToString(true))
        .join("\n")
        .trimEnd()
        .split("\n"),
  };
}

test.each([true, false])("a program's colours go on after a mark (lines: %s)", async (lines) => {
  const { terminal, write, mark, rows } = bench({ lines });
  await write("\x1b[1;31;44m$ one");
  mark();
  await write("two\x1b]");
  const last = rows().length - 1;
  expect(rows()).toEqual(lines ? ["$ one", MARK, "two"] : [MARK, "$ onetwo"]);
  const cell = terminal.buffer.active.getLine(last)?.getCell(lines ? 1 : 6);
  expect([cell?.getFgColor(), cell?.getBgColor(), cell?.isBold() !== 0]).toEqual([1, 4, true]);
  const own = terminal.buffer.active.getLine(lines ? 1 : 0)?.getCell(0);
  expect([own?.getFgColor(), own?.isBold() !== 0, own?.isBgDefault()]).toEqual([3, false, true]);
});

test.each([true, false])("a mark is in letters, whatever is drawn (lines: %s)", async (lines) => {
  for (const begin of ["\x1b(0", "\x1b)0\x0e"]) {
    const { write, mark, rows } = bench({ lines });
    await write(`${begin}q`);
    mark();
    await write("x");
    expect(rows()).toEqual(lines ? ["─", MARK, "│"] : [MARK, "─│"]);
  }
});

test.each(["\x1b[?6h", "\x1b[4h", "\x1b[?7l", "\x1b7\x1b[33m", "\x1b[1;4r\x1b[?6h\x1b[2;3H"])(
  "what a program has set stays set: %j",
  async (begin) => {
    const { terminal, write, mark } = bench();
    const set = () => {
      const { normal, attributes, service, charsets } = takeKeyframe(terminal) ?? {};
      const { x, scrollTop, scrollBottom, savedX, savedCurAttrData, savedCharset } = normal ?? {};
      const saved = [savedX, savedCurAttrData, savedCharset];
      return { attributes, service, charsets, x, region: [scrollTop, scrollBottom], saved };
    };
    await write(`one\r\n${begin}`);
    const before = set();
    mark();
    await write("");
    expect(set()).toEqual(before);
  },
);

test("a row that is full goes on in the next one", async () => {
  const { write, mark, rows } = bench({ cols: 10 });
  await write("0123456789");
  mark();
  await write("ab");
  expect(rows()).toEqual([MARK, "0123456789", "ab"]);
});

test.each([0, 3, 30])("a saved cursor stays in its row, below %i others", async (above) => {
  const { write, mark, rows } = bench();
  await write(`${"line\r\n".repeat(above)}> \x1b7 10 %`);
  mark();
  mark();
  await write("\x1b8 20 %");
  expect(rows().slice(-3)).toEqual([MARK, MARK, ">  20 %"]);
});
