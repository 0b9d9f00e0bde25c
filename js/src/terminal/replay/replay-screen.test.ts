import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import type { Track } from "../../model/replay/track";
import { useOurWidths } from "../character-widths";
import { type Core, Screen } from "../screen";
import { takeKeyframe } from "./keyframe";
import { ReplayScreen } from "./replay-screen";

const COLS = 30;
const ROWS = 6;

function make(cols = COLS, rows = ROWS): Terminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols,
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
  const track = trackOf(Array.from({ length: 50 }, () => `${"x".repeat(16 * 1024)}\r\n`));
  const screen = new ReplayScreen(make(), make, track);
  screen.target = 50;
  expect(screen.work(0)).toBe(true);
  expect(screen.at).toBe(1);
  drain(screen);
  expect(screen.at).toBe(50);
});
