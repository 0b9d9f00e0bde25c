// The events of an engine as a list, newest last, with a filter. DOM, no Jupyter.

import {
  choices,
  EVERYTHING,
  type EventFilter,
  type EventsModel,
  kindOf,
  matcher,
} from "../../model/watch/events-model";
import type { EventRow } from "../../model/watch/watch-messages";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { WatchFrame } from "./watch-frame";

/** Pixels from the end within which the list follows what comes. */
const NEAR = 24;

export class EventsView {
  readonly root: HTMLElement;
  #model: EventsModel;
  #frame: WatchFrame;
  #filter: EventFilter = EVERYTHING;
  #list = element("ol", "hj-events", { tabIndex: 0 });
  #items = new Map<number, HTMLElement>();
  #drawn = 0; // the number of the newest event that was looked at
  #text = element("input", "hj-search-input", { type: "search", placeholder: "Filter events" });
  #type = makeSelect("all types");
  #action = makeSelect("all actions");
  #count = element("span", "hj-fact hj-watch-count");
  #said = element("span", "hj-hidden", { role: "status" }); // the count, when the filter has changed
  #note = element("div", "hj-watch-note");

  constructor(model: EventsModel) {
    this.#model = model;
    this.#list.ariaLabel = "events, newest last";
    this.#text.ariaLabel = "filter events by text";
    this.#type.ariaLabel = "type of events";
    this.#action.ariaLabel = "action of events";
    for (const control of [this.#text, this.#type, this.#action, this.#list]) keepKeys(control);
    for (const control of [this.#text, this.#type, this.#action]) {
      control.addEventListener("input", () => this.#choose());
    }
    const content = [this.#list, this.#note];
    const count = this.#count;
    this.#frame = new WatchFrame("events", model, content, () => this.#draw(), { count });
    this.#frame.tools.append(this.#text, this.#type, this.#action, this.#said);
    this.root = this.#frame.root;
    this.root.ariaLabel = `events: ${model.status.what}`;
  }

  close(): void {
    this.#frame.close();
  }

  #choose(): void {
    const [text, type, action] = [this.#text.value, this.#type.value, this.#action.value];
    this.#filter = { text, type, action };
    this.#items.clear();
    this.#list.replaceChildren();
    this.#drawn = 0;
    this.#draw();
    setText(this.#said, this.#count.textContent ?? "");
  }

  #draw(): void {
    const { events, heard, dropped } = this.#model;
    const follows =
      this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight <= NEAR;
    const first = events[0]?.number ?? 0;
    for (const [number, item] of this.#items) {
      if (number >= first) break;
      item.remove();
      this.#items.delete(number);
    }
    const matches = matcher(this.#filter);
    const fresh = events.filter((event) => event.number > this.#drawn);
    for (const event of fresh.filter(matches)) {
      const item = makeItem(event);
      this.#items.set(event.number, item);
      this.#list.append(item);
    }
    this.#drawn = events.at(-1)?.number ?? 0;
    if (fresh.length) {
      fillSelect(
        this.#type,
        choices(events, ({ type }) => type),
      );
      fillSelect(
        this.#action,
        choices(events, ({ action }) => kindOf(action)),
      );
      if (follows) this.#list.scrollTop = this.#list.scrollHeight;
    }
    const shown = this.#items.size;
    const all = `${events.length} ${events.length === 1 ? "event" : "events"}`;
    setText(this.#count, shown === events.length ? all : `${shown} of ${all}`);
    const old = dropped ? `${dropped} older events are not kept.` : "";
    setText(this.#note, heard && !events.length ? "Nothing has happened yet." : old);
    this.#note.hidden = this.#note.textContent === "";
  }
}

function makeItem(event: EventRow): HTMLElement {
  const date = new Date(event.time * 1000);
  const time = element("time", "hj-event-time", { dateTime: date.toISOString() });
  time.textContent = date.toLocaleTimeString([], { hourCycle: "h23" });
  time.title = date.toLocaleString();
  const type = element("span", "hj-event-type", {}, event.type);
  const action = element("span", "hj-event-action", {}, event.action);
  action.title = event.action;
  const name = element("span", "hj-event-name", {}, event.name || event.id.slice(0, 12));
  name.title = event.id;
  const item = element("li", "hj-event", {}, time, type, action, name);
  const count = event.attributes.length + event.more;
  if (count) item.append(makeDetails(event, count));
  return item;
}

/** The attributes, folded. They are made when they are first looked at. */
function makeDetails({ attributes, more }: EventRow, count: number): HTMLElement {
  const words = `${count} ${count === 1 ? "attribute" : "attributes"}`;
  const summary = element("summary", "", {}, words);
  keepKeys(summary);
  const details = element("details", "hj-event-details", {}, summary);
  details.addEventListener(
    "toggle",
    () => {
      for (const [name, value] of attributes) {
        const label = element("span", "hj-attribute-name", {}, name);
        details.append(element("div", "hj-attribute", {}, label, element("span", "", {}, value)));
      }
      if (more) details.append(`${more} more are not shown.`);
    },
    { once: true },
  );
  return details;
}

function makeSelect(all: string): HTMLSelectElement {
  return element("select", "hj-select", {}, element("option", "", { value: "" }, all));
}

/** Bring the choices up to date; what is chosen stays one of them. */
function fillSelect(select: HTMLSelectElement, values: string[]): void {
  const wanted = new Set(values);
  if (select.value) wanted.add(select.value);
  const known = new Set([...select.options].map(({ value }) => value));
  if ([...wanted].every((value) => known.has(value))) return;
  const chosen = select.value;
  const [all] = select.options;
  const options = [...wanted].sort().map((value) => element("option", "", { value }, value));
  select.replaceChildren(...(all ? [all] : []), ...options);
  select.value = chosen;
}
