import { afterEach, beforeEach, expect, test, vi } from "vitest";

interface Plugin {
  id: string;
  requires: unknown[];
  autoStart: boolean;
  activate(app: unknown, registry: { registerWidget(widget: unknown): void }): void;
}

interface Container {
  init(scope: object): void;
  get(module: string): Promise<() => { __esModule: boolean; default: Plugin }>;
}

const BASE = "@jupyter-widgets/base";
let container: Container;

/** One version of the shared module, which has that version as the token of its registry. */
function version(token: string, loaded?: true) {
  const base = { IJupyterWidgetRegistry: token, DOMWidgetModel: class {}, DOMWidgetView: class {} };
  return { get: () => Promise.resolve(() => base), ...(loaded ? { loaded } : {}) };
}

async function plugin(versions: Record<string, object>): Promise<Plugin> {
  container.init({ [BASE]: versions });
  return (await container.get("./extension"))().default;
}

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal("HASH", "f00d");
  vi.stubGlobal("VERSION", "1.2.3");
  vi.stubGlobal("document", { currentScript: { src: "https://lab.example/lab/ext/remote.js" } });
  vi.stubGlobal("_JUPYTERLAB", { another: "extension" });
  await import("./lab");
  const page = globalThis as unknown as { _JUPYTERLAB: Record<string, Container> };
  expect(page._JUPYTERLAB.another).toBe("extension");
  container = page._JUPYTERLAB.hyper_jupyter as Container;
});

afterEach(() => vi.unstubAllGlobals());

test("the plugin registers our classes under their own version and loads nothing", async () => {
  const { requires, autoStart, activate, id } = await plugin({ "6.0.0": version("token") });
  expect([id, autoStart, requires]).toEqual(["hyper_jupyter:plugin", true, ["token"]]);
  const registered: { name: string; version: string; exports: object }[] = [];
  activate({}, { registerWidget: (widget) => registered.push(widget as (typeof registered)[0]) });
  expect(registered).toHaveLength(1);
  expect(registered[0]).toMatchObject({ name: "_hyper_jupyter", version: "1.0.0" });
  expect(Object.keys(registered[0]?.exports ?? {})).toEqual(["PartModel", "PartView"]);
});

test("of several copies of a module the newest is taken, by number", async () => {
  const versions = { "6.0.9": version("old"), "6.0.10": version("new"), "5.1.0": version("older") };
  expect((await plugin(versions)).requires).toEqual(["new"]);
});

test("the copy that is in use goes before a newer one", async () => {
  const versions = { "6.0.1": version("in use", true), "6.0.2": version("newer") };
  expect((await plugin(versions)).requires).toEqual(["in use"]);
});

test("a front end with a window of its own lends its places to the views", async () => {
  const calls: unknown[][] = [];
  const rendered = new Promise<void>((settle) => {
    vi.doMock("./loader", async (original) => ({
      ...(await original<object>()),
      load: async () => ({
        initialize: () => {},
        render: (...args: unknown[]) => {
          calls.push(args);
          settle();
        },
      }),
    }));
  });
  vi.resetModules();
  vi.stubGlobal("document", {
    currentScript: { src: "https://lab.example/lab/ext/remote.js" },
    createElement: () => ({ remove: () => {} }),
  });
  await import("./lab");
  const page = globalThis as unknown as { _JUPYTERLAB: Record<string, Container> };
  container = page._JUPYTERLAB.hyper_jupyter as Container;
  const model = { get: () => "1.2.3" };
  class View {
    model = model;
    el = "el";
    render(): void {}
  }
  const base = { IJupyterWidgetRegistry: "token", DOMWidgetModel: class {}, DOMWidgetView: View };
  const offered = (module: object) => ({ "1.0.0": { get: async () => () => module } });
  container.init({ [BASE]: offered(base), "@lumino/widgets": offered({ Widget: class {} }) });
  const { activate } = (await container.get("./extension"))().default;
  let exports: { PartView: new () => View } | undefined;
  const registerWidget = (widget: unknown) => {
    exports = (widget as { exports: typeof exports }).exports;
  };
  activate({ shell: { mode: "multiple-document" } }, { registerWidget });
  if (exports) new exports.PartView().render();
  await rendered;
  vi.doUnmock("./loader");
  const [[seen, el, places]] = calls as [[unknown, unknown, { lacks(area: string): string }]];
  expect([seen, el, places.lacks("tab")]).toEqual([model, "el", ""]);
  expect(places.lacks("panel")).toContain("this page has no side panel");
});

test("a page without ipywidgets says what to install", async () => {
  container.init({});
  await expect(container.get("./extension")).rejects.toThrow(/no @jupyter-widgets\/base; install/);
  await expect(container.get("./style")).rejects.toThrow(/has no module .\/style/);
});
