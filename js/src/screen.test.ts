import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { type Core, Screen, skipText } from "./screen";

interface Bench {
  screen: Screen;
  sent: string[];
  write: (text: string, replay?: boolean) => Promise<void>;
}

function bench({ answers = true, cols = 80 } = {}): Bench {
  const terminal = new Terminal({ allowProposedApi: true, cols, rows: 5, convertEol: true });
  const sent: string[] = [];
  terminal.onData((data) => sent.push(data));
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => answers,
    mouse: () => true,
    wrote: () => {},
    visible: () => true,
  });
  const write = (text: string, replay = false) =>
    new Promise<void>((done) => {
      screen.write(text, replay, done);
    });
  return { screen, sent, write };
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
