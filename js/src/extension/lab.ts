// The extension of JupyterLab, Notebook 7 and Voilà: a module federation container, as these load
// them (https://webpack.js.org/concepts/module-federation), without the tool that usually writes
// one. It has one plugin, which registers our widget classes, and lends them places in the front
// end's window.

import { type Application, makeFileOpener } from "./file-opener";
import type { Base, Constructor } from "./jupyter";
import { LabPlaces, type LuminoWidget, type Shell } from "./lab-places";
import { load, loadEarly } from "./loader";
import { type Documents, preload } from "./preload";
import { INTERFACE, MODULE, widgetClasses } from "./widget";

declare const HASH: string;

/** One version of a shared module. */
interface Shared {
  get(): Promise<() => unknown>;
  /** Whether it is in use; a page has one copy of a module like this. */
  readonly loaded?: unknown;
}

type Scope = Record<string, Record<string, Shared> | undefined>;

/** The module of the front end's own widgets. */
interface Lumino {
  readonly Widget: Constructor<LuminoWidget>;
}

interface Registry {
  registerWidget(widget: { name: string; version: string; exports: unknown }): void;
}

const BASE = "@jupyter-widgets/base";

// Known only while this script runs first.
const here = (document.currentScript as HTMLScriptElement).src;
let scope: Scope = {};

/** The page's copy of a shared module: the one in use, or else the newest; undefined if it has none. */
async function shared(name: string): Promise<unknown> {
  const versions = Object.entries(scope[name] ?? {});
  const order = new Intl.Collator("en", { numeric: true });
  versions.sort(([left], [right]) => order.compare(right, left));
  const found = versions.find(([, version]) => version.loaded) ?? versions[0];
  return found && (await found[1].get())();
}

async function plugin(): Promise<object> {
  const base = (await shared(BASE)) as Base | undefined;
  if (!base) throw new Error(`hyper_jupyter: this page has no ${BASE}; install ipywidgets`);
  const lumino = (await shared("@lumino/widgets")) as Lumino | undefined;
  const url = new URL(`bundle.js?v=${HASH}`, here).href;
  return {
    id: "hyper_jupyter:plugin",
    description: "Panes of containers in notebooks.",
    requires: [base.IJupyterWidgetRegistry],
    autoStart: true,
    activate: (
      app: Application & { shell?: Shell; docRegistry?: Documents },
      registry: Registry,
    ) => {
      const { shell } = app;
      preload(app.docRegistry, () => void loadEarly(url));
      const opener = makeFileOpener(app);
      const places = shell && lumino && new LabPlaces(shell, lumino.Widget);
      registry.registerWidget({
        name: MODULE,
        version: INTERFACE,
        exports: widgetClasses(base, () => load(url, HASH, opener), places),
      });
    },
  };
}

const container = {
  init(offered: Scope): void {
    scope = offered;
  },
  async get(module: string): Promise<() => object> {
    if (module !== "./extension") throw new Error(`hyper_jupyter has no module ${module}`);
    const made = { __esModule: true, default: await plugin() };
    return () => made;
  },
};

const containers = globalThis as { _JUPYTERLAB?: Record<string, typeof container> };
containers._JUPYTERLAB ??= {};
containers._JUPYTERLAB.hyper_jupyter = container;
