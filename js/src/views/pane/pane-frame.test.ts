import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Emulator } from "../../terminal/emulator";
import { PaneFrame } from "./pane-frame";

const page = vi.hoisted(() => ({ connected: () => {}, wide: false }));
vi.mock("./connected", () => ({
  onConnected: (_root: unknown, callback: () => void) => {
    page.connected = callback;
    return () => {};
  },
}));
vi.mock("../elements/shortcuts", () => ({ keepKeys: () => {} }));
vi.mock("../../terminal/theme", () => ({ readLook: () => ({}), watchTheme: () => () => {} }));
// It parses what is written, and draws nothing: there is no page.
vi.mock("../../terminal/emulator", async (original) => {
  const { Emulator: Real } = await original<{ Emulator: typeof Emulator }>();
  return {
    Emulator: class extends Real {
      override open(): void {}
      override applyLook(): void {}
      override roomForColumns = () => 80;
      override fitFrame(): void {}
      override observeLines(): void {}
    },
  };
});

/** What a frame uses of an element, in a page that shows it once `wide` is set. */
function fakeElement() {
  return {
    style: { setProperty: () => {} },
    classList: { toggle: () => {} },
    append: () => {},
    isConnected: true,
    closest: () => view,
    get clientWidth() {
      return page.wide ? 800 : 0;
    },
  };
}

/** The view around a frame, and what the page says of it. */
const view = { displayed: true, checkVisibility: () => view.displayed };
let say: (entries: { target: object; isIntersecting: boolean }[]) => void = () => {};

class SilentObserver {
  observe(): void {}
}

class SightObserver extends SilentObserver {
  constructor(callback: typeof say) {
    super();
    say = callback;
  }
}

beforeEach(() => {
  page.wide = false;
  vi.stubGlobal("document", { createElement: fakeElement });
  vi.stubGlobal("ResizeObserver", SilentObserver);
  vi.stubGlobal("IntersectionObserver", SightObserver);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The terminal's lines, as far as they are drawn. */
function linesOf(frame: PaneFrame): string[] {
  const buffer = frame.emulator.terminal.buffer.active;
  const rows = Array.from({ length: buffer.baseY + buffer.cursorY }, (_, row) => row);
  return rows.map((row) => buffer.getLine(row)?.translateToString(true) ?? "");
}

test("what was written before a frame can be seen is drawn as soon as it is opened", () => {
  const frame = new PaneFrame(false, 2);
  frame.emulator.terminal.write("a\nb\n");
  expect(linesOf(frame)).toEqual([]);
  page.wide = true;
  page.connected();
  expect(linesOf(frame)).toEqual(["a", "b"]);
});

test("a frame that what it draws opens draws nothing twice", async () => {
  const frame = new PaneFrame(false, 2);
  page.wide = true; // but nothing has said so yet
  await new Promise<void>((drawn) => {
    frame.emulator.terminal.write("a\nb\nc\n", () => {
      frame.rows = 3; // as a view does that is as high as its output
      setTimeout(drawn);
    });
  });
  expect(linesOf(frame)).toEqual(["a", "b", "c"]);
});

test("a frame sleeps while its view is displayed out of sight, and wakes when it comes into sight", () => {
  const frame = new PaneFrame(false, 2);
  let woken = 0;
  const wake = () => {
    woken += 1;
  };
  expect(frame.sleeps(wake)).toBe(false); // nothing is known yet
  page.connected();
  say([{ target: view, isIntersecting: false }]);
  expect([frame.sleeps(wake), frame.asleep, woken]).toEqual([true, true, 0]);
  say([{ target: frame.root, isIntersecting: false }]);
  expect(frame.asleep).toBe(true);
  say([{ target: view, isIntersecting: true }]);
  expect([frame.sleeps(wake), frame.asleep, woken]).toEqual([false, false, 1]);
});

test("a frame in a hidden tab stays as it is", () => {
  const frame = new PaneFrame(false, 2);
  const hide = () => {
    view.displayed = false;
    say([{ target: view, isIntersecting: false }]);
    view.displayed = true;
  };
  page.connected();
  hide();
  expect(frame.sleeps(() => {})).toBe(false);
  say([{ target: view, isIntersecting: false }]);
  expect(frame.sleeps(() => {})).toBe(true);
  hide();
  expect(frame.asleep).toBe(true);
});

test("all that sleeps in a frame is woken before it says so, once", () => {
  const frame = new PaneFrame(false, 2);
  const seen: string[] = [];
  frame.woken = () => seen.push(`woken, asleep: ${frame.asleep}`);
  page.connected();
  say([{ target: view, isIntersecting: false }]);
  for (const stream of ["stdout", "stderr"]) frame.sleeps(() => seen.push(stream));
  frame.wake();
  frame.wake();
  expect(seen).toEqual(["stdout", "stderr", "woken, asleep: false"]);
});
