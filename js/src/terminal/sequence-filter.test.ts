import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import corpus from "../../../tests/vectors/hostile_output.json";
import { type Core, Screen } from "./screen";
import { safeLink } from "./sequence-filter";

type Part = string | [text: string, times: number];

const CORPUS = Object.entries(corpus.output as unknown as Record<string, Part[]>).map(
  ([name, parts]): [string, string] => [
    name,
    parts.map((part) => (typeof part === "string" ? part : part[0].repeat(part[1]))).join(""),
  ],
);

interface Bench {
  terminal: Terminal;
  sent: string[];
  titles: string[];
  write: (text: string, replay?: boolean) => Promise<void>;
}

function bench({ answers = true, mouse = true } = {}): Bench {
  const windowOptions = { getWinSizeChars: true, getWinTitle: true, setWinLines: true };
  const terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 14, windowOptions });
  const sent: string[] = [];
  const titles: string[] = [];
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => answers,
    mouse: () => mouse,
    wrote: () => {},
    visible: () => true,
    unplaced: () => {},
    late: () => {},
    keeps: () => Number.POSITIVE_INFINITY,
  });
  terminal.onData((data) => {
    if (!screen.isUnwantedAnswer(data)) sent.push(data);
  });
  terminal.onTitleChange((title) => titles.push(title));
  const write = (text: string, replay = false) =>
    new Promise<void>((done) => {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      screen.write(new TextDecoder().decode(bytes), replay, done);
    });
  return { terminal, sent, titles, write };
}

test("what is erased up to the last cell of the screen is all of it, and drawing goes on", async () => {
  const { terminal, write } = bench();
  await write(`${"line\r\n".repeat(20)}last`); // lines have left, so that xterm alone would do it too
  await write("\x1b[14;80H\x1b[1J\x1b[Hthe end");
  const lines = (from: number) => terminal.buffer.active.getLine(from)?.translateToString(true);
  const { baseY } = terminal.buffer.active;
  expect(Array.from({ length: 14 }, (_, n) => lines(baseY + n))).toEqual([
    "the end",
    ...Array(13).fill(""),
  ]);
  expect(lines(0)).toBe("line");
});

test.each(CORPUS)("hostile output is not answered: %s", async (_name, text) => {
  for (const { replay, ...options } of [
    { replay: true },
    { replay: false, answers: false },
    { replay: false, answers: false, mouse: false },
  ]) {
    const { terminal, sent, titles, write } = bench(options);
    await write(text, replay);
    await write("\x1bc\x18the end", replay);
    expect(sent).toEqual([]);
    expect(titles).toEqual([]);
    expect([terminal.rows, terminal.cols]).toEqual([14, 80]);
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("the end");
  }
});

test("a live terminal reports its focus when it is asked to, a replayed one does not", async () => {
  const live = bench();
  await live.write("\x1b[?1004h");
  // The headless terminal has no focus to report; what a browser sends is in the browser tests.
  expect(live.terminal.modes.sendFocusMode).toBe(true);
  const replayed = bench();
  await replayed.write("\x1b[?1004h", true);
  expect(replayed.terminal.modes.sendFocusMode).toBe(true);
});

test("a log has no mouse mode, so that its text can be selected", async () => {
  const { terminal, write } = bench({ mouse: false });
  await write("\x1b[?1003h\x1b[?1000;1006h");
  expect(terminal.modes.mouseTrackingMode).toBe("none");
});

test.each(["I", "L", "M", "S", "T", "Z", "b"])(
  "a count above the limit is ignored, a usual one is not: %s",
  async (final) => {
    const { terminal, write } = bench();
    await write(`a\tb\x1b[257${final}`);
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("a       b");
    expect(terminal.buffer.active.cursorX).toBe(9);
    await write(`\x1b[3${final}\x1b[H|`);
    expect(terminal.buffer.active.cursorX).toBe(1);
  },
);

test("what can not be opened does not look like a link", async () => {
  const { terminal, write } = bench();
  const link = (address: string) => `\x1b]8;;${address}\x07x\x1b]8;;\x07`;
  await write(`${link("file:///etc/passwd")}${link("https://example.org/")}x`);
  const line = terminal.buffer.active.getLine(0);
  expect([0, 1, 2].map((column) => line?.getCell(column)?.isUnderline() !== 0)).toEqual([
    false,
    true,
    false,
  ]);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "blob:https://example.org/x",
  "mailto:a@example.org",
  "//example.org/",
  "example.org",
  "",
])("an address that is not on the web is not opened: %j", (text) => {
  expect(safeLink(text)).toBeNull();
});

test.each([
  ["https://example.org", "https://example.org/", "example.org"],
  ["HTTP://EXAMPLE.org/A", "http://example.org/A", "example.org"],
  ["https://bank.example@evil.example/", "https://bank.example@evil.example/", "evil.example"],
  ["https://b\u0430nk.example/", "https://xn--bnk-6cd.example/", "xn--bnk-6cd.example"],
  ["https://bank.example/\u202emoc", "https://bank.example/%E2%80%AEmoc", "bank.example"],
])("the question names the host that a link really leads to: %s", (text, href, host) => {
  expect(safeLink(text)?.href).toBe(href);
  expect(safeLink(text)?.host).toBe(host);
});
