// The second module of the live views: statistics, events and frames. Each is a widget of its own,
// with a comm.

import { watchKernel } from "../kernel-watch";
import { Registry } from "../model/registry";
import { EventsModel } from "../model/watch/events-model";
import { FramesModel } from "../model/watch/frames-model";
import { StatsModel } from "../model/watch/stats-model";
import type { EventsNews, FramesNews, StatsNews, WatchStatus } from "../model/watch/watch-messages";
import { addStyle } from "../views/elements/style";
import { EventsView } from "../views/watch/events-view";
import { FramesView } from "../views/watch/frames-view";
import { StatsView } from "../views/watch/stats-view";
import { owner, SETTLE, type WidgetModel } from "./widget-model";

declare const BUILD: string;
declare const STYLE_SHEET: string;

type Watch = StatsModel | EventsModel | FramesModel;

const KINDS = { stats: StatsModel, events: EventsModel, frames: FramesModel };

const watches = new Registry<Watch>();

export function initialize(model: WidgetModel): () => void {
  const uid = model.get("uid") as string;
  const port = { send: (message: unknown) => model.send(message) };
  const status = model.get("status") as WatchStatus;
  const watch = new KINDS[model.get("part") as keyof typeof KINDS](port, status);
  const receive = (content: unknown) =>
    watch.receive(content as StatsNews & EventsNews & FramesNews);
  const changed = () => {
    watch.status = model.get("status") as WatchStatus;
  };
  const reconnected = () => void setTimeout(() => watch.hello(), SETTLE);
  model.on("msg:custom", receive);
  model.on("change:status", changed);
  model.on("comm_live_update", reconnected);
  watches.add(owner(model), uid, watch);
  watch.hello(); // a view that cannot be seen has something to show, too
  const unwatch = watchKernel(model.widget_manager, (end) => {
    watch.kernelEnd = end;
  });
  return () => {
    model.off("msg:custom", receive);
    model.off("change:status", changed);
    model.off("comm_live_update", reconnected);
    unwatch();
    watches.remove(owner(model), uid, watch);
    watch.close();
  };
}

export function render(model: WidgetModel, el: HTMLElement): () => void {
  addStyle(el, `watches-${BUILD}`, STYLE_SHEET);
  let ended = false;
  let view: StatsView | EventsView | FramesView | undefined;
  void watches.find(owner(model), model.get("uid") as string).then((watch) => {
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
