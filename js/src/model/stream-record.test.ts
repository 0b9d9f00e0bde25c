import { expect, test } from "vitest";
import { markAt, RecordingSink } from "./session-bench";
import { cutRuns, ENOUGH, HISTORY, type Piece, StreamRecord } from "./stream-record";

function piece(text: string, offset: number, more: Partial<Piece> = {}): Piece {
  const data = new TextEncoder().encode(text);
  return { data, runs: new Float64Array(), skipped: 0, lost: 0, offset, ...more };
}

function show(record: StreamRecord, shown: Piece, seq = 1): { done: boolean } {
  const state = { done: false };
  record.show(shown, seq, false, () => {
    state.done = true;
  });
  return state;
}

test("a record knows how far it is, what was skipped, and where that began", () => {
  const record = new StreamRecord();
  show(record, piece("abc", 0));
  show(record, piece("klm", 10, { skipped: 7, lost: 2 }));
  show(record, piece("z", 20, { skipped: 7 }));
  expect([record.have, record.skipped, record.firstSkipped]).toEqual([21, 14, 3]);
});

test("a view that is made later gets what is kept, with its gaps", () => {
  const record = new StreamRecord();
  show(record, piece("abc", 0));
  show(record, piece("klm", 10, { skipped: 7, lost: 2 }));
  const sink = new RecordingSink();
  record.subscribe(sink);
  expect(sink.events).toEqual(["replay abc", "skip 7 before 10 lost 2", "replay klm"]);
});

test.each([
  [2, ["replay c", "skip 7 before 10 lost 2", "replay klm"]],
  [5, ["skip 5 before 10 lost 2", "replay klm"]],
  [9, ["skip 1 before 10 lost 1", "replay klm"]],
  [11, ["replay lm"]],
  [13, []],
])("a view that goes on from offset %d gets the rest", (from, events) => {
  const record = new StreamRecord();
  show(record, piece("abc", 0));
  show(record, piece("klm", 10, { skipped: 7, lost: 2 }));
  const sink = new RecordingSink();
  record.subscribe(sink, from);
  expect(sink.events).toEqual(events);
});

test("what leaves the history becomes a gap before what is kept", () => {
  const record = new StreamRecord();
  show(record, piece("a".repeat(HISTORY), 5, { skipped: 5, lost: 4 }));
  show(record, piece("bc", HISTORY + 5));
  expect(record.pieces).toMatchObject([{ offset: HISTORY + 5, skipped: HISTORY + 5, lost: 4 }]);
  expect(record.skipped).toBe(5);
});

test("a piece is shown when all sinks in sight have shown it", () => {
  const record = new StreamRecord();
  const [quick, slow, hidden] = [new RecordingSink(), new RecordingSink(), new RecordingSink()];
  hidden.seen = false;
  for (const sink of [quick, slow, hidden]) record.subscribe(sink);
  const shown = show(record, piece("abc", 0));
  quick.open[0]?.();
  expect(shown.done).toBe(false);
  slow.open[0]?.();
  expect([shown.done, hidden.events]).toEqual([true, ["abc"]]);
});

test("without a sink a piece is shown at once, and one that unsubscribes is not waited for", () => {
  const record = new StreamRecord();
  expect(show(record, piece("abc", 0)).done).toBe(true);
  const unsubscribe = record.subscribe(new RecordingSink());
  const shown = show(record, piece("def", 3), 2);
  expect(shown.done).toBe(false);
  unsubscribe();
  expect([shown.done, record.first]).toEqual([true, undefined]);
});

test("a sink learns up to where its stream is complete, never less than before", () => {
  const record = new StreamRecord();
  const through: number[] = [];
  const sink = new RecordingSink();
  record.advance(7);
  record.subscribe(Object.assign(sink, { advance: (at: number) => through.push(at) }));
  record.advance(9);
  record.advance(8);
  expect(through).toEqual([7, 9, 9]);
});

test("bytes are cut off the start of runs, within a run too", () => {
  const runs = new Float64Array([0, 2, 100, 5, 4, 101]);
  expect(cutRuns(runs, 0)).toBe(runs);
  expect([...cutRuns(runs, 1)]).toEqual([1, 1, 100, 5, 4, 101]);
  expect([...cutRuns(runs, 2)]).toEqual([5, 4, 101]);
  expect([...cutRuns(runs, 5)]).toEqual([8, 1, 101]);
  expect([...cutRuns(runs, 6)]).toEqual([]);
});

test("marks are shown between the bytes at their places", () => {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  record.subscribe(sink);
  record.addMark(markAt(1, 0), 1);
  record.addMark(markAt(2, 2), 1);
  record.addMark(markAt(3, 2), 1);
  record.addMark(markAt(4, 4), 1);
  record.addMark(markAt(5, 9), 1);
  const shown = show(record, piece("abcd", 0));
  expect(sink.events).toEqual(["mark 1", "ab", "mark 2", "mark 3", "cd", "mark 4"]);
  sink.open[0]?.();
  expect(shown.done).toBe(false);
  sink.open[1]?.();
  expect(shown.done).toBe(true);
});

test("a mark among bytes that are left out comes after the gap", () => {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  record.subscribe(sink);
  record.addMark(markAt(1, 5), 1);
  show(record, piece("klm", 10, { skipped: 10 }));
  expect(sink.events).toEqual(["skip 10 before 10 lost 0", "mark 1", "klm"]);
});

test("a mark whose bytes were shown already says so", () => {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  record.subscribe(sink);
  show(record, piece("abc", 0));
  record.addMark(markAt(1, 2), 1);
  expect(sink.events).toEqual(["abc", "late mark 1"]);
});

test.each([
  [
    0,
    [
      "mark 1",
      "replay ab",
      "mark 2",
      "replay c",
      "skip 7 before 10 lost 0",
      "mark 3",
      "replay klm",
    ],
  ],
  [2, ["mark 2", "replay c", "skip 7 before 10 lost 0", "mark 3", "replay klm"]],
  [11, ["replay lm"]],
])("a view that begins at offset %d gets the marks from there on", (from, events) => {
  const record = new StreamRecord();
  record.addMark(markAt(1, 0), 1);
  record.addMark(markAt(2, 2), 1);
  record.addMark(markAt(3, 7), 1);
  show(record, piece("abc", 0));
  show(record, piece("klm", 10, { skipped: 7 }));
  record.addMark(markAt(4, 13), 1);
  const sink = new RecordingSink();
  record.subscribe(sink, from);
  expect(sink.events).toEqual([...events, "mark 4"]);
});

test("the runs of a piece are cut where a mark is", () => {
  const record = new StreamRecord();
  const runs: number[][] = [];
  record.subscribe({
    write: (_data, _replay, done, given) => {
      runs.push([...given]);
      done();
    },
    skip: () => {},
    visible: () => true,
  });
  record.addMark(markAt(1, 3), 1);
  show(record, piece("abcdef", 0, { runs: new Float64Array([10, 2, 1, 20, 4, 2]) }));
  expect(runs).toEqual([
    [10, 2, 1, 20, 1, 2],
    [21, 3, 2],
  ]);
});

test("marks of bytes that are kept no longer are forgotten", () => {
  const record = new StreamRecord();
  record.addMark(markAt(1, 1), 1);
  show(record, piece("a".repeat(HISTORY), 0));
  show(record, piece("bc", HISTORY));
  record.addMark(markAt(2, HISTORY + 1), 1);
  const sink = new RecordingSink();
  record.subscribe(sink);
  expect(sink.events.filter((event) => event.startsWith("mark"))).toEqual(["mark 2"]);
});

/** A record with a sink that sleeps: it has got enough, and then "abc" came. */
function asleep() {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  record.subscribe(sink);
  sink.tired = true;
  const first = show(record, piece("x".repeat(ENOUGH), 0));
  const second = show(record, piece("abc", ENOUGH), 2);
  sink.events.splice(0, 1, "enough");
  return { record, sink, first, second };
}

test("a sink that sleeps is given enough to fill it, then nothing, and is not waited for", () => {
  const { sink, first, second } = asleep();
  expect([sink.events, first.done, second.done]).toEqual([["enough"], false, true]);
});

test("a sink that wakes gets what has come meanwhile once, then what comes", () => {
  const { record, sink } = asleep();
  show(record, piece("def", ENOUGH + 3), 3);
  sink.tired = false;
  show(record, piece("ghi", ENOUGH + 6), 4);
  expect(sink.events).toEqual(["enough"]);
  sink.wake();
  sink.wake();
  const last = show(record, piece("jkl", ENOUGH + 9), 5);
  expect(sink.events).toEqual(["enough", "replay abc", "replay def", "replay ghi", "jkl"]);
  expect(last.done).toBe(false);
});

test("of what came while a sink slept for long, it gets the newest, and learns what is left out", () => {
  const { record, sink } = asleep();
  show(record, piece("y".repeat(HISTORY), ENOUGH + 3), 3);
  sink.wake();
  expect(sink.events.slice(1, 2)).toEqual([`skip 3 before ${ENOUGH + 3} lost 0`]);
  expect(sink.events[2]).toHaveLength(HISTORY + "replay ".length);
});

test("marks of what came while a sink slept are shown once, in their places", () => {
  const { record, sink } = asleep();
  record.addMark(markAt(1, ENOUGH + 3), 1);
  show(record, piece("def", ENOUGH + 3), 3);
  record.addMark(markAt(2, ENOUGH + 6), 1);
  expect(sink.events).toEqual(["enough"]);
  sink.wake();
  expect(sink.events.slice(1)).toEqual(["replay abc", "mark 1", "replay def", "mark 2"]);
});

test("a mark where a sink sleeps is shown at once, as no late one, and not again", () => {
  const { record, sink } = asleep();
  record.addMark(markAt(1, ENOUGH - 1), 1);
  record.addMark(markAt(2, ENOUGH), 1);
  expect(sink.events.slice(1)).toEqual(["late mark 1", "mark 2"]);
  sink.wake();
  expect(sink.events.slice(3)).toEqual(["replay abc"]);
});

test("a mark at which a sink fell asleep is shown at once, and not again", () => {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  record.subscribe(sink);
  show(record, piece("x".repeat(ENOUGH), 0));
  record.addMark(markAt(1, ENOUGH), 1);
  sink.tired = true;
  show(record, piece("abc", ENOUGH), 2);
  sink.wake();
  expect(sink.events.slice(1)).toEqual(["mark 1", "replay abc"]);
});

test("a sink that sleeps learns only when it wakes up to where its stream is complete", () => {
  const { record, sink } = asleep();
  const advanced: number[] = [];
  Object.assign(sink, { advance: (through: number) => advanced.push(through) });
  record.advance(7);
  expect(advanced).toEqual([]);
  sink.wake();
  expect(advanced).toEqual([7]);
});

test("a sink that sleeps and is closed gets nothing more", () => {
  const record = new StreamRecord();
  const sink = new RecordingSink();
  const unsubscribe = record.subscribe(sink);
  sink.tired = true;
  show(record, piece("x".repeat(ENOUGH), 0));
  show(record, piece("abc", ENOUGH), 2);
  unsubscribe();
  sink.wake();
  expect(sink.events).toHaveLength(1);
});

test("a view that is made later and has got enough may sleep, too", () => {
  const record = new StreamRecord();
  show(record, piece("x".repeat(ENOUGH), 0));
  const sink = new RecordingSink();
  sink.tired = true;
  record.subscribe(sink);
  expect(show(record, piece("abc", ENOUGH), 2).done).toBe(true);
  sink.wake();
  expect(sink.events.slice(1)).toEqual(["replay abc"]);
});
