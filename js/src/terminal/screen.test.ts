import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { useOurWidths } from "./character-widths";
import { type Core, Screen, skipText } from "./screen";

interface Bench {
  terminal: Terminal;
  screen: Screen;
  sent: string[];
  write: (text: string, replay?: boolean) => Promise<void>;
}

function bench({ answers = true, cols = 80, keeps = Number.POSITIVE_INFINITY } = {}): Bench {
  const scrollback = Number.isFinite(keeps) ? keeps - 5 : 1000;
  const options = { allowProposedApi: true, cols, rows: 5, scrollback, convertEol: true };
  const terminal = new Terminal(options);
  const sent: string[] = [];
  terminal.onData((data) => sent.push(data));
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => answers,
    mouse: () => true,
    wrote: () => {},
    visible: () => true,
    keeps: () => keeps,
  });
  const write = (text: string, replay = false) =>
    new Promise<void>((done) => {
      screen.write(text, replay, done);
    });
  return { terminal, screen, sent, write };
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
  expect(screen.mark(0)).toBeUndefined();
  expect(screen.mark(1)?.offset).toBe(3766);
  expect(screen.mark(3)?.offset).toBe(3766);
  expect(screen.mark(4)).toBeUndefined();
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
  await Promise.all(texts.map((text) => all.write(text)));
  await Promise.all(texts.map((text) => cut.write(text)));
  expect(held(cut.terminal)).toEqual(held(all.terminal));
  expect(held(cut.terminal).join("")).not.toBe("");
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
