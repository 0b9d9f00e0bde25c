import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { isMark } from "../model/logs/errors";
import type { Mark } from "../model/messages";
import { useOurWidths } from "./character-widths";
import { type Core, Screen, skipText } from "./screen";
import { lineAt } from "./text-lines";

interface Bench {
  terminal: Terminal;
  screen: Screen;
  sent: string[];
  unplaced: string[];
  write: (text: string, replay?: boolean) => Promise<void>;
}

function bench({ answers = true, cols = 80, keeps = Number.POSITIVE_INFINITY } = {}): Bench {
  const scrollback = Number.isFinite(keeps) ? keeps - 5 : 1000;
  const options = { allowProposedApi: true, cols, rows: 5, scrollback, convertEol: true };
  const terminal = new Terminal(options);
  useOurWidths(terminal);
  const sent: string[] = [];
  const unplaced: string[] = [];
  terminal.onData((data) => sent.push(data));
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => answers,
    mouse: () => true,
    wrote: () => {},
    visible: () => true,
    unplaced: (text) => unplaced.push(text),
    late: () => {},
    keeps: () => keeps,
  });
  const write = (text: string, replay = false) =>
    new Promise<void>((done) => {
      screen.write(text, replay, done);
    });
  return { terminal, screen, sent, unplaced, write };
}

test("plain lines are what the terminal shows", async () => {
  const { screen, write } = bench();
  await write("\x1b[31mred\x1b[0m\n10 %\r20 %\n");
  expect(screen.lines(10)).toEqual(["red", "20 %"]);
});

test("a line that the terminal wraps is one line", async () => {
  const { screen, write } = bench({ cols: 20 });
  await write(`${"x".repeat(50)}\nend\n`);
  expect(screen.lines(10)).toEqual(["x".repeat(50), "end"]);
});

test("a wide character that did not fit leaves no blank in a line", async () => {
  const { terminal, screen, write } = bench({ cols: 5 });
  useOurWidths(terminal);
  await write("\u6f22\u5b57\u304b\u306a\nab  cd\n\u6f22\u5b57 \u304b\n");
  expect(screen.lines(10)).toEqual(["\u6f22\u5b57\u304b\u306a", "ab  cd", "\u6f22\u5b57 \u304b"]);
});

test("only the last lines are given", async () => {
  const { screen, write } = bench();
  await write("1\n2\n3\n4\n5\n6\n7\n8\n");
  expect(screen.lines(3)).toEqual(["6", "7", "8"]);
});

test("a skip is named in the middle of the output", async () => {
  const { screen, write } = bench();
  await write("before");
  screen.skip(1234, 0, 5000, 1);
  await write("after");
  expect(screen.lines(3)).toEqual([
    "before",
    "— 1,234 bytes skipped, all in the transcript —",
    "after",
  ]);
});

const QUERIES = "\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?6n\x1b[?25$p\x1bP$qm\x1b\\";

test("a live terminal answers queries", async () => {
  const { sent, write } = bench();
  await write(QUERIES);
  expect(sent.length).toBeGreaterThanOrEqual(5);
});

test("replayed output is not answered, what comes after it is", async () => {
  const { sent, write } = bench();
  await write(QUERIES, true);
  expect(sent).toEqual([]);
  await write("\x1b[5n");
  expect(sent).toEqual(["\x1b[0n"]);
});

test("a terminal that may not answer is silent", async () => {
  const { sent, write } = bench({ answers: false });
  await write(QUERIES);
  expect(sent).toEqual([]);
});

test("the mark of what is skipped is found at its line, wrapped or not", async () => {
  const { screen, write } = bench({ cols: 20 });
  await write("before");
  screen.skip(1234, 0, 5000, 1);
  await write("after");
  expect(screen.skippedAt(0)).toBeUndefined();
  expect(screen.skippedAt(1)?.offset).toBe(3766);
  expect(screen.skippedAt(3)?.offset).toBe(3766);
  expect(screen.skippedAt(4)).toBeUndefined();
});

test("a skip says what the transcript has", () => {
  expect(skipText(5, 0)).toBe("5 bytes skipped, all in the transcript");
  expect(skipText(5, 5)).toBe("5 bytes skipped, no longer kept");
  expect(skipText(5000, 2)).toBe("5,000 bytes skipped, 2 of them no longer kept");
});

/** All that a terminal holds, with its colours. */
function held(terminal: Terminal): string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: buffer.length }, (_, row) => {
    const line = buffer.getLine(row);
    const color = line?.getCell(0)?.getFgColor();
    return `${line?.isWrapped} ${color} ${line?.translateToString(true)}`;
  });
}

function numbers(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, n) => `${first + n}\n`).join("");
}

const FLOODS: Record<string, string[]> = {
  "one text": [numbers(1, 900)],
  "several texts": [numbers(1, 300), numbers(301, 620), numbers(621, 900)],
  "texts that end within a line": [`${numbers(1, 300)}unfin`, `ished\n${numbers(301, 900)}end`],
  "a colour before": ["\x1b[32mgreen", numbers(1, 900), numbers(901, 1800)],
  "a sequence that ends in the next text": ["red: \x1b[3", `1m${numbers(1, 900)}`],
  "an address that ends nowhere": ["\x1b]0;", numbers(1, 900), numbers(901, 1800)],
  "a cursor that moves": [numbers(1, 900), "\x1b[2Aup", numbers(1, 300), numbers(301, 600)],
  "a colour within": ["first", `${numbers(1, 300)}\x1b[32m${numbers(301, 900)}`],
  "lines that scroll in a region only": [
    "first",
    numbers(1, 900),
    `\x1b[1;3r${numbers(901, 950)}`,
    numbers(951, 1800),
  ],
  "long lines": ["x".repeat(3000), `\n${numbers(1, 20)}`, "y".repeat(3000)],
  "tabs and carriage returns": [`a\tb\rc\r\n${numbers(1, 900)}1\r2\r\n`, numbers(1, 99)],
};

test.each(Object.entries(FLOODS))("lines that the scrollback would lose: %s", async (_, texts) => {
  const all = bench();
  const cut = bench({ keeps: 105 });
  all.terminal.options.scrollback = 100;
  await Promise.all([...texts, "after"].map((text) => all.write(text)));
  await Promise.all([...texts, "after"].map((text) => cut.write(text)));
  expect(held(cut.terminal)).toEqual(held(all.terminal));
  expect(held(cut.terminal).join("")).not.toBe("");
});

test("the end of the last line waits, so that the last row is no empty one", async () => {
  const { terminal, screen, write } = bench({ keeps: 100 });
  const { active } = terminal.buffer;
  await write("one\ntwo\r\n");
  expect([active.cursorY, active.cursorX]).toEqual([1, 3]);
  await write("\n");
  expect([active.cursorY, active.cursorX]).toEqual([2, 0]);
  await write("three");
  expect(screen.lines(10)).toEqual(["one", "two", "", "three"]);
  await write("\n");
  screen.note("note");
  await write("");
  expect(screen.lines(10)).toEqual(["one", "two", "", "three", "— note —"]);
  screen.restart();
  await write("\x1b[2J\x1b[Htop\n");
  expect([active.cursorY, active.cursorX]).toEqual([0, 3]);
});

test("of a flood that waits only what the terminal keeps is written", async () => {
  const { terminal, write } = bench({ keeps: 105 });
  let scrolled = 0;
  terminal.onScroll(() => {
    scrolled += 1;
  });
  await Promise.all([1, 2, 3, 4, 5].map((n) => write(numbers(n * 1000, n * 1000 + 999))));
  // The first text begins immediately and the others wait, so lines of two texts are written.
  expect(scrolled).toBeLessThan(400);
});

function noted(text: string, kind: Mark["kind"] = "cut"): Mark {
  return { number: 1, kind, text, time: 0, position: 0, offsets: { "1": 0, "2": 0 } };
}

test("a mark is a line of its own, and leaves no empty line", async () => {
  const { screen, write } = bench({ keeps: 100 });
  await write("one\n");
  screen.mark(noted("cut"));
  await write("tw");
  screen.mark(noted("gap\x1b[2J", "gap"));
  await write("o\n");
  expect(screen.lines(10)).toEqual(["one", "— cut —", "tw", "— gap [2J —", "o"]);
});

test.each([
  ["\x1b[3", "1mtwo"],
  ["\x1b]0;ti", "tle\x07two"],
])("a gap within the control sequence %j ends it", async (begin, rest) => {
  const { screen, write } = bench({ keeps: 100 });
  await write(`one${begin}`);
  screen.mark(noted("gap", "gap"));
  await write(`${rest}\n`);
  expect(screen.lines(10)).toEqual(["one", "— gap —", rest.replace("\x07", "")]);
});

test.each([
  ["with room below", "$ ls\r\na b\r\n$ ec"],
  ["at the bottom", `${"line\r\n".repeat(9)}$ ec`],
  ["in a line that wraps", `$ ${"x".repeat(30)}`],
])("in a terminal a mark is above the line that is typed, which goes on: %s", async (_, text) => {
  const { terminal, screen, write } = bench({ cols: 20 });
  await write(text);
  const before = screen.lines(50);
  const { cursorX } = terminal.buffer.active;
  screen.mark(noted("connection cut"));
  await write("ho");
  expect(screen.lines(50)).toEqual([
    ...before.slice(0, -1),
    "— connection cut —",
    `${before.at(-1)}ho`,
  ]);
  expect(terminal.buffer.active.cursorX).toBe(cursorX + 2);
});

test("a mark that is wider than the terminal is cut to one row", async () => {
  const { screen, write } = bench({ cols: 12 });
  await write("$ ");
  screen.mark(noted("connection cut"));
  await write("x");
  expect(screen.lines(5)).toEqual(["— connecti…", "$ x"]);
});

test.each([
  ["on the alternate screen", "\x1b[?1049h\x1b[Hfile"],
  ["with something below the cursor", "\x1b[2J\x1b[3;1Hstatus\x1b[1;1Hfile"],
])("a full-screen program is not disturbed: %s", async (_, text) => {
  const { terminal, screen, unplaced, write } = bench();
  await write(text);
  const before = screen.lines(50);
  screen.mark(noted("connection cut"));
  await write("s");
  expect(unplaced).toEqual(["connection cut"]);
  expect(screen.lines(50)).toEqual(before.map((line) => (line === "file" ? "files" : line)));
  expect(terminal.buffer.active.cursorX).toBe(5);
});

test.each(["mark", "note", "skip", "aside"] as const)(
  "in a narrow pane a %s breaks between its words, and stays one line",
  async (kind) => {
    const { terminal, screen, write } = bench({ cols: 16, keeps: 105 });
    const words =
      kind === "skip"
        ? skipText(1234, 0)
        : "exited with code 1, restarted \u6f22\u5b57\u6f22\u5b57";
    await write("before\n");
    if (kind === "mark") screen.mark(noted(words));
    else if (kind === "skip") screen.skip(1234, 0, 5000, 1);
    else screen[kind](words);
    await write("after\u00a0\n\u00a0after\n");
    const { active } = terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, n) => active.getLine(n));
    expect(rows.filter((row) => row?.isWrapped)).toEqual([]);
    const shown = rows.map((row) => row?.translateToString(true) ?? "");
    const own = shown.slice(1, shown.indexOf("after\u00a0"));
    expect(own.length).toBeGreaterThan(2);
    expect(
      own
        .join(" ")
        .replace(/[\s—]+/g, " ")
        .trim(),
    ).toBe(words);
    expect(screen.lines(10)).toEqual(["before", `— ${words} —`, "after\u00a0", "\u00a0after"]);
    expect(lineAt(active, 2)).toMatchObject({ first: 1, last: own.length });
    expect(isMark(lineAt(active, 2)?.text ?? "")).toBe(true);
    expect(screen.skippedAt(1)?.offset).toBe(kind === "skip" ? 3766 : undefined);
  },
);

test("words of ours stand between lines, and can be left out", async () => {
  const { screen, write } = bench({ cols: 12, keeps: 105 });
  await write("a\n");
  screen.aside("12 min, Tuesday");
  await write("— b —\n");
  expect(screen.lines(10)).toEqual(["a", "— 12 min, Tuesday —", "— b —"]);
  expect(screen.lines(10, false)).toEqual(["a", "— b —"]);
  await write("\x1b[3A\rover the words of ours\x1b[J\n");
  expect(screen.lines(10, false)).toEqual(["a", "over the words of ours"]);
  await write("\x1bc— 1 —\n— 2 —\n— 3 —\n");
  expect(screen.lines(10, false)).toEqual(["— 1 —", "— 2 —", "— 3 —"]);
});

test("after a reset no line leads to bytes that were left out before", async () => {
  const { screen, write } = bench();
  screen.skip(7, 0, 7, 1);
  await write("a\n");
  expect(screen.skippedAt(1)?.offset).toBe(0);
  await write("\x1bcb\nc\nd\n");
  expect([0, 1, 2].map((row) => screen.skippedAt(row))).toEqual([undefined, undefined, undefined]);
});
