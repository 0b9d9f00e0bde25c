import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PageMessage, Status } from "../model/messages";
import { SessionModel } from "../model/session-model";
import { RESIZE_DELAY, type Sized, TerminalSize } from "./terminal-size";

/** Stands for the element: its size and its listeners. */
class Frame extends EventTarget {
  isConnected = true;
  clientWidth = 400;
  clientHeight = 200;
}

class Terminal implements Sized {
  rows = 14;
  cols = 80;

  resize(cols: number, rows: number): void {
    this.cols = cols;
    this.rows = rows;
  }
}

const STATUS = {
  tty: true,
  state: "attached",
  controls: { stdin: "" },
  totals: { "1": 0, "2": 0 },
  size: null,
  size_owner: null,
  revision: 0,
} as unknown as Status;

let sent: PageMessage[];
let model: SessionModel;
let frame: Frame;
let terminal: Terminal;
let size: TerminalSize;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  model = new SessionModel({ send: (message) => sent.push(message) }, STATUS);
  frame = new Frame();
  terminal = new Terminal();
  size = new TerminalSize(terminal, model, frame as unknown as HTMLElement, () => {});
});

afterEach(() => {
  vi.useRealTimers();
});

test("a pane that is being dragged reports its size once, at the end", () => {
  for (const cols of [81, 82, 83]) {
    size.offer(14, cols);
    expect(terminal.cols).toBe(cols);
    vi.advanceTimersByTime(RESIZE_DELAY - 50);
  }
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(sent).toMatchObject([{ type: "resize", rows: 14, cols: 83, claim: false }]);
});

test("a pane that cannot be seen has no size", () => {
  frame.clientWidth = 0;
  size.offer(14, 2);
  frame.clientWidth = 400;
  size.offer(14, 90);
  frame.clientHeight = 0;
  vi.advanceTimersByTime(RESIZE_DELAY);
  expect(sent).toEqual([]);
  expect(terminal.cols).toBe(90);
});

test("a terminal is as large as the view that decides, until it is focused itself", () => {
  size.offer(14, 90);
  vi.advanceTimersByTime(RESIZE_DELAY);
  model.status = { ...STATUS, size: [30, 120], size_owner: ["another", 1] };
  expect([terminal.rows, terminal.cols]).toEqual([30, 120]);
  expect(size.borrowed).toBe(true);
  frame.dispatchEvent(new Event("focusin"));
  expect(sent.at(-1)).toMatchObject({ rows: 14, cols: 90, claim: true });
  model.status = { ...STATUS, size: [30, 120], size_owner: [model.page, 1] };
  expect([terminal.rows, terminal.cols]).toEqual([14, 90]);
  expect(size.borrowed).toBe(false);
});

test("a view that is made later begins with the size that is set", () => {
  model.status = { ...STATUS, size: [30, 120], size_owner: ["gone", 1] };
  const later = new Terminal();
  new TerminalSize(later, model, frame as unknown as HTMLElement, () => {});
  expect([later.rows, later.cols]).toEqual([30, 120]);
});

test("a size is not reported to a container that has ended", () => {
  size.offer(14, 90);
  model.status = { ...STATUS, state: "exited" };
  vi.advanceTimersByTime(RESIZE_DELAY);
  expect(sent).toEqual([]);
});

test("output that keeps coming does not delay the report of a size", () => {
  size.offer(14, 90);
  for (let n = 0; n < 20; n += 1) {
    model.status = { ...STATUS, revision: n };
    vi.advanceTimersByTime(20);
  }
  expect(sent).toMatchObject([{ cols: 90 }]);
});

test("a size is reported when a session is attached later", () => {
  model.status = { ...STATUS, state: "connecting" };
  size.offer(14, 90);
  vi.advanceTimersByTime(RESIZE_DELAY);
  expect(sent).toEqual([]);
  model.status = STATUS;
  vi.advanceTimersByTime(RESIZE_DELAY);
  expect(sent).toMatchObject([{ cols: 90 }]);
});

test("a view that is closed is reported as gone", () => {
  size.offer(14, 90);
  vi.advanceTimersByTime(RESIZE_DELAY);
  size.close();
  expect(sent.at(-1)).toMatchObject({ view: 1, rows: 0 });
});
