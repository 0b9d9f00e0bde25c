import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LogView, overlap } from "./log-view";

/** What a log uses of an element. */
const fakeElement = () => ({ append: () => {}, setAttribute: () => {} });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { createElement: fakeElement });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Return the milliseconds at which a log is read, if output comes at these. */
function readAt(outputs: number[]): number[] {
  const began = performance.now();
  const seen: number[] = [];
  const log = new LogView("stdout", () => {
    seen.push(performance.now() - began);
    return [];
  });
  for (const at of outputs) setTimeout(() => log.schedule(), at);
  vi.runAllTimers();
  return seen;
}

test("a log follows its output at once", () => {
  expect(readAt([0])).toEqual([20]);
  expect(readAt([0, 500])).toEqual([20, 520]);
});

test("while output goes on, it changes after an output, and not between two", () => {
  const typed = Array.from({ length: 10 }, (_, n) => n * 70);
  expect(readAt(typed)).toEqual([20, 300, 580, 730]);
  expect(readAt(Array.from({ length: 100 }, (_, n) => n * 5))).toEqual([20, 290, 595]);
});

test("in slower output, it changes in the pauses", () => {
  expect(readAt([0, 200, 400, 600])).toEqual([20, 300, 500, 700]);
});

test("new lines at the end keep all before them", () => {
  expect(overlap(["a", "b"], ["a", "b", "c"])).toEqual({ from: 0, count: 2 });
});

test("lines that fell off the start are recognised", () => {
  expect(overlap(["a", "b", "c"], ["b", "c", "d"])).toEqual({ from: 1, count: 2 });
});

test("a last line that changed is replaced alone", () => {
  expect(overlap(["a", "10 %"], ["a", "20 %"])).toEqual({ from: 0, count: 1 });
});

test("nothing in common is replaced as a whole", () => {
  expect(overlap(["a"], ["b"])).toEqual({ from: 1, count: 0 });
});
