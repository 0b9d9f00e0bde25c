import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Dock } from "./place-host";
import { LEFT_OPEN, PlaceMemory } from "./place-memory";

/** A tab of a front end. */
class ScriptedDock implements Dock {
  node = {} as HTMLElement;
  closed = false;
  onClose: (byUser: boolean) => void = () => {};
  show(): void {}
  close(): void {
    this.closed = true;
  }
}

const CELL = {};
let memory: PlaceMemory;
let dock: ScriptedDock;

beforeEach(() => {
  vi.useFakeTimers();
  memory = new PlaceMemory();
  dock = new ScriptedDock();
});

afterEach(() => vi.useRealTimers());

test("a new view is where the code wants it", () => {
  expect(memory.take(CELL, "web", "float")).toEqual({ place: "float" });
});

test("a cell that runs again has its view in the same tab", () => {
  memory.leave(CELL, "web", { wish: "cell", place: "tab", dock });
  expect(memory.take(CELL, "web", "cell")).toEqual({ place: "tab", dock });
  vi.advanceTimersByTime(LEFT_OPEN);
  expect(dock.closed).toBe(false);
});

test("the view of another container, or of another cell, does not go there", () => {
  memory.leave(CELL, "web", { wish: "cell", place: "tab", dock });
  expect(memory.take(CELL, "db", "cell")).toEqual({ place: "cell" });
  expect(memory.take({}, "web", "cell")).toEqual({ place: "cell" });
});

test("a view that comes late has a new tab: the old one was closed", () => {
  memory.leave(CELL, "web", { wish: "cell", place: "tab", dock });
  vi.advanceTimersByTime(LEFT_OPEN);
  expect(dock.closed).toBe(true);
  expect(memory.take(CELL, "web", "cell")).toEqual({ place: "tab" });
});

test("a tab that the user closes meanwhile is not opened again", () => {
  memory.leave(CELL, "web", { wish: "tab", place: "tab", dock });
  dock.onClose(true);
  dock.close();
  expect(memory.take(CELL, "web", "tab")).toEqual({ place: "cell" });
});

test("code that wants another place than before is obeyed, and the tab closed", () => {
  memory.leave(CELL, "web", { wish: "cell", place: "tab", dock });
  expect(memory.take(CELL, "web", "float")).toEqual({ place: "float" });
  expect(dock.closed).toBe(true);
});

test("what the user has put back stays in its cell when that runs again", () => {
  memory.leave(CELL, "web", { wish: "tab", place: "cell" });
  expect(memory.take(CELL, "web", "tab")).toEqual({ place: "cell" });
  expect(memory.take(CELL, "web", "tab")).toEqual({ place: "tab" }); // it was taken
});
