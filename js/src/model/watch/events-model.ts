// The events of an engine, as this page knows them, and which of them are shown. No DOM, no Jupyter.

import type { EventRow, EventsNews } from "./watch-messages";
import { WatchModel } from "./watch-model";

/** Events that are kept, as in the kernel. */
export const KEPT = 1000;

export class EventsModel extends WatchModel<EventsNews> {
  /** Oldest first. */
  events: EventRow[] = [];

  /** Events that are too old to be kept. */
  get dropped(): number {
    return (this.events[0]?.number ?? 1) - 1;
  }

  protected take(news: EventsNews): void {
    const last = this.events.at(-1)?.number ?? 0;
    const fresh = news.events.filter(({ number }) => number > last);
    // The kernel may have dropped what this page has not seen: the list must not hide such a gap.
    const continued = !fresh[0] || fresh[0].number === last + 1;
    this.events = [...(continued ? this.events : []), ...fresh].slice(-KEPT);
  }
}

export interface EventFilter {
  /** Words that all must be somewhere in the event, in any case. */
  text: string;
  /** "" for all. */
  type: string;
  action: string;
}

export const EVERYTHING: EventFilter = { text: "", type: "", action: "" };

/** An action without what follows its colon: `exec_start: sh -c …` is `exec_start`. */
export function kindOf(action: string): string {
  return action.split(":", 1)[0] as string;
}

/** Return the test whether an event is to be shown. */
export function matcher({ text, type, action }: EventFilter): (event: EventRow) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (event) => {
    if (type && event.type !== type) return false;
    if (action && kindOf(event.action) !== action) return false;
    if (!words.length) return true;
    const attributes = event.attributes.map(([name, value]) => `${name}=${value}`);
    const all = [event.type, event.action, event.name, event.id, ...attributes];
    const where = all.join("\n").toLowerCase();
    return words.every((word) => where.includes(word));
  };
}

/** The values to choose from, in alphabetical order. */
export function choices(events: readonly EventRow[], value: (event: EventRow) => string): string[] {
  return [...new Set(events.map(value))].sort();
}
