import { expect, test } from "vitest";
import { parseCast } from "./recording";
import { ReplayModel } from "./replay-model";
import { Timeline } from "./timeline";

/** Output at 1, 2, 30 and 31 s, markers at 2 and 31 s, and an end at 40 s. */
const CAST = [
  '{"version":3,"term":{"cols":80,"rows":24}}',
  '[1.0,"o","a"]',
  '[1.0,"o","b"]',
  '[0.0,"m","first"]',
  '[28.0,"o","c"]',
  '[1.0,"o","d"]',
  '[0.0,"m","second"]',
  '[9.0,"x","0"]',
].join("\n");

function bench(limit: number | null = null) {
  let now = 1000;
  const model = new ReplayModel(parseCast(CAST), () => now);
  model.idleLimit = limit;
  const pass = (seconds: number) => {
    now += 1000 * seconds;
    model.tick();
  };
  return { model, pass };
}

test("without a limit both times are the same", () => {
  const line = new Timeline(Float64Array.from([1, 2, 50]), 60, null);
  expect(line.length).toBe(60);
  for (const time of [0, 0.5, 2, 33, 60]) expect(line.played(time)).toBe(time);
});

test("pauses are shortened to the limit, at the start, between and at the end", () => {
  const line = new Timeline(Float64Array.from([10, 11, 50]), 60, 2);
  expect(line.length).toBe(2 + 1 + 2 + 2);
  expect(line.played(5)).toBeCloseTo(1);
  expect(line.played(11)).toBe(3);
  expect(line.recorded(4)).toBeCloseTo(30.5);
  expect(line.recorded(99)).toBe(60);
});

test("there and back is the same time", () => {
  const moments = Float64Array.from([0, 3, 3.5, 100, 7000, 7000.25, 90_000]);
  for (const limit of [null, 0.5, 2, 60]) {
    const line = new Timeline(moments, 90_001, limit);
    for (let time = 0; time <= 90_001; time += 997.3) {
      expect(line.recorded(line.played(time))).toBeCloseTo(time, 5);
    }
  }
});

test("it plays at its speed, and stops at the end", () => {
  const { model, pass } = bench();
  model.play();
  pass(3);
  expect(model.time).toBe(3);
  model.speed = 2;
  pass(3);
  expect(model.time).toBe(9);
  pass(100);
  expect([model.playing, model.time, model.atEnd]).toEqual([false, 40, true]);
  model.play();
  expect([model.playing, model.time]).toEqual([true, 0]);
});

test("nothing passes while it is paused", () => {
  const { model, pass } = bench();
  model.play();
  pass(1.5);
  model.pause();
  pass(10);
  expect(model.time).toBe(1.5);
  model.toggle();
  pass(0.5);
  expect(model.time).toBe(2);
});

test("a limit keeps the moment that is shown", () => {
  const { model } = bench();
  model.seekTime(31);
  model.idleLimit = 2;
  expect(model.time).toBe(31);
  expect(model.position).toBe(5);
  expect(model.length).toBe(7);
  model.idleLimit = null;
  expect(model.position).toBe(31);
});

test("steps go from output to output, and pause", () => {
  const { model } = bench();
  model.play();
  model.step(1);
  expect([model.time, model.playing]).toEqual([1, false]);
  for (const time of [2, 30, 31, 40]) {
    model.step(1);
    expect(model.time).toBe(time);
  }
  for (const time of [31, 30, 2, 1, 0]) {
    model.step(-1);
    expect(model.time).toBe(time);
  }
});

test("markers are reached in both directions", () => {
  const { model, pass } = bench();
  expect(model.toMarker(1)?.text).toBe("first");
  expect(model.toMarker(1)?.text).toBe("second");
  expect(model.toMarker(1)).toBeUndefined();
  expect(model.time).toBe(31);
  model.play();
  pass(0.5); // just after it: that means the one before
  expect(model.toMarker(-1)?.text).toBe("first");
  expect(model.toMarker(-1)).toBeUndefined();
});

test("positions outside of the recording are its ends", () => {
  const { model } = bench();
  model.seek(-5);
  expect(model.time).toBe(0);
  model.seek(1e9);
  expect(model.time).toBe(40);
  model.speed = Number.NaN;
  expect(model.speed).toBe(1);
});

test("a recording without events can be played", () => {
  const model = new ReplayModel(parseCast('{"version":3,"term":{"cols":80,"rows":24}}\n'));
  model.play();
  model.tick();
  expect([model.length, model.position, model.playing]).toEqual([0, 0, false]);
});
