import { Terminal } from "@xterm/headless";
import { describe, expect, test } from "vitest";
import { type Mark, type MarkKind, STDERR, STDOUT, type Stream } from "../../model/messages";
import { Feed, type FeedSource } from "../../model/output/feed";
import type { Shown } from "../../model/output/shown";
import { parseCast } from "../../model/replay/recording";
import { trackOf } from "../../model/replay/track";
import type { Sink } from "../../model/stream-record";
import { useOurWidths } from "../character-widths";
import { type Core, Screen } from "../screen";
import { ReplayScreen } from "./replay-screen";

type Step = { stream: Stream; text: string } | { kind: MarkKind; text: string };

const KINDS: readonly MarkKind[] = ["cut", "gap", "life", "again", "note"];
const PIECES = [
  "text ",
  "\n",
  "line\n",
  "\r",
  "\x1b[31m",
  "\x1b[3",
  "2mgreen",
  "\x1b[0m",
  "\x1b]0;ti",
  "tle\x07",
  "漢字",
  "a longer line that wraps at the edge of the terminal ",
  "\x1b[2Aup",
  "\x1b[?1049h",
  "\x1b[?1049l",
];

function make(tty: boolean): { terminal: Terminal; screen: Screen } {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: 30,
    convertEol: !tty,
    logLevel: "off",
    rows: 6,
    scrollback: 500,
  });
  useOurWidths(terminal);
  const screen = new Screen(terminal as unknown as Core, {
    answers: () => false,
    mouse: () => false,
    wrote: () => {},
    unplaced: () => {},
    late: () => {},
    visible: () => true,
    keeps: () => (tty ? Number.POSITIVE_INFINITY : 506),
  });
  return { terminal, screen };
}

function cellsOf({ buffer: { active } }: Terminal): unknown {
  const rows = Array.from({ length: active.length }, (_, row) => {
    const line = active.getLine(row);
    const colour = line?.getCell(0)?.getFgColor();
    return `${line?.isWrapped ? "+" : " "}${colour} ${line?.translateToString(true)}`;
  });
  return { rows, x: active.cursorX, y: active.cursorY, type: active.type };
}

/** What a pane of a live session shows. */
async function live(steps: readonly Step[], shown: Shown, tty: boolean): Promise<Terminal> {
  const { terminal, screen } = make(tty);
  const sinks: Partial<Record<Stream, Sink>> = {};
  const source: FeedSource = {
    subscribe: (stream, sink) => {
      sinks[stream] = sink;
      return () => {};
    },
  };
  const streams: Stream[] = shown === "merged" ? [STDOUT, STDERR] : [shown];
  new Feed(screen, streams, "").subscribe(source);
  const encoder = new TextEncoder();
  let position = 0;
  for (const [n, step] of steps.entries()) {
    if ("stream" in step) {
      const data = encoder.encode(step.text);
      const runs = new Float64Array([position, data.length, 0]);
      position += data.length;
      sinks[step.stream]?.write(data, false, () => {}, runs);
    } else {
      const mark: Mark = { ...step, number: n + 1, time: 0, position, offsets: { 1: 0, 2: 0 } };
      for (const stream of streams) sinks[stream]?.mark?.(mark, false);
    }
    for (const stream of streams) sinks[stream]?.advance?.(position);
  }
  await new Promise<void>((done) => {
    screen.write("end", false, done);
  });
  return terminal;
}

/** What a pane of the player shows of the same. */
async function replayed(
  steps: readonly Step[],
  shown: Shown,
  tty: boolean,
  interval: number,
): Promise<Terminal> {
  const own = { tty };
  const lines: unknown[] = [{ version: 3, term: { cols: 30, rows: 6 }, hyper_jupyter: own }];
  for (const step of steps) {
    if ("stream" in step) {
      lines.push([0, "hj", step.stream === STDERR ? "stderr" : "stdout"]);
      lines.push([1, "o", tty ? step.text : step.text.replaceAll("\n", "\r\n")]);
    } else {
      if (step.kind !== "note") lines.push([0, "hj", `mark ${step.kind}`]);
      lines.push([1, "m", step.text]);
    }
  }
  const recording = parseCast(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const track = trackOf(recording, tty ? STDOUT : shown, false);
  const { terminal } = make(tty);
  const screen = new ReplayScreen(terminal, () => make(tty).terminal, track, interval);
  while (screen.scan(1000));
  // To the end, into the middle, and to the end again.
  for (const target of [track.texts.length, track.texts.length >> 1, track.texts.length]) {
    screen.target = target;
    while (screen.busy) screen.work(1000);
  }
  await new Promise<void>((done) => terminal.write("end", done)); // and the end of the last line
  return terminal;
}

function scripted(seed: number, tty: boolean): Step[] {
  let state = seed;
  const next = (below: number) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: 60 }, (_, n) => {
    if (next(4) === 0) return { kind: KINDS[next(KINDS.length)] ?? "note", text: `mark ${n}` };
    const text = PIECES[next(PIECES.length)] ?? "";
    return {
      stream: tty || next(3) ? STDOUT : STDERR,
      text: tty ? text.replace("\n", "\r\n") : text,
    };
  });
}

describe.each<[name: string, shown: Shown, tty: boolean]>([
  ["a terminal", STDOUT, true],
  ["a pane of stdout", STDOUT, false],
  ["a pane of stderr", STDERR, false],
  ["a merged pane", "merged", false],
])("%s shows of a recording what it showed of the session, marks too", (_name, shown, tty) => {
  test.each([1, 2, 3, 4, 5, 6])("script %i", async (seed) => {
    const steps = scripted(seed, tty);
    const expected = cellsOf(await live(steps, shown, tty));
    expect(cellsOf(await replayed(steps, shown, tty, 100))).toEqual(expected);
  });
});

test("marks stand where they were set, in every pane", async () => {
  const steps: Step[] = [
    { stream: STDOUT, text: "one\ntw" },
    { kind: "cut", text: "connection cut" },
    { stream: STDOUT, text: "o\n" },
    { stream: STDERR, text: "err\n" },
    { kind: "note", text: "" },
  ];
  const textOf = ({ buffer: { active } }: Terminal) =>
    Array.from({ length: active.length }, (_, n) => active.getLine(n)?.translateToString(true));
  const rows = async (shown: Shown) =>
    textOf(await replayed(steps, shown, false, 100))
      .join("\n")
      .trim();
  expect(await rows(STDOUT)).toBe("one\ntw\n— connection cut —\no\n— mark —\nend");
  expect(await rows(STDERR)).toBe("— connection cut —\nerr\n— mark —\nend");
  expect(await rows("merged")).toBe("one\n  tw\n— connection cut —\n  o\n▌ err\n— mark —\nend");
  const typed: Step[] = [
    { stream: STDOUT, text: "$ ec" },
    { kind: "again", text: "attached again" },
    { stream: STDOUT, text: "ho" },
  ];
  expect(textOf(await replayed(typed, STDOUT, true, 100)).slice(0, 2)).toEqual([
    "— attached again —",
    "$ echoend",
  ]);
});
