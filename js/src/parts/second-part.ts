// Parts whose code is a second module: which module that is, and what stands in for it until it is
// there. A module of this kind exports a `Part`.

import { second } from "../model/second-modules";
import { element } from "../views/elements/dom";
import type { WidgetModel } from "./widget-model";

/** What a part has to know of the core that it runs with. */
export interface Core {
  /** The version in package.json. */
  readonly version: string;
  /** Identifies the core's text. */
  readonly hash: string;
  /** Whether it came from the extension. */
  readonly extension: boolean;
}

/** What a second module does for its parts, as anywidget's modules do it. */
export interface Part {
  /** Follow a model, whether it is drawn or not. Returns what ends this. */
  initialize?(model: WidgetModel, core: Core): () => void;
  /** Draw it. Returns what removes it. */
  render(model: WidgetModel, el: HTMLElement): () => void;
}

/** The second module of each part that has one. The kernel names the same (`second_module`). */
const MODULES = new Map([
  ["check", "doctor"],
  ["events", "watches"],
  ["frames", "watches"],
  ["replay", "player"],
  ["stats", "watches"],
]);

/** Milliseconds after which a part says that its code has not come. */
const LATE_AFTER = 5000;

/** The second module of a part; undefined if the core draws it. */
export function secondModule(part: string): string | undefined {
  return MODULES.get(part);
}

/** Follow a model once the code for it is there. The kernel sends nothing unasked, so nothing is lost. */
export function initializeLater(name: string, model: WidgetModel, core: Core): () => void {
  let ended = false;
  let end: (() => void) | undefined;
  void second.load<Part>(name).then((part) => {
    if (!ended) end = part.initialize?.(model, core);
  });
  return () => {
    ended = true;
    end?.();
  };
}

/** Draw a part once its code is there; say what is wrong if that does not come. */
export function renderLater(name: string, model: WidgetModel, el: HTMLElement): () => void {
  let ended = false;
  let end: (() => void) | undefined;
  const line = element("div", "hj-waiting");
  const say = (text: string) => {
    clearTimeout(late);
    if (ended) return;
    line.textContent = text;
    el.append(line);
  };
  const late = setTimeout(() => say(second.late), LATE_AFTER);
  void second.load<Part>(name, say).then((part) => {
    clearTimeout(late);
    line.remove();
    if (!ended) end = part.render(model, el);
  });
  return () => {
    ended = true;
    clearTimeout(late);
    end?.();
  };
}
