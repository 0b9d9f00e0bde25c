import { expect, test } from "vitest";
import type { Stream } from "../../model/messages";
import { PaneScrollback, SCROLLBACK } from "./pane-scrollback";

interface Bench {
  buffers: { active: { viewportY: number; baseY: number }; normal: { baseY: number } };
  totals: Record<Stream, number>;
  skipped: Record<Stream, number>;
  scrollback: PaneScrollback;
}

function bench({ streams = [1] as Stream[], tty = false } = {}): Bench {
  const buffers = { active: { viewportY: 0, baseY: 0 }, normal: { baseY: 0 } };
  const totals = { 1: 0, 2: 0 };
  const skipped = { 1: 0, 2: 0 };
  const counts = {
    total: (stream: Stream) => totals[stream],
    skipped: (stream: Stream) => skipped[stream],
    firstSkipped: (stream: Stream) => 1000 * stream,
  };
  const scrollback = new PaneScrollback(buffers, counts, streams, tty);
  return { buffers, totals, skipped, scrollback };
}

test("a view that shows the last line is at the end, one that was scrolled up is not", () => {
  const { buffers, scrollback } = bench();
  buffers.active = { viewportY: 7, baseY: 7 };
  expect(scrollback.atEnd).toBe(true);
  buffers.active.viewportY = 6;
  expect(scrollback.atEnd).toBe(false);
});

test("a pane that has all of its output says how much that is", () => {
  const { totals, scrollback } = bench({ streams: [1, 2] });
  totals[1] = 1000;
  totals[2] = 234;
  expect([scrollback.summary(), scrollback.incomplete]).toEqual(["1.2 kB", false]);
  expect(scrollback.notFound()).toBe("not found");
});

test("a pane that skipped bytes says how many", () => {
  const { totals, skipped, scrollback } = bench();
  totals[1] = 5000;
  skipped[1] = 2000;
  expect(scrollback.summary()).toBe("5.0 kB, 2.0 kB of it not shown");
  expect(scrollback.incomplete).toBe(true);
});

test("a pane that is full says what it still has, and a search where it looked", () => {
  const { buffers, totals, skipped, scrollback } = bench();
  totals[1] = 5000;
  skipped[1] = 2000;
  buffers.normal.baseY = SCROLLBACK - 1;
  expect([scrollback.update(), scrollback.full]).toEqual([false, false]);
  buffers.normal.baseY = SCROLLBACK;
  expect([scrollback.update(), scrollback.full]).toEqual([true, true]);
  expect(scrollback.update()).toBe(false);
  expect(scrollback.summary()).toBe("5.0 kB, the newest 10,000 lines shown");
  expect(scrollback.notFound()).toBe("not among the newest 10,000 lines");
  expect(scrollback.incomplete).toBe(true);
});

test("a pane that was cleared is not full any more", () => {
  const { buffers, scrollback } = bench();
  buffers.normal.baseY = SCROLLBACK;
  scrollback.update();
  expect(scrollback.incomplete).toBe(true);
  buffers.normal.baseY = 0;
  expect([scrollback.update(), scrollback.full]).toEqual([true, false]);
  expect(scrollback.incomplete).toBe(false);
});

test("a terminal is never full: programs draw the same lines again and again", () => {
  const { buffers, scrollback } = bench({ tty: true });
  buffers.normal.baseY = SCROLLBACK;
  expect([scrollback.update(), scrollback.full]).toEqual([false, false]);
});

test("the reader begins at the first gap, in the stream that has one", () => {
  const { skipped, scrollback } = bench({ streams: [1, 2] });
  skipped[2] = 5;
  expect(scrollback.readFrom(() => [])).toEqual({ stream: 2, offset: 2000 });
  skipped[1] = 5;
  expect(scrollback.readFrom(() => [])).toEqual({ stream: 1, offset: 1000 });
});

test("where lines have left, the reader begins a little before those that the pane has", () => {
  const { buffers, totals, scrollback } = bench({ streams: [2] });
  buffers.normal.baseY = SCROLLBACK;
  scrollback.update();
  totals[2] = 1_000_000;
  const lines = ["é".repeat(500), "x".repeat(999)]; // 2,000 bytes with the line end between them
  expect(scrollback.readFrom(() => lines)).toEqual({
    stream: 2,
    offset: 1_000_000 - 2000 - 16 * 1024,
  });
  totals[2] = 3000;
  expect(scrollback.readFrom(() => lines)).toEqual({ stream: 2, offset: 0 });
});
