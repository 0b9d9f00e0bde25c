import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Base, WidgetModel } from "./jupyter";
import { type Bundle, LATE_AFTER, NOT_YET } from "./loader";
import { widgetClasses } from "./widget";

const VERSION = "1.2.3";

/** An element: the texts of what was appended. */
class Element {
  textContent = "";
  children: Element[] = [];
  parent: Element | undefined;

  append(child: Element): void {
    child.remove();
    child.parent = this;
    this.children.push(child);
  }

  remove(): void {
    if (this.parent) this.parent.children = this.parent.children.filter((each) => each !== this);
    this.parent = undefined;
  }

  get lines(): string[] {
    return this.children.map((child) => child.textContent);
  }
}

/** ipywidgets' model: Backbone's events, a state, and what was saved of it. */
class Model {
  saved: Record<string, unknown>[] = [];
  readonly state: Record<string, unknown>;
  readonly listeners: [string, (...args: unknown[]) => void][] = [];

  constructor(state: Record<string, unknown>) {
    this.state = { version: VERSION, ...state };
    this.listeners = [];
    this.saved = [];
    this.initialize({}, {});
  }

  initialize(_attributes: unknown, _options: unknown): void {}
  get(name: string): unknown {
    return this.state[name];
  }
  set(name: string, value: unknown): void {
    this.state[name] = value;
  }
  save_changes(): void {
    this.saved.push({ ...this.state });
  }
  send(): void {}
  on(name: string, callback: (...args: unknown[]) => void): void {
    this.listeners.push([name, callback]);
  }
  once(name: string, callback: () => void): void {
    this.on(name, callback);
  }
  off(name: string, callback: (...args: unknown[]) => void): void {
    const index = this.listeners.findIndex((each) => each[0] === name && each[1] === callback);
    if (index >= 0) this.listeners.splice(index, 1);
  }
  trigger(name: string, ...args: unknown[]): void {
    for (const [each, callback] of [...this.listeners]) if (each === name) callback(...args);
  }
}

class View {
  readonly model: WidgetModel;
  readonly el = new Element();
  removed = false;

  constructor({ model }: { model: WidgetModel }) {
    this.model = model;
  }
  render(): void {}
  remove(): void {
    this.removed = true;
  }
}

/** A bundle that lists what is done with it. */
class Recorded {
  calls: unknown[] = [];
  initialize = (model: WidgetModel, early: never[]) => {
    this.calls.push(["initialize", model.get("part"), [...early]]);
    return () => this.calls.push(["end", model.get("part")]);
  };
  render = (model: WidgetModel, el: HTMLElement) => {
    this.calls.push(["render", model.get("part"), (el as unknown as Element).lines]);
    return () => this.calls.push(["removed", model.get("part")]);
  };
}

const BASE = { DOMWidgetModel: Model, DOMWidgetView: View } as unknown as Base;

let bundle: Recorded;
let loads: number;
let arrive: () => void;
let fail: (message: string) => void;

function classes() {
  return widgetClasses(BASE, () => {
    loads += 1;
    return new Promise<Bundle<WidgetModel>>((resolve, reject) => {
      arrive = () => resolve(bundle as unknown as Bundle<WidgetModel>);
      fail = (message) => reject(new Error(message));
    });
  }) as unknown as {
    PartModel: new (state: Record<string, unknown>) => Model;
    PartView: new (options: { model: Model }) => View;
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

beforeEach(() => {
  bundle = new Recorded();
  loads = 0;
  vi.useFakeTimers();
  vi.stubGlobal("VERSION", VERSION);
  vi.stubGlobal("document", { createElement: () => new Element() });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the bundle is loaded with the first model, once for all", async () => {
  const { PartModel } = classes();
  expect(loads).toBe(0);
  new PartModel({ part: "session" });
  new PartModel({ part: "view" });
  expect(loads).toBe(1);
  arrive();
  await settled();
  expect(bundle.calls).toEqual([
    ["initialize", "session", []],
    ["initialize", "view", []],
  ]);
});

test("messages that come before the bundle are handed over", async () => {
  const { PartModel } = classes();
  const model = new PartModel({ part: "session" });
  model.trigger("msg:custom", { type: "output" }, ["buffer"]);
  arrive();
  await settled();
  expect(bundle.calls).toEqual([["initialize", "session", [[{ type: "output" }, ["buffer"]]]]]);
  expect(model.listeners.map(([name]) => name)).toEqual(["destroy"]);
});

test("a model that goes ends, whether the bundle came before or not", async () => {
  const { PartModel } = classes();
  const gone = new PartModel({ part: "gone" });
  const model = new PartModel({ part: "session" });
  gone.trigger("destroy");
  arrive();
  await settled();
  model.trigger("destroy");
  expect(bundle.calls).toEqual([
    ["initialize", "session", []],
    ["end", "session"],
  ]);
});

test("the answer to the kernel waits for the message that a view is shown", () => {
  const { PartModel } = classes();
  const model = new PartModel({ part: "view" });
  expect(model.state.front).toEqual({ version: VERSION, error: "" });
  expect(model.saved).toEqual([]);
});

test("a view is drawn when the bundle is there, and removed with it", async () => {
  const { PartModel, PartView } = classes();
  const view = new PartView({ model: new PartModel({ part: "view" }) });
  view.render();
  arrive();
  await settled();
  expect(bundle.calls[1]).toEqual(["render", "view", []]);
  view.remove();
  expect(bundle.calls[2]).toEqual(["removed", "view"]);
  expect(view.removed).toBe(true);
});

test("a view that is removed before the bundle comes is never drawn", async () => {
  const { PartModel, PartView } = classes();
  const view = new PartView({ model: new PartModel({ part: "view" }) });
  view.render();
  view.remove();
  vi.advanceTimersByTime(LATE_AFTER);
  arrive();
  await settled();
  expect(bundle.calls).toEqual([["initialize", "view", []]]);
  expect(view.el.lines).toEqual([]);
});

test("after five seconds without the bundle there is a line, until it comes", async () => {
  const { PartModel, PartView } = classes();
  const view = new PartView({ model: new PartModel({ part: "view" }) });
  view.render();
  vi.advanceTimersByTime(LATE_AFTER - 1);
  expect(view.el.lines).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(LATE_AFTER).toBe(5000);
  expect(view.el.lines).toEqual([NOT_YET]);
  arrive();
  await settled();
  expect(bundle.calls[1]).toEqual(["render", "view", []]);
});

test("why it cannot be loaded is said in the view and to the kernel", async () => {
  const { PartModel, PartView } = classes();
  const model = new PartModel({ part: "view" });
  const view = new PartView({ model });
  view.render();
  fail("blocked by policy");
  await settled();
  vi.advanceTimersByTime(LATE_AFTER);
  expect(view.el.lines).toEqual(["blocked by policy"]);
  expect(model.saved.at(-1)?.front).toEqual({ version: VERSION, error: "blocked by policy" });
});

test("a later view tries again, for all that wait", async () => {
  const { PartModel, PartView } = classes();
  const session = new PartModel({ part: "session" });
  const shown = new PartModel({ part: "view" });
  const view = new PartView({ model: shown });
  view.render();
  const gone = new PartModel({ part: "gone" });
  const removed = new PartView({ model: gone });
  removed.render();
  fail("offline");
  await settled();
  removed.remove();
  gone.trigger("destroy");
  session.trigger("msg:custom", { type: "output" });
  new PartView({ model: shown }).render();
  expect(loads).toBe(2);
  arrive();
  await settled();
  expect(bundle.calls).toEqual([
    ["initialize", "session", [[{ type: "output" }]]],
    ["initialize", "view", []],
    ["render", "view", []],
    ["render", "view", []],
  ]);
  expect(view.el.lines).toEqual([]);
  expect(session.state.front).toEqual({ version: VERSION, error: "" });
});

test("a kernel of another version gets the answer at once, and a line instead of the view", () => {
  const { PartModel, PartView } = classes();
  const model = new PartModel({ part: "view", version: "1.3.0" });
  const view = new PartView({ model });
  view.render();
  expect(loads).toBe(0);
  expect(view.el.lines[0]).toContain("The kernel has hyper_jupyter 1.3.0");
  expect(model.saved.map((state) => state.front)).toEqual([{ version: VERSION, error: "" }]);
  model.set("notice", "Run this.");
  model.trigger("change:notice");
  expect(view.el.lines).toEqual(["Run this."]);
  view.remove();
  expect(model.listeners).toEqual([]);
});
