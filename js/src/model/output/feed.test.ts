import { expect, test, vi } from "vitest";
import { LineShaper, NOTHING } from "../logs/line-shaper";
import type { Mark, Stream } from "../messages";
import type { Sink } from "../stream-record";
import { Feed, type FeedSource, type FeedTarget } from "./feed";
import type { Times } from "./times";

class RecordingTarget implements FeedTarget {
  readonly events: string[] = [];

  write(text: string, replay: boolean, done: () => void): void {
    this.events.push(`${replay ? "replay " : ""}${plain(text)}`);
    done();
  }

  skip(bytes: number, lost: number, offset: number, stream: Stream): void {
    this.events.push(`skip ${bytes} of ${stream} before ${offset}, ${lost} lost`);
  }

  mark({ kind, text }: Mark): void {
    this.events.push(`${kind}: ${text}`);
  }

  aside(words: string): void {
    this.events.push(`(${words})`);
  }

  late(): void {
    this.events.push("late");
  }

  visible(): boolean {
    return true;
  }
}

class ScriptedOrigin implements FeedSource {
  readonly sinks: Partial<Record<Stream, Sink>> = {};
  readonly from: Partial<Record<Stream, number>> = {};

  subscribe(stream: Stream, sink: Sink, from: number): () => void {
    this.sinks[stream] = sink;
    this.from[stream] = from;
    return () => delete this.sinks[stream];
  }

  /** Bytes at a position, with a sign for whether they count as shown. */
  give(stream: Stream, text: string, ...runs: number[]): { done: boolean } {
    const answer = { done: false };
    const data = new TextEncoder().encode(text);
    this.sinks[stream]?.write(data, false, () => (answer.done = true), new Float64Array(runs));
    return answer;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*(?:m|"q)/g, "");

function bench(streams: Stream[], times: Times = "", shape?: LineShaper, pauses = false) {
  const target = new RecordingTarget();
  const origin = new ScriptedOrigin();
  const feed = new Feed(target, streams, times, shape, pauses);
  feed.subscribe(origin);
  const through = (out: number, err: number) => {
    origin.sinks[1]?.advance?.(out);
    origin.sinks[2]?.advance?.(err);
  };
  return { target, origin, feed, through };
}

test("one stream is shown as it comes, characters in one piece", () => {
  const { target, origin } = bench([1]);
  origin.sinks[1]?.write(new Uint8Array([0x61, 0xe2, 0x82]), false, () => {}, new Float64Array());
  origin.sinks[1]?.write(new Uint8Array([0xac, 0xff]), false, () => {}, new Float64Array());
  expect(target.events).toEqual(["a", "€\ufffd"]);
});

test("both streams are shown in the order of their arrival", () => {
  const { target, origin, through } = bench([1, 2]);
  origin.give(1, "a\nc\n", 0, 2, 0, 4, 2, 0);
  through(6, 2);
  expect(target.events).toEqual(["  a\n"]);
  origin.give(2, "b\n", 2, 2, 0);
  through(6, 6);
  expect(target.events.join("")).toBe("  a\n▌ b\n  c\n");
});

test("what waits for the other stream counts as shown", () => {
  const { target, origin, through } = bench([1, 2]);
  const held = origin.give(1, "late\n", 5, 5, 0);
  through(10, 0);
  expect([held.done, target.events]).toEqual([true, []]);
  through(10, 10);
  expect(target.events).toEqual(["  late\n"]);
});

test("what is left out is named where it lies, with its stream", () => {
  const { target, origin, through } = bench([1, 2]);
  origin.sinks[2]?.skip(7, 0, 7);
  origin.give(2, "err\n", 7, 4, 0);
  origin.give(1, "out\n", 11, 4, 0);
  through(15, 15);
  expect(target.events).toEqual(["skip 7 of 2 before 7, 0 lost", "▌ err\n", "  out\n"]);
});

test("times are those of arrival, line by line", () => {
  const { target, origin } = bench([1], "clock");
  const at = new Date(2026, 0, 2, 3, 4, 5, 67).getTime() / 1000;
  origin.give(1, "a\nb\n", 0, 2, at, 2, 2, at + 1);
  expect(target.events.join("")).toBe("2026-01-02 03:04:05.067 a\n2026-01-02 03:04:06.067 b\n");
});

test("lines are shaped before they get their prefix, and what does not end is shown in time", () => {
  vi.useFakeTimers();
  const target = new RecordingTarget();
  const origin = new ScriptedOrigin();
  const shape = new LineShaper({ ...NOTHING, structured: true });
  const feed = new Feed(target, [1, 2], "", shape);
  feed.subscribe(origin);
  origin.give(2, '{"level":"error","msg":"x"}\n{"a', 0, 31, 0);
  origin.sinks[1]?.advance?.(31);
  expect(target.events.join("")).toBe("▌ ERROR x\n");
  vi.advanceTimersByTime(1000);
  expect(target.events.join("")).toBe('▌ ERROR x\n▌ {"a');
  origin.sinks[2]?.skip(7, 0, 38);
  origin.give(2, '"b\n', 38, 3, 0);
  origin.sinks[1]?.advance?.(41);
  expect(target.events.at(-1)).toBe('▌ "b\n');
  feed.unsubscribe();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("a feed that was unsubscribed goes on from the offset that it gets", () => {
  const { origin, feed } = bench([1]);
  feed.unsubscribe();
  expect(origin.sinks[1]).toBeUndefined();
  feed.subscribe(origin, { 1: 42 });
  expect(origin.from[1]).toBe(42);
});

function mark(number: number, position: number, kind: Mark["kind"] = "cut"): Mark {
  return { number, kind, text: String(number), time: 0, position, offsets: { "1": 0, "2": 0 } };
}

test("a mark does not cut a control sequence, unless bytes are missing", () => {
  const { origin, target } = bench([1]);
  origin.give(1, "red\x1b[3");
  origin.sinks[1]?.mark?.(mark(1, 6), false);
  origin.give(1, "1");
  origin.give(1, "mtext\n");
  expect(target.events).toEqual(["red\x1b[3", "1", "m", "cut: 1", "text\n"]);
  origin.give(1, "\x1b[3");
  origin.sinks[1]?.mark?.(mark(2, 20, "gap"), false);
  expect(target.events.at(-1)).toBe("gap: 2");
});

test("both streams know a mark and it is shown once, after what came before it of both", () => {
  const { origin, target } = bench([1, 2]);
  const both = mark(1, 7);
  origin.give(1, "out\n", 0, 4, 0);
  origin.sinks[1]?.mark?.(both, false);
  origin.give(1, "more\n", 7, 5, 0);
  expect(target.events).toEqual(["  out\n"]);
  origin.give(2, "er\n", 4, 3, 0);
  origin.sinks[2]?.mark?.(both, false);
  origin.sinks[2]?.advance?.(12);
  expect(target.events).toEqual(["  out\n", "▌ er\n", "cut: 1", "  more\n"]);
});

test("a mark at the end is shown as soon as nothing before it can come", () => {
  const { origin, target } = bench([1, 2]);
  origin.give(1, "out\n", 0, 4, 0);
  origin.sinks[1]?.advance?.(4);
  origin.sinks[1]?.mark?.(mark(1, 4), false);
  expect(target.events).not.toContain("cut: 1");
  origin.sinks[2]?.advance?.(4);
  expect(target.events).toContain("cut: 1");
});

test("after a mark a line that was open goes on with its prefix", () => {
  const { origin, target } = bench([1, 2]);
  origin.give(1, "ha", 0, 2, 0);
  origin.sinks[2]?.advance?.(9);
  origin.sinks[1]?.advance?.(2);
  origin.sinks[1]?.mark?.(mark(1, 2), false);
  origin.give(1, "lf\n", 2, 3, 0);
  expect(target.events).toEqual(["  ha", "cut: 1", "  lf\n"]);
});

test("a mark that comes too late has everything drawn again", () => {
  const { origin, target } = bench([1]);
  origin.give(1, "abc");
  origin.sinks[1]?.mark?.(mark(1, 2), true);
  expect(target.events).toEqual(["abc", "late"]);
});

test("a mark comes after the structured lines before it, and they go on after it", () => {
  const { origin, target } = bench([1], "", structured());
  origin.give(1, '{"level":"info","msg":"a"}\n');
  origin.sinks[1]?.mark?.(mark(1, 27, "note"), false);
  origin.give(1, '{"level":"info","msg":"b"}\n');
  expect(target.events).toEqual(["INFO  a\n", "note: 1", "INFO  b\n"]);
});

test("a mark in a line that is held back comes after its beginning, and its rest as it came", () => {
  const shape = structured();
  const { origin, target } = bench([1], "", shape);
  origin.give(1, '{"level":"info",');
  expect(target.events.join("")).toBe("");
  origin.sinks[1]?.mark?.(mark(1, 16, "cut"), false);
  origin.give(1, '"msg":"x"}\n{"level":"info","msg":"y"}\n');
  expect(shown(target)).toEqual(['{"level":"info",', "cut: 1", '"msg":"x"}\nINFO  y\n']);
  expect([...shape.newest()].map(({ raw }) => raw)).toEqual([
    '{"level":"info","msg":"y"}',
    '{"level":"info","msg":"x"}',
  ]);
});

test.each(["gap", "life", "again"] as const)(
  "after a mark of the kind %s a line begins, and what was held back is whole",
  (kind) => {
    const shape = structured();
    const { origin, target } = bench([1], "", shape);
    origin.give(1, '{"level":"in');
    origin.sinks[1]?.mark?.(mark(1, 12, kind), false);
    origin.give(1, '{"level":"info","msg":"y"}\n');
    expect(shown(target)).toEqual(['{"level":"in', `${kind}: 1`, "INFO  y\n"]);
    expect([...shape.newest()].map(({ raw }) => raw)).toEqual([
      '{"level":"info","msg":"y"}',
      '{"level":"in',
    ]);
  },
);

test("what is held back of both streams comes before a mark, with its time of arrival", () => {
  const { origin, target } = bench([1, 2], "clock", structured());
  const at = new Date(2026, 0, 2, 3, 4, 5, 67).getTime() / 1000;
  const both = mark(1, 6, "note");
  origin.give(1, '{"a', 0, 3, at);
  origin.sinks[1]?.mark?.(both, false);
  origin.give(1, '":1}\n{"a":2}\n', 6, 13, at + 2);
  expect(shown(target)).toEqual([]);
  origin.give(2, '{"b', 3, 3, at + 1);
  origin.sinks[2]?.mark?.(both, false);
  origin.sinks[2]?.advance?.(19);
  expect(shown(target)).toEqual([
    '2026-01-02 03:04:05.067   {"a',
    '\n2026-01-02 03:04:06.067 ▌ {"b',
    "note: 1",
    '2026-01-02 03:04:07.067   ":1}\n2026-01-02 03:04:07.067    a=2\n',
  ]);
});

test("with a filter a line is where it ends: after a mark in it, or before one that ends it", () => {
  const { origin, target } = bench([1], "", new LineShaper({ ...NOTHING, filter: "wanted" }));
  origin.give(1, "wan");
  origin.sinks[1]?.mark?.(mark(1, 3, "note"), false);
  origin.give(1, "ted 1\nwanted 2");
  origin.sinks[1]?.mark?.(mark(2, 17, "life"), false);
  origin.give(1, " not\n");
  expect(shown(target)).toEqual(["note: 1", "wanted 1\n", "wanted 2\n", "life: 2"]);
});

test("a mark waits for the end of a control sequence in a line that was held back", () => {
  const { origin, target } = bench([1], "", structured());
  origin.give(1, '{"a\x1b[3');
  origin.sinks[1]?.mark?.(mark(1, 6, "note"), false);
  origin.give(1, "1mb\n");
  expect(shown(target)).toEqual(['{"a\x1b[3', "1m", "note: 1", "b\n"]);
});

test("a view that goes on shows in time what it has held back", () => {
  vi.useFakeTimers();
  const { feed, origin, target } = bench([1], "", structured());
  origin.give(1, '{"a');
  feed.unsubscribe();
  vi.advanceTimersByTime(1000);
  expect(shown(target)).toEqual([]);
  feed.subscribe(origin, { 1: 3 });
  vi.advanceTimersByTime(1000);
  expect(shown(target)).toEqual(['{"a']);
  feed.unsubscribe();
  vi.useRealTimers();
});

test("a pause between lines is said once the next line comes, and none within a line", () => {
  const { target, origin } = bench([1], "", undefined, true);
  origin.give(1, "a\nb\n", 0, 2, 1000, 2, 2, 1119);
  origin.give(1, "c", 4, 1, 1239);
  origin.give(1, "d\ne\n", 5, 2, 5000, 7, 2, 5721);
  expect(target.events).toEqual(["a\nb\n", "(2 min)", "c", "d\n", "(12 min)", "e\n"]);
});

test("pauses are those between the lines that a filter lets through", () => {
  const { target, origin } = bench([1], "", new LineShaper({ ...NOTHING, filter: "x" }), true);
  origin.give(1, "x1\na\nx2\n", 0, 3, 1000, 3, 2, 1100, 5, 3, 1200);
  origin.give(1, "x3\n", 8, 3, 1210);
  expect(shown(target)).toEqual(["x1\n", "(3 min)", "x2\n", "x3\n"]);
});

test("nothing is said of a pause beside a mark or bytes that are left out", () => {
  const { target, origin } = bench([1], "", undefined, true);
  origin.give(1, "a\n", 0, 2, 1000);
  origin.sinks[1]?.mark?.(mark(1, 2, "gap"), false);
  origin.give(1, "b\n", 2, 2, 2000);
  origin.sinks[1]?.skip(7, 0, 11);
  origin.give(1, "c\n", 11, 2, 3000);
  expect(target.events).toEqual(["a\n", "gap: 1", "b\n", "skip 7 of 1 before 11, 0 lost", "c\n"]);
});

test("of both streams a pause is where neither has a line", () => {
  const { target, origin, through } = bench([1, 2], "", undefined, true);
  origin.give(1, "a\nd\n", 0, 2, 1000, 4, 2, 1800);
  origin.give(2, "b\n", 2, 2, 1060);
  through(6, 6);
  expect(target.events).toEqual(["  a\n", "▌ b\n", "(12 min)", "  d\n"]);
});

test("a pane of lines around matches has each with its own stream and time", () => {
  const shape = new LineShaper({ ...NOTHING, filter: "bad around:1" });
  const { target, origin, through } = bench([1, 2], "since", shape);
  origin.give(1, "a\nb\nc\n", 0, 4, 1000, 4, 2, 1001);
  origin.give(2, "bad\n", 6, 4, 1003.5);
  origin.give(1, "d\n", 10, 2, 1003.75);
  through(12, 12);
  expect(shown(target).join("")).toBe("       +   c\n+2.500 s ▌ bad\n+0.250 s   d\n");
});

test("lines that are left out between those around matches are counted in a pane of both streams", () => {
  const shape = new LineShaper({ ...NOTHING, filter: "bad around:1" });
  const { target, origin, through } = bench([1, 2], "", shape);
  origin.give(1, "bad\na\nb\nc\n", 0, 10, 1000);
  origin.give(2, "bad\n", 10, 4, 1001);
  through(14, 14);
  expect(shown(target)).toEqual(["  bad\n  a\n", "(1 line left out)", "  c\n▌ bad\n"]);
});

test("a time since the line before is that of each line, also of those that come at once", () => {
  const { target, origin } = bench([1], "since");
  origin.give(1, "a\nb\n", 0, 4, 1000);
  origin.give(1, "10 %", 4, 4, 1001.5);
  origin.give(1, "\r20 %\n", 8, 6, 1002);
  origin.give(1, "c\n", 14, 2, 1002.001);
  expect(target.events.join("")).toBe(
    "       + a\n+0.000 s b\n+1.500 s 10 %\r+2.000 s 20 %\n+0.001 s c\n",
  );
});

test("a new day is said where times of day are shown", () => {
  const at = new Date(2026, 0, 2, 23, 59, 59).getTime() / 1000;
  const { target, origin } = bench([1], "clock");
  origin.give(1, "a\nb\n", 0, 2, at, 2, 2, at + 2);
  expect(target.events[1]).toBe("(Saturday 2026-01-03)");
  const both = bench([1], "clock", undefined, true);
  both.origin.give(1, "a\nb\n", 0, 2, at, 2, 2, at + 7200);
  expect(both.target.events[1]).toBe("(2 h, Saturday 2026-01-03)");
});

function structured(): LineShaper {
  return new LineShaper({ ...NOTHING, structured: true });
}

/** What was shown, without the writes that had nothing to show yet. */
function shown(target: RecordingTarget): string[] {
  return target.events.filter((event) => event);
}
