import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import type { Track } from "../../model/replay/track";
import { useOurWidths } from "../character-widths";
import { type Core, Screen } from "../screen";
import { takeKeyframe } from "./keyframe";
import { ReplayScreen } from "./replay-screen";

const COLS = 30;
const ROWS = 6;

function make(cols = COLS, rows = ROWS, convertEol = false): Terminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols,
    convertEol,
    logLevel: "off",
    rows,
    scrollback: 20,
  });
  useOurWidths(terminal);
  new Screen(terminal as unknown as Core, {
    answers: () => false,
    mouse: () => false,
    wrote: () => {},
    unplaced: () => {},
    late: () => {},
    visible: () => true,
    keeps: () => Number.POSITIVE_INFINITY,
  });
  return terminal;
}

function trackOf(texts: string[], sizes: Track["sizes"] = new Map()): Track {
  const length = texts.join("").length;
  return { times: Float64Array.from(texts.keys()), texts, sizes, marks: new Map(), length };
}

/** Everything that a terminal shows or will do, without links that may be of erased cells. */
function stateOf(terminal: Terminal): unknown {
  const frame = takeKeyframe(terminal);
  return frame ? { ...frame, links: [] } : "within a sequence";
}

/** Numbers that look random and are the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  "text ",
  "\r\n",
  "\n",
  "\r",
  "\t",
  "\b",
  "\x1b[31m",
  "\x1b[1;44m",
  "\x1b[0m",
  "\x1b[4:3;58:5:9m",
  "\x1b[H",
  "\x1b[3;5H",
  "\x1b[2J",
  "\x1b[1K",
  "\x1b[2;4r",
  "\x1b[r",
  "\x1b[?1049h",
  "\x1b[?1049l",
  "\x1b7",
  "\x1b8",
  "\x1b(0",
  "\x1b(B",
  "\x0e",
  "\x0f",
  "\x1bH",
  "\x1b[3g",
  "\x1b[?7l",
  "\x1b[?7h",
  "\x1b[4h",
  "\x1b[4l",
  "\x1b[?6h",
  "\x1b[?6l",
  "\x1b[?25l",
  "\x1b[?25h",
  "\x1b[2L",
  "\x1b[M",
  "\x1b[3b",
  "\x1bM",
  "\x1bD",
  "漢字",
  "e\u0301",
  "👩‍👩‍👧",
  "\x1b]8;;https://example.org/\x07link",
  "\x1b]8;;\x07",
  "\x1b[?2004h",
  "\x1b[2 q",
  "\x1b[",
  "7m",
  "\x1b]0;ti",
  "tle\x07",
  "lqqk",
  "\x1b[?45h",
  "\x1b[!p",
  "\x1bc",
  "a longer line that wraps at the edge of the terminal ",
];

function noise(seed: number, count: number): Track {
  const next = random(seed);
  const texts = Array.from({ length: count }, () => PIECES[next(PIECES.length)] ?? "");
  const sizes = new Map<number, readonly [number, number]>();
  for (let n = 0; n < 3; n += 1) {
    const at = next(count);
    texts[at] = "";
    sizes.set(at, [3 + next(8), 10 + next(40)]);
  }
  return trackOf(texts, sizes);
}

function drain(screen: ReplayScreen): void {
  while (screen.busy) screen.work(1000);
}

test.each([1, 2, 3])("after a jump all is as after playing (%i)", (seed) => {
  const track = noise(seed, 400);
  const jumping = make();
  const jumper = new ReplayScreen(jumping, make, track, 60);
  while (jumper.scan(1000));
  expect(jumper.keyframes).toBeGreaterThan(5);
  const next = random(seed + 100);
  for (let n = 0; n < 10; n += 1) {
    const target = next(track.texts.length + 1);
    jumper.target = target;
    drain(jumper);
    const playing = make();
    const player = new ReplayScreen(playing, make, track, 1e9);
    for (let at = 0; at <= target; at += 1) {
      player.target = at;
      drain(player);
    }
    expect(stateOf(jumping), `after ${target}`).toEqual(stateOf(playing));
  }
});

test("a jump beyond all keyframes makes them, and the search for more goes on after them", () => {
  const track = noise(7, 400);
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, track, 20);
  screen.target = 300;
  drain(screen);
  const made = screen.keyframes;
  expect(made).toBeGreaterThan(5);
  while (screen.scan(1000));
  expect(screen.keyframes).toBeGreaterThan(made);
  const playing = make();
  const player = new ReplayScreen(playing, make, track, 1e9);
  for (const target of [390, 150, 299, 310, 20]) {
    screen.target = target;
    drain(screen);
    player.reset({ ...track });
    player.target = target;
    drain(player);
    expect(stateOf(terminal), `after ${target}`).toEqual(stateOf(playing));
  }
});

test("links that were drawn before a keyframe lead where they did", () => {
  const texts = [
    "\x1b]8;;https://example.org/\x07",
    "here",
    "\x1b]8;;\x07",
    "\r\n",
    "more ",
    "text ",
  ];
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, trackOf(texts), 30);
  while (screen.scan(1000));
  screen.target = 5;
  drain(screen);
  expect(screen.keyframes).toBe(2);
  expect(takeKeyframe(terminal)?.links.map(({ data }) => data)).toEqual([
    { id: undefined, uri: "https://example.org/" },
  ]);
});

test("a jump back begins at the last keyframe before it, or anew", () => {
  const track = trackOf(Array.from({ length: 100 }, (_, n) => `line ${n}\r\n`));
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, track, 1e9);
  const shown = () =>
    terminal.buffer.active.getLine(terminal.buffer.active.baseY)?.translateToString(true);
  screen.target = 100;
  drain(screen);
  expect(shown()).toBe("line 95");
  screen.target = 3;
  drain(screen);
  expect(shown()).toBe("line 0");
  expect(screen.at).toBe(3);
});

test("another track is drawn from its beginning", () => {
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, trackOf(["one\r\n", "two\r\n"]));
  screen.target = 2;
  drain(screen);
  screen.reset(trackOf(["1\r\n", "2\r\n"]));
  screen.target = 2;
  drain(screen);
  expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("1");
});

test("work stops when its time is over, and goes on from there", () => {
  // A cursor that is saved: nothing can be left out.
  const track = trackOf(Array.from({ length: 50 }, () => `${"x".repeat(16 * 1024)}\x1b7\r\n`));
  const screen = new ReplayScreen(make(), make, track);
  screen.target = 50;
  expect(screen.work(0)).toBe(true);
  expect(screen.at).toBe(1);
  drain(screen);
  expect(screen.at).toBe(50);
});

interface Lines {
  /** What stands in some of the lines, and in how many. */
  others?: readonly string[];
  every?: number;
  /** Which texts are marks. */
  marks?: readonly number[];
  /** What comes first. */
  begin?: string;
  /** Characters of a line, about, at most. */
  width?: number;
}

/** Lines in texts that may end anywhere. */
function lines(
  seed: number,
  { others = [], every = 20, marks = [], begin = "", width = 120 }: Lines = {},
): Track {
  const next = random(seed);
  let all = "";
  while (all.length < 120_000) {
    all += `\x1b[3${next(8)}mline ${all.length} `;
    if (next(every) === 0) all += others[next(others.length)] ?? "";
    all += `${"x".repeat(next(width))}${next(3) ? "\x1b[0m" : ""}\r\n`;
  }
  const texts: string[] = [begin];
  for (let at = 0; at < all.length; ) {
    const end = at + 1 + next(200);
    texts.push(all.slice(at, end));
    at = end;
  }
  const track = trackOf(texts);
  const drawn = new Map(
    marks.map((at) => {
      track.texts[at] = "";
      return [at, { time: at, before: at, order: at, text: `mark ${at}`, kind: "note" }] as const;
    }),
  );
  return { ...track, marks: drawn };
}

const HARMLESS = [
  "\x1b[1;44m",
  "\x1b[4:3;58:5:9m",
  "\x1b[m",
  "\x1b[K",
  "\x1b[2K\r",
  "\x1b[5D",
  "\b\b",
  "\x07",
  "\t",
  "\x1b[?25l",
  "\x1b[?25h",
  "\x1b[?2004h",
  "\x1b[?1l\x1b>",
  "\x1b[3 q",
  "\x1b(0lqk\x1b(B",
  "\x0e",
  "\x0f",
  '\x1b[1"qx\x1b[0"q',
  "\x1b]0;title\x07",
  "\x1b[2Aup\x1b[3B",
  "\x1b[H\x1b[2J",
  "\x1b[3J",
  "\x1b[4;9Hplaced",
  "\x1b[2L\x1b[M",
  "漢字",
];

/** What has to be drawn, mostly: it works on after its line. */
const LASTING = [
  "\x1b7",
  "\x1b8",
  "\x1b[2;4r",
  "\x1b[r",
  "\x1b[?1049h",
  "\x1b[?1049l",
  "\x1b[?7l",
  "\x1b[?7h",
  "\x1b[4h",
  "\x1b[4l",
  "\x1b[?6h",
  "\x1bH",
  "\x1b[3g",
  "\x1b[!p",
  "\x1bc",
  "\x1b]8;;https://example.org/\x07",
];

const UP = ["\x1b[A", "\x1b[A\x1b[A\r"];

test.each<[name: string, how: Lines, returns?: boolean]>([
  ["lines", {}],
  ["colours, modes and moves", { others: HARMLESS }],
  ["line feeds that return", { others: HARMLESS, marks: [300, 600] }, true],
  ["line feeds that do not scroll", { others: UP, every: 2, width: 9 }],
  ["marks, which move a saved cursor", { marks: [1, 500], begin: "\r\none\x1b7" }],
  [
    "a part of the screen that scrolls",
    { begin: "\x1b[1;3r\x1b[6;1Hmore than any line", width: 9 },
  ],
  ["the alternate screen", { begin: "one\r\n\x1b[?1049h" }],
  ["now and then what lasts", { others: LASTING, every: 400 }],
  ["everything", { others: PIECES }],
])("what a jump leaves out leaves nothing: %s", (_name, how, returns = false) => {
  const own = (cols = COLS, rows = ROWS) => make(cols, rows, returns);
  for (const seed of [1, 2, 3]) {
    const track = lines(seed, how);
    const next = random(seed);
    const jumping = own();
    const jumper = new ReplayScreen(jumping, own, track, 2000);
    const playing = own();
    const player = new ReplayScreen(playing, own, track, 1e9);
    const targets = [1, ...Array.from({ length: 6 }, () => next(track.texts.length + 1))];
    for (const target of targets.sort((a, b) => a - b)) {
      jumper.target = target;
      drain(jumper);
      for (; player.at < target; drain(player)) player.target = player.at + 1;
      expect(stateOf(jumping), `after ${target}`).toEqual(stateOf(playing));
    }
  }
});

test("a jump over lines draws the last ones only, and keyframes are made of all", () => {
  const track = lines(4);
  const written: number[] = [];
  const counted = () => {
    const terminal = make();
    const core = (terminal as unknown as { _core: { writeSync(text: string): void } })._core;
    const write = core.writeSync.bind(core);
    core.writeSync = (text) => {
      written.push(text.length);
      write(text);
    };
    return terminal;
  };
  const screen = new ReplayScreen(counted(), make, track, 2000);
  screen.target = track.texts.length;
  drain(screen);
  expect(written.reduce((sum, one) => sum + one, 0)).toBeLessThan(30_000);
  expect(screen.keyframes).toBe(1);
  while (screen.scan(1000));
  expect(screen.keyframes).toBeGreaterThan(40);
});

/** Lines of a track that is plain, a few in each text. */
function plainLines(
  seed: number,
  { resets = true, end = "\r\n", count = 400, width = 70 } = {},
): Track {
  const next = random(seed);
  const texts = ["\x1b[?25l"];
  for (let n = 0; n < count; n += 1) {
    const slant = n % 90 === 1 ? "\x1b[3m" : ""; // it goes on for many lines
    const line = `\x1b[3${next(8)}mline ${n} ${slant}${"x".repeat(next(width))}\x1b[K`;
    const whole = `${line}${resets && n % 90 === 0 ? "\x1b[m" : ""}${end}`;
    if (next(3)) texts.push(whole);
    else texts.push(whole.slice(0, -end.length), end);
  }
  return { ...trackOf(texts), plain: true };
}

test.each<[name: string, how: Parameters<typeof plainLines>[1], returns?: boolean]>([
  ["colours that are set anew", {}],
  ["colours that are never set anew", { resets: false }],
  ["line feeds that return", { end: "\n" }, true],
  ["line feeds that do not", { end: "\n", count: 100 }],
])("a jump in a plain track leads to what playing shows: %s", (_name, how, returns = false) => {
  const own = (cols = COLS, rows = ROWS) => make(cols, rows, returns);
  const track = plainLines(1, how);
  const next = random(1);
  const ends = Array.from({ length: 8 }, () => 1 + next(track.texts.length));
  const targets = [track.texts.length, 9, ...ends];
  const playing = own();
  const player = new ReplayScreen(playing, own, { ...track, plain: false }, 1e9);
  const played = new Map<number, unknown>();
  for (const target of [...targets].sort((a, b) => a - b)) {
    for (; player.at < target; drain(player)) player.target = player.at + 1;
    played.set(target, stateOf(playing));
  }
  const jumping = own();
  const jumper = new ReplayScreen(jumping, own, track, 1000);
  for (const target of targets) {
    jumper.target = target;
    drain(jumper);
    expect(stateOf(jumping), `after ${target}`).toEqual(played.get(target));
  }
});

test("a jump in a plain track draws the screen first, and the lines above it later", () => {
  const track = plainLines(3, { count: 900, width: 9 });
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, track, 1000);
  const shown = () => Array.from({ length: ROWS }, (_, n) => lineOf(terminal, n));
  const above = () => terminal.buffer.active.getLine(0)?.translateToString(true);
  screen.target = track.texts.length;
  expect(screen.work(0)).toBe(true);
  while (screen.due) screen.work(0);
  expect(screen.busy).toBe(true);
  const first = shown();
  expect(first.join("")).toContain("line 899");
  const before = above();
  // What is played meanwhile comes to it.
  screen.target = track.texts.length - 10;
  while (screen.due) screen.work(0);
  screen.target = track.texts.length;
  while (screen.busy) screen.work(0);
  expect(shown()).toEqual(first);
  expect(above()).not.toBe(before);
  while (screen.scan(1000));
  expect(screen.keyframes).toBe(1);
});

test("a new size while lines above the screen are missing", () => {
  const track = plainLines(4);
  const terminal = make();
  const screen = new ReplayScreen(terminal, make, track, 1000);
  screen.target = track.texts.length;
  while (screen.due) screen.work(0);
  screen.work(0);
  terminal.resize(COLS + 10, ROWS + 2);
  screen.reset();
  drain(screen);
  const playing = make(COLS + 10, ROWS + 2);
  const player = new ReplayScreen(playing, make, { ...track, plain: false }, 1e9);
  for (; player.at < track.texts.length; drain(player)) player.target = player.at + 1;
  expect(stateOf(terminal)).toEqual(stateOf(playing));
});

function lineOf(terminal: Terminal, row: number): string | undefined {
  const buffer = terminal.buffer.active;
  return buffer.getLine(buffer.baseY + row)?.translateToString(true);
}
