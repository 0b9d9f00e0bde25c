import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hasNoKernel, watchKernel } from "./kernel-watch";

const connected = { is_fully_disconnected: () => false };
const disconnected = { is_fully_disconnected: () => true };

test.each([
  ["no manager", undefined, false],
  ["a manager that says nothing", {}, false],
  ["a kernel of which nothing is known", { kernel: {} }, false],
  ["a kernel that runs", { kernel: { isDisposed: false, status: "busy" } }, false],
  ["a kernel that restarts", { kernel: { isDisposed: false, status: "autorestarting" } }, false],
  ["null", { kernel: null }, true],
  ["a disposed kernel", { kernel: { isDisposed: true, status: "idle" } }, true],
  ["a dead kernel", { kernel: { isDisposed: false, status: "dead" } }, true],
  ["nbclassic with a kernel", { notebook: { kernel: connected } }, false],
  ["nbclassic before its kernel is there", { notebook: {} }, false],
  ["nbclassic with a kernel of another kind", { notebook: { kernel: {} } }, false],
  ["nbclassic without a kernel", { notebook: { kernel: null } }, true],
  ["nbclassic with a kernel that is shut down", { notebook: { kernel: disconnected } }, true],
  ["a kernel beside nbclassic's", { kernel: {}, notebook: { kernel: null } }, false],
])("%s: whether it has no kernel", (_, manager, gone) => {
  expect(hasNoKernel(manager)).toBe(gone);
});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Watch a manager; `look` lets the watch look so many times at what its kernel is then. */
function watched() {
  const manager: { kernel: object | null } = { kernel: {} };
  const heard: boolean[] = [];
  const end = watchKernel(manager, (gone) => heard.push(gone));
  const look = (kernel: object | null, times = 1) => {
    manager.kernel = kernel;
    vi.advanceTimersByTime(times * 1000);
  };
  return { heard, end, look };
}

test("a kernel that stays is not reported", () => {
  const { heard, look } = watched();
  look({}, 5);
  expect(heard).toEqual([]);
});

test("a kernel that is missed once is not gone", () => {
  const { heard, look } = watched();
  look(null);
  look({});
  look(null);
  look({});
  expect(heard).toEqual([]);
});

test("a kernel that is missed twice in a row is gone, which is reported once", () => {
  const { heard, look } = watched();
  look(null);
  expect(heard).toEqual([]);
  look(null);
  expect(heard).toEqual([true]);
  look(null, 5);
  expect(heard).toEqual([true]);
});

test("a kernel that is there again is reported at the first look, and may go again", () => {
  const { heard, look } = watched();
  look(null, 3);
  look({});
  expect(heard).toEqual([true, false]);
  look(null);
  expect(heard).toEqual([true, false]);
  look(null);
  expect(heard).toEqual([true, false, true]);
});

test("nothing is reported after the end", () => {
  const { heard, end, look } = watched();
  look(null);
  end();
  look(null, 5);
  expect(heard).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
