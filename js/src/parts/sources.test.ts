import { afterEach, expect, test, vi } from "vitest";
import { evaluate, FilesBeside, FromHub } from "./sources";
import type { WidgetModel } from "./widget-model";

/** A hub's widget without a kernel. */
class Hub {
  state: Record<string, unknown> = {};
  sent: unknown[] = [];
  #callbacks = new Map<string, Set<() => void>>();

  get(name: string): unknown {
    return this.state[name];
  }

  on(name: string, callback: () => void): void {
    const found = this.#callbacks.get(name) ?? new Set();
    this.#callbacks.set(name, found.add(callback));
  }

  send(content: unknown): void {
    this.sent.push(content);
  }

  fire(name: string): void {
    for (const callback of this.#callbacks.get(name) ?? []) callback();
  }

  /** The kernel sets a trait. */
  set(name: string, value: unknown): void {
    this.state[name] = value;
    this.fire(`change:${name}`);
  }
}

const CODE = '/* Licences */\nexport default{build:"b",make(require){return require("x")}};\n';
const ASKED = { type: "second", name: "one" };

function source(hub: Hub): FromHub {
  return new FromHub(hub as unknown as WidgetModel);
}

afterEach(() => vi.unstubAllGlobals());

test("what the hub has is not asked for: a saved state plays without a kernel", async () => {
  const hub = new Hub();
  hub.state.second_one = CODE;
  const module = await source(hub).fetch("one");
  expect(module.build).toBe("b");
  expect(hub.sent).toEqual([]);
});

test("what the hub has not is asked for", async () => {
  const hub = new Hub();
  const fetched = source(hub).fetch("one");
  expect(hub.sent).toEqual([ASKED]);
  hub.set("second_one", CODE);
  expect((await fetched).build).toBe("b");
});

test("it is asked for again after the connection came back, and of a new hub", async () => {
  const hub = new Hub();
  const files = source(hub);
  const fetched = files.fetch("one");
  hub.fire("comm_live_update");
  expect(hub.sent).toEqual([ASKED, ASKED]);
  const next = new Hub();
  files.hub = next as unknown as WidgetModel;
  expect(next.sent).toEqual([ASKED]);
  next.set("second_one", CODE);
  expect((await fetched).build).toBe("b");
  hub.fire("comm_live_update");
  expect(hub.sent).toHaveLength(2);
});

test("where a policy blocks code from blob: addresses, another way is tried", async () => {
  // Node does not import from them either.
  const module = await evaluate(CODE);
  const given = {};
  expect(module.make(() => given)).toBe(given);
});

test("where a policy blocks both, the line says what to allow", async () => {
  vi.stubGlobal("Function", () => {
    throw new EvalError("blocked");
  });
  await expect(evaluate(CODE)).rejects.toThrow(
    /^The code for this cannot be run: .*blob: .*reload this page\.$/s,
  );
});

test("a file that the server does not have is named", async () => {
  const files = new FilesBeside("http://127.0.0.1:1/lab/static/bundle.js?v=1", "b");
  await expect(files.fetch("one")).rejects.toThrow(
    "Check that the server has /lab/static/second/one.js, and reload this page.",
  );
});
