import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { kernelEnd, watchKernel } from "./kernel-watch";

const connected = { is_fully_disconnected: () => false };
const disconnected = { is_fully_disconnected: () => true };

test.each([
  ["no manager", undefined, ""],
  ["a manager that says nothing", {}, ""],
  ["a kernel of which nothing is known", { kernel: {} }, ""],
  ["a kernel that runs", { kernel: { isDisposed: false, status: "busy" } }, ""],
  ["a kernel that restarts", { kernel: { isDisposed: false, status: "autorestarting" } }, ""],
  ["null", { kernel: null }, "shut down"],
  ["a disposed kernel", { kernel: { isDisposed: true, status: "idle" } }, "shut down"],
  ["a dead kernel", { kernel: { isDisposed: false, status: "dead" } }, "died"],
  ["nbclassic with a kernel", { notebook: { kernel: connected } }, ""],
  ["nbclassic before its kernel is there", { notebook: {} }, ""],
  ["nbclassic with a kernel of another kind", { notebook: { kernel: {} } }, ""],
  ["nbclassic without a kernel", { notebook: { kernel: null } }, "shut down"],
  [
    "nbclassic with a kernel that is shut down",
    { notebook: { kernel: disconnected } },
    "shut down",
  ],
  ["a kernel beside nbclassic's", { kernel: {}, notebook: { kernel: null } }, ""],
])("%s: what has become of its kernel", (_, manager, end) => {
  expect(kernelEnd(manager)).toBe(end);
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
  const heard: string[] = [];
  const end = watchKernel(manager, (how) => heard.push(how));
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
  expect(heard).toEqual(["shut down"]);
  look(null, 5);
  expect(heard).toEqual(["shut down"]);
});

test("a kernel that is there again is reported at the first look, and may go again", () => {
  const { heard, look } = watched();
  look(null, 3);
  look({});
  expect(heard).toEqual(["shut down", ""]);
  look(null);
  expect(heard).toEqual(["shut down", ""]);
  look(null);
  expect(heard).toEqual(["shut down", "", "shut down"]);
});

test("nothing is reported after the end", () => {
  const { heard, end, look } = watched();
  look(null);
  end();
  look(null, 5);
  expect(heard).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
