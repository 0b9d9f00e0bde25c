import { expect, test } from "vitest";
import type { Mark, Stream } from "../messages";
import type { Sink } from "../stream-record";
import type { FeedTarget } from "./feed";
import { PausableFeed, type PausableSource } from "./pausable-feed";

/** A page's record of its streams, whose bytes come from the test. */
class ScriptedSource implements PausableSource {
  readonly subscribed: string[] = [];
  readonly totals: Record<Stream, number> = { 1: 0, 2: 0 };
  readonly sinks = new Map<Stream, Sink>();

  subscribe(stream: Stream, sink: Sink, from: number): () => void {
    this.subscribed.push(`${stream} from ${from}`);
    this.sinks.set(stream, sink);
    return () => {
      if (this.sinks.get(stream) === sink) this.sinks.delete(stream);
    };
  }

  have(stream: Stream): number {
    return this.totals[stream];
  }

  total(stream: Stream): number {
    return this.totals[stream];
  }

  give(stream: Stream, text: string): void {
    const data = new TextEncoder().encode(text);
    const position = this.totals[1] + this.totals[2];
    this.totals[stream] += data.length;
    const sink = this.sinks.get(stream);
    sink?.write(data, false, () => {}, new Float64Array([position, data.length, 0]));
    for (const one of this.sinks.values()) one.advance?.(position + data.length);
  }
}

class RecordingTarget implements FeedTarget {
  text = "";

  write(text: string, _replay: boolean, done: () => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
    this.text += text.replace(/\x1b\[[0-9;]*(?:m|"q)/g, "");
    done();
  }

  skip(): void {}

  mark({ text }: Mark): void {
    this.text += `<${text}>`;
  }

  aside(): void {}

  late(): void {}

  visible(): boolean {
    return true;
  }
}

function bench(streams: Stream[] = [1]) {
  const source = new ScriptedSource();
  const target = new RecordingTarget();
  return { source, target, feed: new PausableFeed(source, target, streams) };
}

test("a feed begins when it is resumed for the first time, with all that the page has", () => {
  const { source, target, feed } = bench();
  expect([source.subscribed, feed.paused]).toEqual([[], false]);
  feed.resume();
  source.give(1, "a\n");
  expect([source.subscribed, target.text]).toEqual([["1 from 0"], "a\n"]);
});

test("a paused view leaves its streams and counts what waits", () => {
  const { source, target, feed } = bench([1, 2]);
  feed.resume();
  source.give(1, "shown\n");
  feed.pause();
  expect([feed.paused, feed.waiting, source.sinks.size]).toEqual([true, 0, 0]);
  source.give(1, "1234");
  source.give(2, "56");
  expect([feed.waiting, target.text]).toEqual([6, "  shown\n"]);
});

test("a resumed view goes on where each stream stood, and nothing waits any more", () => {
  const { source, feed } = bench([1, 2]);
  feed.resume();
  source.give(1, "abc");
  source.give(2, "de");
  feed.pause();
  source.give(1, "fgh");
  feed.resume();
  expect(source.subscribed.slice(2)).toEqual(["1 from 3", "2 from 2"]);
  expect([feed.paused, feed.waiting]).toEqual([false, 0]);
});

test("a feed that is resumed or paused twice does so once", () => {
  const { source, feed } = bench();
  feed.resume();
  feed.resume();
  expect(source.subscribed).toEqual(["1 from 0"]);
  feed.pause();
  source.give(1, "abc");
  feed.pause();
  expect(feed.waiting).toBe(3);
});

test("with times everything is drawn again, after the view was cleared", () => {
  const { source, target, feed } = bench();
  feed.resume();
  const [sink, order] = [feed.sink(1), [] as string[]];
  feed.redraw("clock", () => order.push(`cleared, ${source.sinks.size} subscribed`));
  expect(order).toEqual(["cleared, 0 subscribed"]);
  expect([feed.times, source.subscribed]).toEqual(["clock", ["1 from 0", "1 from 0"]]);
  expect(feed.sink(1)).not.toBe(sink);
  source.give(1, "x\n");
  expect(target.text).toMatch(/^(?:[\d-]{10} )?\d\d:\d\d:\d\d\.\d{3} x\n$/);
});

test("drawing again ends a pause: what waited comes too", () => {
  const { source, feed } = bench();
  feed.resume();
  source.give(1, "abc");
  feed.pause();
  source.give(1, "def");
  feed.redraw("clock", () => {});
  expect([feed.paused, feed.waiting, source.subscribed.at(-1)]).toEqual([false, 0, "1 from 0"]);
});

test("a closed feed shows nothing more", () => {
  const { source, target, feed } = bench();
  feed.resume();
  feed.unsubscribe();
  source.give(1, "late\n");
  expect([source.sinks.size, target.text]).toEqual([0, ""]);
});

test("a mark that was shown before the pause is not shown again after it", () => {
  const { source, target, feed } = bench();
  const mark: Mark = {
    number: 1,
    kind: "cut",
    text: "cut",
    time: 0,
    position: 2,
    offsets: { "1": 2, "2": 0 },
  };
  feed.resume();
  source.give(1, "a\n");
  source.sinks.get(1)?.mark?.(mark, false);
  feed.pause();
  feed.resume();
  source.sinks.get(1)?.mark?.(mark, false); // it is at the offset from which the view goes on
  source.give(1, "b\n");
  expect(target.text).toBe("a\n<cut>b\n");
});
