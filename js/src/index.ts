// The bundle's entry, and the only module of it that knows widgets. It comes in one of two ways. As
// a file of the installed extension, which calls `open` (extension/loader.ts). Or, through anywidget,
// as the code of the hub widget: then the stubs of all other widgets wait for it behind a global
// symbol that only this kernel knows, and hand their `initialize` and `render` over to it. Nothing
// imports this module.

import { watchKernel } from "./kernel-watch";
import { DirectLink, placeOf } from "./model/direct-link";
import { type Facts, type KernelMessage, STDERR, STDOUT, type Status } from "./model/messages";
import { SESSION_UNKNOWN } from "./model/outcome";
import { PageCheck } from "./model/page-check/page-check";
import { Registry } from "./model/registry";
import { parseCast, type Recording } from "./model/replay/recording";
import { ReplayModel } from "./model/replay/replay-model";
import { fromBase64, unpack } from "./model/replay/unpack";
import { SessionModel } from "./model/session-model";
import { EventsModel } from "./model/watch/events-model";
import { FramesModel } from "./model/watch/frames-model";
import { StatsModel } from "./model/watch/stats-model";
import type { EventsNews, FramesNews, StatsNews, WatchStatus } from "./model/watch/watch-messages";
import { DetachView } from "./views/controls/detach-view";
import { type Draft, StdinView } from "./views/controls/stdin-view";
import { element } from "./views/elements/dom";
import { keepColours } from "./views/elements/page-colours";
import { PageCheckView } from "./views/page-check-view";
import { LAYOUTS, type Layout } from "./views/pane/view-settings";
import { PanePart } from "./views/panes/pane-part";
import { ReplayView } from "./views/replay/replay-view";
import { SessionView } from "./views/session-view";
import { EventsView } from "./views/watch/events-view";
import { FramesView } from "./views/watch/frames-view";
import { StatsView } from "./views/watch/stats-view";

declare const STYLE_SHEET: string;
/** The version in package.json. */
declare const VERSION: string;

/** Milliseconds after which a part says that its session is not there. */
const LATE_AFTER = 5000;

/** Milliseconds within which a front end closes the comms of a kernel that has ended. */
const SETTLE = 100;

/** What is used of a model here: ipywidgets' own has it, and anywidget's. */
interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
  readonly widget_manager?: object;
}

/** What draws a part. */
interface PartView {
  readonly root: HTMLElement;
  readonly draft?: Draft;
  adopt?(draft: Draft): void;
  focus?(): void;
  close(): void;
}

type CustomMessage = [content: KernelMessage, buffers: DataView[]];

/** The parts that are widgets of their own, with a comm. */
const WATCHES = ["stats", "events", "frames"];

interface Slot {
  promise: Promise<Bundle>;
  resolve: (bundle: Bundle) => void;
}

class Bundle {
  #hash: string;
  #extension: boolean;
  #registry = new Registry<SessionModel>();
  #checks = new Registry<PageCheck>();
  #watches = new Registry<StatsModel | EventsModel | FramesModel>();
  /** What each replay's widget has, read when it is first drawn. */
  #recordings = new WeakMap<WidgetModel, Promise<Recording>>();

  constructor(hash: string, extension: boolean) {
    this.#hash = hash;
    this.#extension = extension;
  }

  /** Make a session for its hidden widget. `early`: the messages that came before the bundle. */
  initialize(model: WidgetModel, early: CustomMessage[]): (() => void) | undefined {
    if (model.get("part") === "check") return this.#check(model);
    if (WATCHES.includes(model.get("part") as string)) return this.#watch(model);
    if (model.get("part") !== "session") return undefined;
    const uid = model.get("uid") as string;
    const comm = { send: (message: unknown) => model.send(message) };
    const receive = (...[content, buffers]: CustomMessage) =>
      session.receive(content, bytes(buffers?.[0]), doubles(buffers?.[1]));
    const place = placeOf(location, isSecureContext);
    const link = new DirectLink(comm, place, serverUrl(), receive, () => session.hello());
    const session = new SessionModel(link, model.get("status") as Status);
    const status = () => {
      session.status = model.get("status") as Status;
    };
    // Backbone's event for a comm that is there again, or is gone. The hello finds out which, once
    // the front end has closed its comms.
    const reconnected = () => {
      link.closeRelayed(); // it goes through the same server
      setTimeout(() => session.hello(), SETTLE);
    };
    model.on("msg:custom", receive);
    model.on("change:status", status);
    model.on("comm_live_update", reconnected);
    for (const message of early) receive(...message);
    this.#registry.add(owner(model), uid, session);
    session.hello();
    const unwatch = watchKernel(model.widget_manager, (end) => {
      session.kernelEnd = end;
    });
    return () => {
      model.off("msg:custom", receive);
      model.off("change:status", status);
      model.off("comm_live_update", reconnected);
      unwatch();
      this.#registry.remove(owner(model), uid, session);
      void link.close().then(() => session.close());
    };
  }

  /** Measure this page's way to the kernel. The kernel sends nothing unasked, so none is early. */
  #check(model: WidgetModel): () => void {
    const uid = model.get("uid") as string;
    const check = new PageCheck({
      comm: { send: (message: unknown) => model.send(message) },
      facts: model.get("facts") as Facts,
      front: { version: VERSION, hash: this.#hash, extension: this.#extension },
      place: placeOf(location, isSecureContext),
      server: serverUrl(),
    });
    const receive = (...[content]: CustomMessage) => check.receive(content);
    model.on("msg:custom", receive);
    this.#checks.add(owner(model), uid, check);
    return () => {
      model.off("msg:custom", receive);
      this.#checks.remove(owner(model), uid, check);
      check.close();
    };
  }

  /** Follow a live view's widget. The kernel sends nothing unasked, so no message is early. */
  #watch(model: WidgetModel): () => void {
    const uid = model.get("uid") as string;
    const port = { send: (message: unknown) => model.send(message) };
    const status = model.get("status") as WatchStatus;
    const kinds = { stats: StatsModel, events: EventsModel, frames: FramesModel };
    const watch = new kinds[model.get("part") as keyof typeof kinds](port, status);
    const receive = (content: unknown) =>
      watch.receive(content as StatsNews & EventsNews & FramesNews);
    const changed = () => {
      watch.status = model.get("status") as WatchStatus;
    };
    const reconnected = () => void setTimeout(() => watch.hello(), SETTLE);
    model.on("msg:custom", receive);
    model.on("change:status", changed);
    model.on("comm_live_update", reconnected);
    this.#watches.add(owner(model), uid, watch);
    watch.hello(); // a view that cannot be seen has something to show, too
    const unwatch = watchKernel(model.widget_manager, (end) => {
      watch.kernelGone = end !== "";
    });
    return () => {
      model.off("msg:custom", receive);
      model.off("change:status", changed);
      model.off("comm_live_update", reconnected);
      unwatch();
      this.#watches.remove(owner(model), uid, watch);
      watch.close();
    };
  }

  #renderWatch(model: WidgetModel, el: HTMLElement): () => void {
    let ended = false;
    let view: StatsView | EventsView | FramesView | undefined;
    void this.#watches.find(owner(model), model.get("uid") as string).then((watch) => {
      if (ended) return;
      if (watch instanceof StatsModel) view = new StatsView(watch);
      else if (watch instanceof FramesModel) view = new FramesView(watch);
      else view = new EventsView(watch);
      el.append(view.root);
    });
    return () => {
      ended = true;
      view?.close();
      view?.root.remove();
    };
  }

  /** Draw a replay. All it needs is in the widget's state: no kernel is asked. */
  #renderReplay(model: WidgetModel, el: HTMLElement): () => void {
    const waiting = element("div", "hj-waiting", {}, "reading the recording…");
    el.append(waiting);
    let recording = this.#recordings.get(model);
    if (!recording) {
      recording = unpack(fromBase64(model.get("recording") as string)).then(parseCast);
      this.#recordings.set(model, recording);
    }
    let ended = false;
    let view: ReplayView | undefined;
    const relayout = () => {
      if (view) view.layout = layoutOf(model);
    };
    model.on("change:arrangement", relayout);
    recording.then(
      (found) => {
        if (ended) return;
        waiting.remove();
        view = new ReplayView(new ReplayModel(found), {
          rows: model.get("rows") as number,
          layout: layoutOf(model),
          chosen: (layout) => choose(model, layout),
        });
        el.append(view.root);
      },
      () => {
        waiting.textContent = "The recording cannot be read.";
      },
    );
    return () => {
      ended = true;
      model.off("change:arrangement", relayout);
      view?.close();
      view?.root.remove();
    };
  }

  #renderCheck(model: WidgetModel, el: HTMLElement): () => void {
    let ended = false;
    let view: PageCheckView | undefined;
    void this.#checks.find(owner(model), model.get("uid") as string).then((check) => {
      if (ended) return;
      view = new PageCheckView(check);
      el.append(view.root);
      check.start(); // only now, because some checks are in no output any more
    });
    return () => {
      ended = true;
      view?.close();
      view?.root.remove();
    };
  }

  /** Draw a part, once its session is there. */
  render(model: WidgetModel, el: HTMLElement): (() => void) | undefined {
    const part = model.get("part") as string;
    if (part === "hub" || part === "session") return undefined;
    this.#addStyle(el);
    el.classList.add("hyper-jupyter", `hj-part-${part}`);
    const leavePage = keepColours(el);
    const remove = this.#renderPart(part, model, el);
    return () => {
      leavePage();
      remove();
    };
  }

  #renderPart(part: string, model: WidgetModel, el: HTMLElement): () => void {
    if (part === "check") return this.#renderCheck(model, el);
    if (part === "replay") return this.#renderReplay(model, el);
    if (WATCHES.includes(part)) return this.#renderWatch(model, el);
    const waiting = element("div", "hj-waiting", {}, "waiting for the session…");
    el.append(waiting);
    const late = setTimeout(() => {
      waiting.textContent = SESSION_UNKNOWN;
    }, LATE_AFTER);
    let view: PartView | undefined;
    let drawn = "";
    let ended = false;
    const draw = async () => {
      const uid = model.get("uid") as string;
      const session = await this.#registry.find(owner(model), uid);
      // Another change, or another call for the same uid, may have come first.
      if (ended || uid !== model.get("uid") || uid === drawn) return;
      drawn = uid;
      clearTimeout(late);
      waiting.remove();
      const rows = (model.get("rows") as number | undefined) ?? 14;
      view = replaceView(el, view, makeView(part, session, rows, model));
    };
    const redraw = () => void draw();
    const relayout = () => {
      if (view instanceof SessionView) view.layout = layoutOf(model);
    };
    model.on("change:arrangement", relayout);
    model.on("change:uid", redraw);
    // Not awaited, because a part whose session never comes must have a function to remove it, too.
    void draw();
    return () => {
      ended = true;
      clearTimeout(late);
      model.off("change:uid", redraw);
      model.off("change:arrangement", relayout);
      view?.close();
      view?.root.remove();
    };
  }

  #addStyle(el: HTMLElement): void {
    const root = el.getRootNode();
    const head = root instanceof ShadowRoot ? root : document.head;
    const id = `hyper-jupyter-${this.#hash}`;
    if (head.querySelector(`#${id}`)) return;
    head.append(element("style", "", { id, textContent: STYLE_SHEET }));
  }
}

/** The URL of this page's Jupyter server, for WebSockets. */
function serverUrl(): string {
  // JupyterLab and Notebook 7 have it in a script element, nbclassic and Voilà on the body.
  let base = document.body.dataset.baseUrl ?? "/";
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent;
    if (text) base = (JSON.parse(text) as { baseUrl?: string }).baseUrl ?? base;
  } catch {
    // The element is not Jupyter's.
  }
  return new URL(base, location.origin.replace(/^http/, "ws")).href;
}

function layoutOf(model: WidgetModel): Layout {
  const layout = model.get("arrangement");
  return LAYOUTS.find((known) => known === layout) ?? "split";
}

/** Keep the layout that the user has chosen, for all views. */
function choose(model: WidgetModel, layout: Layout): void {
  model.set("arrangement", layout);
  model.save_changes();
}

/** Replace a view by another one, which takes over the draft and the focus. */
function replaceView(el: HTMLElement, old: PartView | undefined, view: PartView): PartView {
  const focused = old?.root.contains((el.getRootNode() as Document).activeElement) ?? false;
  if (old) old.root.replaceWith(view.root);
  else el.append(view.root);
  const draft = old?.draft;
  if (draft) view.adopt?.(draft);
  old?.close();
  if (focused) view.focus?.();
  return view;
}

function makeView(part: string, session: SessionModel, rows: number, model: WidgetModel): PartView {
  switch (part) {
    case "view":
      return new SessionView(session, {
        rows,
        layout: layoutOf(model),
        chosen: (layout) => choose(model, layout),
      });
    case "stdout":
      return new PanePart(session, STDOUT, rows);
    case "stderr":
      return new PanePart(session, STDERR, rows);
    case "stdin":
      return new StdinView(session);
    case "detach":
      return new DetachView(session);
    default:
      throw new Error(`hyper_jupyter has no part "${part}"`);
  }
}

const NO_MANAGER = {};

function owner(model: WidgetModel): object {
  return model.widget_manager ?? NO_MANAGER;
}

function bytes(view: DataView | undefined): Uint8Array {
  return view
    ? new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
    : new Uint8Array();
}

/** Copy the data, because what comes over the wire is not aligned. */
function doubles(view: DataView | undefined): Float64Array {
  return view ? new Float64Array(bytes(view).slice().buffer) : new Float64Array();
}

/** Make the bundle for the extension, once per page. */
export function open(hash: string): Bundle {
  return new Bundle(hash, true);
}

/** anywidget's module of the hub. */
export default {
  initialize({ model }: { model: WidgetModel }) {
    const hash = model.get("bundle") as string;
    const slots = globalThis as unknown as Record<symbol, Slot | undefined>;
    const key = Symbol.for(`hyper_jupyter:${model.get("key") as string}`);
    let slot = slots[key];
    if (!slot) {
      let resolve: Slot["resolve"] = () => {};
      const promise = new Promise<Bundle>((settle) => {
        resolve = settle;
      });
      slot = { promise, resolve };
      slots[key] = slot;
    }
    // The key is the kernel's own: each kernel of a page has its own bundle, from its own package.
    slot.resolve(new Bundle(hash, false));
  },
};
