// The second module that plays recordings. All it needs is in the widget's state: no kernel is asked.

import { type Recording, readCast } from "../model/replay/recording";
import { ReplayModel } from "../model/replay/replay-model";
import { fromBase64, unpack } from "../model/replay/unpack";
import { element } from "../views/elements/dom";
import { addStyle } from "../views/elements/style";
import { ReplayView } from "../views/replay/replay-view";
import { choose, layoutOf, type WidgetModel } from "./widget-model";

declare const BUILD: string;
declare const STYLE_SHEET: string;

/** What each replay's widget has, read when it is first drawn. */
const recordings = new WeakMap<WidgetModel, Promise<Recording>>();

export function render(model: WidgetModel, el: HTMLElement): () => void {
  addStyle(el, `player-${BUILD}`, STYLE_SHEET);
  const waiting = element("div", "hj-waiting", {}, "reading the recording…");
  el.append(waiting);
  let recording = recordings.get(model);
  if (!recording) {
    recording = unpack(fromBase64(model.get("recording") as string)).then(readCast);
    recordings.set(model, recording);
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
