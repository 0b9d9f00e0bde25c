import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bench, STATUS } from "./session-bench";
import { WELCOME_WITHIN } from "./session-model";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("without a kernel every control is off with the reason", () => {
  const { port, model } = bench();
  port.broken = true;
  model.hello();
  const { leave, kernel_end: _, ...reasons } = model.status.controls;
  expect(leave).toBe("");
  expect(new Set(Object.values(reasons))).toEqual(new Set(["the kernel was restarted"]));
  expect(Object.keys(reasons)).toHaveLength(7);
});

test("a status that does not come though an output speaks of it is asked for", () => {
  const { port, model, output, welcome } = bench();
  model.hello();
  welcome();
  output(1, 0, "abc", { revision: 1 });
  model.status = { ...STATUS, revision: 1 };
  vi.advanceTimersByTime(2000);
  expect(port.of("hello").length).toBe(1);
  output(1, 3, "def", { revision: 2 });
  vi.advanceTimersByTime(2000);
  expect(port.of("hello").at(-1)).toMatchObject({ revision: 1, turn: 2 });
});

test("a hello that cannot be sent turns everything off, until one can", async () => {
  const { port, model } = bench();
  const answer = model.input("ls");
  port.broken = true;
  model.hello();
  expect(await answer).toBe("the kernel was restarted");
  expect(model.status.controls.stdin).toBe("the kernel was restarted");
  expect(model.kernelEnd).toBe("restarted");
  port.broken = false;
  model.hello();
  expect(model.status.controls.stdin).toBe("");
  expect(model.kernelEnd).toBe("");
});

test("the first hello goes with the first view, once", () => {
  const { port, model, welcome } = bench();
  model.begin();
  expect(port.of("hello").length).toBe(0);
  model.shown();
  expect(port.of("hello").length).toBe(1);
  welcome();
  model.shown();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").length).toBe(1);
});

test("without a view the first hello goes soon, and is repeated as any other", () => {
  const { port, model, welcome } = bench();
  model.begin();
  vi.advanceTimersByTime(50);
  expect(port.of("hello").length).toBe(1);
  vi.advanceTimersByTime(250);
  expect(port.of("hello").length).toBe(2);
  welcome();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").length).toBe(2);
});

test("a session that is closed before its hello says none", () => {
  const { port, model } = bench();
  model.begin();
  model.close();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").length).toBe(0);
});

test("a greeting is drawn, and what comes again after the hello is not", () => {
  const { port, model, output, welcome, attach } = bench();
  const view = attach(1);
  output(1, 0, "abc", { page: "" });
  model.hello();
  welcome({ "1": 5, "2": 0 });
  output(1, 0, "abcde");
  expect(view.events).toEqual(["abc", "de"]);
  expect(port.of("hello").length).toBe(1);
});

test("the first hello is repeated until it is answered, a few times", () => {
  const { port, model } = bench();
  model.hello();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").map((message) => "turn" in message && message.turn)).toEqual([
    1, 2, 3, 4, 5, 6, 7,
  ]);
});

test("an answered hello is not repeated", () => {
  const { port, model, welcome } = bench();
  model.hello();
  welcome();
  vi.advanceTimersByTime(60_000);
  expect(port.of("hello").length).toBe(1);
});

test("a page says when no kernel answers its hello", () => {
  const { model, welcome } = bench();
  model.hello();
  expect(model.unanswered).toBe(false);
  vi.advanceTimersByTime(WELCOME_WITHIN);
  expect(model.unanswered).toBe(true);
  welcome({ "1": 5, "2": 0 });
  expect(model.unanswered).toBe(false);
  expect(model.total(1)).toBe(5);
});

test("a closed model tells its views, and answers waiting requests", async () => {
  const { model } = bench();
  const states: string[] = [];
  model.onChange(() => states.push(model.status.controls.stdin));
  const answer = model.input("ls");
  model.close();
  expect(states.at(-1)).toBe("the session is closed");
  expect(await answer).toBe("the session is closed");
});

test("a closed model is attached no longer, though its session may be", () => {
  const { model } = bench();
  const states: string[] = [];
  model.onChange(() => states.push(model.status.state));
  model.close();
  expect(states.at(-1)).toBe("detached");
  expect(model.status.state).toBe("detached");
});

test("a closed model of a session that had ended says how", () => {
  const { model } = bench();
  model.status = { ...STATUS, state: "exited", exit_code: 3 };
  model.close();
  expect(model.status).toMatchObject({ state: "exited", exit_code: 3 });
});

test("a closed model neither sends nor shows", () => {
  const { port, model, output, attach } = bench();
  const sink = attach(1);
  output(1, 0, "abc");
  sink.open[0]?.();
  model.close();
  vi.advanceTimersByTime(1000);
  output(1, 3, "def");
  expect(port.sent).toEqual([]);
  expect(sink.events).toEqual(["abc"]);
});

test("a page has heard from the kernel with the first message that is for it", () => {
  const { model, output } = bench();
  expect(model.heard).toBe(false);
  output(1, 0, "for another", { page: "another" });
  expect(model.heard).toBe(false);
  output(1, 0, "for all that were never answered", { page: "" });
  expect(model.heard).toBe(true);
});

test("a page that never hears anything tells its views", () => {
  const { model } = bench();
  const changed = vi.fn();
  model.onChange(changed);
  model.hello();
  vi.advanceTimersByTime(2 * WELCOME_WITHIN);
  expect(model.heard).toBe(false);
  expect(model.unanswered).toBe(true);
  expect(changed).toHaveBeenCalled();
});

test("a page says which history it has, and asks again when there is another one", () => {
  const { port, model, welcome } = bench();
  const joints = { "1": "", "2": "", both: "" };
  const history = { type: "history", page: model.page, number: 1, lines: [], left_out: 0, joints };
  model.status = { ...STATUS, history: 1 };
  expect(model.awaitsHistory).toBe(true);
  model.hello();
  welcome();
  expect(port.of("hello")).toMatchObject([{ history: 0 }]);
  vi.advanceTimersByTime(WELCOME_WITHIN);
  expect(port.of("hello").at(-1)).toMatchObject({ history: 0, turn: 2 });
  let changes = 0;
  model.onChange(() => {
    changes += 1;
  });
  model.receive(history as never, new Uint8Array());
  expect([model.awaitsHistory, model.history?.number, changes]).toEqual([false, 1, 1]);
  model.status = { ...STATUS, history: 2 };
  expect(port.of("hello").at(-1)).toMatchObject({ history: 1, turn: 3 });
  model.receive({ ...history, number: 2 } as never, new Uint8Array());
  model.receive(history as never, new Uint8Array());
  expect(model.history?.number).toBe(2);
});
