// What is used of a widget's model, for all parts. It knows widgets, as index.ts does.

import type { KernelMessage } from "../model/messages";
import { LAYOUTS, type Layout } from "../views/pane/view-settings";
import { PLACES, type Place } from "../views/place/place-host";

/** What is used of a model here: ipywidgets' own has it, and anywidget's. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
  readonly widget_manager?: object;
}

export type CustomMessage = [content: KernelMessage, buffers: DataView[]];

/** Milliseconds within which a front end closes the comms of a kernel that has ended. */
export const SETTLE = 100;

const NO_MANAGER = {};

/** Whose registry a model's uid belongs to. */
export function owner(model: WidgetModel): object {
  return model.widget_manager ?? NO_MANAGER;
}

export function layoutOf(model: WidgetModel, name = "arrangement"): Layout {
  const layout = model.get(name);
  return LAYOUTS.find((known) => known === layout) ?? "split";
}

/** Keep the layout that the user has chosen, for all views. */
export function choose(model: WidgetModel, layout: Layout): void {
  model.set("arrangement", layout);
  model.save_changes();
}

export function placeOf(model: WidgetModel): Place {
  const place = model.get("place");
  return PLACES.find((known) => known === place) ?? "cell";
}

const choosing = new Set<WidgetModel>();

/** Let the kernel know where the user has put a view. */
export function choosePlace(model: WidgetModel, place: Place): void {
  choosing.add(model);
  model.set("place", place);
  choosing.delete(model);
  model.save_changes();
}

/** Whether the user is choosing just now: then the widget's other views on this page stay where they are. */
export function isChoosing(model: WidgetModel): boolean {
  return choosing.has(model);
}
