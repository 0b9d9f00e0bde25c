// The core's entry: the parts of a session, and where the code of all others comes from. With parts/
// it is all that knows widgets. It comes in one of two ways. As a file of the installed extension,
// which calls `open` (extension/loader.ts). Or, through anywidget, as the code of the hub widget: then
// the stubs of all other widgets wait for it behind a global symbol that only this kernel knows, and
// hand their `initialize` and `render` over to it. Nothing imports this module.

import { CORE } from "hyper-jupyter:core";
import { watchKernel } from "./kernel-watch";
import { DirectLink, placeOf } from "./model/direct-link";
import { STDERR, STDOUT, type Status } from "./model/messages";
import { NudgingPort } from "./model/nudging-port";
import { SESSION_UNKNOWN } from "./model/outcome";
import { Registry } from "./model/registry";
import { second } from "./model/second-modules";
import { SessionModel } from "./model/session-model";
import { serverUrl } from "./parts/page";
import { type Core, initializeLater, renderLater, secondModule } from "./parts/second-part";
import { FilesBeside, FromHub } from "./parts/sources";
import {
  type CustomMessage,
  choose,
  choosePlace,
  isChoosing,
  layoutOf,
  owner,
  SETTLE,
  type WidgetModel,
  placeOf as wishOf,
} from "./parts/widget-model";
import { prepareTerminal } from "./terminal/spare-terminal";
import { DetachView } from "./views/controls/detach-view";
import { type Draft, StdinView } from "./views/controls/stdin-view";
import { element } from "./views/elements/dom";
import { type FileOpener, useFileOpener } from "./views/elements/file-opener";
import { keepColours } from "./views/elements/page-colours";
import { addStyle } from "./views/elements/style";
import { PanePart } from "./views/panes/pane-part";
import type { PlaceHost } from "./views/place/place-host";
import { SessionView } from "./views/session-view";

declare const BUILD: string;
declare const STYLE_SHEET: string;
declare const VERSION: string;

/** Milliseconds after which a part says that its session is not there. */
const LATE_AFTER = 5000;

/** What draws a part. */
interface PartView {
  readonly root: HTMLElement;
  readonly draft?: Draft;
  adopt?(draft: Draft): void;
  focus?(): void;
  /** Go back to its cell, if it is not there. */
  leave?(): void;
  close(): void;
}

interface Slot {
  promise: Promise<Bundle>;
  resolve: (bundle: Bundle) => void;
  hub?: FromHub;
}

class Bundle {
  #core: Core;
  #registry = new Registry<SessionModel>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Make a session for its hidden widget. `early`: the messages that came before the bundle. */
  initialize(model: WidgetModel, early: CustomMessage[]): (() => void) | undefined {
    const part = model.get("part") as string;
    const module = secondModule(part);
    if (module) return initializeLater(module, model, this.#core);
    if (part !== "session") return undefined;
    const uid = model.get("uid") as string;
    const comm = new NudgingPort({ send: (message) => model.send(message) });
    const receive = (...[content, buffers]: CustomMessage) => {
      comm.heard();
      session.receive(content, bytes(buffers?.[0]), doubles(buffers?.[1]));
    };
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
    session.begin();
    const unwatch = watchKernel(model.widget_manager, (end) => {
      session.kernelEnd = end;
    });
    return () => {
      comm.heard();
      model.off("msg:custom", receive);
      model.off("change:status", status);
      model.off("comm_live_update", reconnected);
      unwatch();
      this.#registry.remove(owner(model), uid, session);
      void link.close().then(() => session.close());
    };
  }

  /** Draw a part, once its session is there. `places`: what the front end lends, if it does. */
  render(model: WidgetModel, el: HTMLElement, places?: PlaceHost): (() => void) | undefined {
    const part = model.get("part") as string;
    if (part === "hub" || part === "session") return undefined;
    addStyle(el, this.#core.hash, STYLE_SHEET);
    el.classList.add("hyper-jupyter", `hj-part-${part}`);
    const leavePage = keepColours(el);
    const remove = this.#renderPart(part, model, el, places);
    return () => {
      leavePage();
      remove();
    };
  }

  #renderPart(
    part: string,
    model: WidgetModel,
    el: HTMLElement,
    places: PlaceHost | undefined,
  ): () => void {
    const module = secondModule(part);
    if (module) return renderLater(module, model, el);
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
      await myTurn();
      // Another change, or another call for the same uid, may have come first.
      if (ended || uid !== model.get("uid") || uid === drawn) return;
      drawn = uid;
      clearTimeout(late);
      waiting.remove();
      const rows = (model.get("rows") as number | undefined) ?? 14;
      view = replaceView(el, view, makeView(part, session, rows, model, places));
      session.shown();
      if (view instanceof SessionView || view instanceof PanePart) prepareTerminal();
    };
    const redraw = () => void draw();
    const relayout = () => {
      if (view instanceof SessionView) view.layout = layoutOf(model);
    };
    const move = () => {
      if (view instanceof SessionView && !isChoosing(model)) view.place = wishOf(model);
    };
    model.on("change:arrangement", relayout);
    model.on("change:place", move);
    model.on("change:uid", redraw);
    // Not awaited, because a part whose session never comes must have a function to remove it, too.
    void draw();
    return () => {
      ended = true;
      clearTimeout(late);
      model.off("change:uid", redraw);
      model.off("change:place", move);
      model.off("change:arrangement", relayout);
      view?.close();
      view?.root.remove();
    };
  }
}

/** Replace a view by another one, which takes over the draft and the focus. */
function replaceView(el: HTMLElement, old: PartView | undefined, view: PartView): PartView {
  const focused = old?.root.contains((el.getRootNode() as Document).activeElement) ?? false;
  old?.leave?.();
  if (old) old.root.replaceWith(view.root);
  else el.append(view.root);
  const draft = old?.draft;
  if (draft) view.adopt?.(draft);
  old?.close();
  if (focused) view.focus?.();
  return view;
}

let turn = Promise.resolve();

/** Views of one page are made one after the other, and what comes for the first is drawn meanwhile. */
function myTurn(): Promise<void> {
  const mine = turn;
  turn = mine.then(() => new Promise((done) => setTimeout(done)));
  return mine;
}

function makeView(
  part: string,
  session: SessionModel,
  rows: number,
  model: WidgetModel,
  places: PlaceHost | undefined,
): PartView {
  switch (part) {
    case "view":
      return new SessionView(session, {
        rows,
        layout: layoutOf(model),
        asked: layoutOf(model, "asked"),
        chosen: (layout) => choose(model, layout),
        places,
        place: wishOf(model),
        moved: (place) => choosePlace(model, place),
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

function bytes(view: DataView | undefined): Uint8Array {
  return view
    ? new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
    : new Uint8Array();
}

/** Copy the data, because what comes over the wire is not aligned. */
function doubles(view: DataView | undefined): Float64Array {
  return view ? new Float64Array(bytes(view).slice().buffer) : new Float64Array();
}

/** Make the bundle for the extension, once per page. `opener` opens files, where the page can. */
export function open(hash: string, opener?: FileOpener): Bundle {
  useFileOpener(opener);
  second.open(new FilesBeside(import.meta.url, BUILD), CORE);
  return new Bundle({ version: VERSION, hash, extension: true });
}

/** Prepare for a first view, once the page has nothing else to do. */
export function prepare(): void {
  prepareTerminal();
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
    if (slot.hub) {
      slot.hub.hub = model;
      return;
    }
    slot.hub = new FromHub(model);
    second.open(slot.hub, CORE);
    // The key is the kernel's own: each kernel of a page has its own bundle, from its own package.
    slot.resolve(new Bundle({ version: VERSION, hash, extension: false }));
  },
};
