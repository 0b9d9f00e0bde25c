// The entries of a view's menu that move it, and the line that stands in its cell meanwhile. Pure
// functions; no DOM.

import type { MenuItem } from "../elements/menu-view";
import { PLACES, type Place } from "./place-host";

/** The key that enters and leaves full screen, also where Esc belongs to a program. */
export const FULL_KEY = "Ctrl+Shift+Enter";

/** Whether a key pressed is that. */
export function isFullKey({ key, ctrlKey, shiftKey, altKey, metaKey }: KeyboardEvent): boolean {
  return key === "Enter" && ctrlKey && shiftKey && !altKey && !metaKey;
}

const LABELS: Record<Place, string> = {
  float: "Keep in view while scrolling",
  tab: "Show in a tab beside the notebook",
  panel: "Show in the side panel",
  cell: "Put back into the cell",
};

const WHERE: Record<Place | "full", string> = {
  float: "is kept in view",
  tab: "is shown in a tab",
  panel: "is shown in the side panel",
  full: "fills the window",
  cell: "is shown here",
};

export interface PlaceState {
  place: Place;
  full: boolean;
  /** Why the view cannot be at a place; "" if it can. */
  against: (place: Place) => string;
}

export interface PlaceCallbacks {
  full(on: boolean): void;
  move(to: Place): void;
}

/** Return the entries, without one for where the view is already. */
export function placeItems(state: PlaceState, callbacks: PlaceCallbacks): MenuItem[] {
  const { place, full, against } = state;
  const moves = [...PLACES.slice(1), PLACES[0]].filter((each) => full || each !== place);
  return [
    {
      parted: true,
      label: `${full ? "Leave full screen" : "Full screen"} (${FULL_KEY})`,
      run: () => callbacks.full(!full),
    },
    ...moves
      .filter((each) => each !== "cell" || place !== "cell")
      .map((each) => ({
        label: LABELS[each],
        off: against(each),
        run: () => callbacks.move(each),
      })),
  ];
}

/** Say where the view is, for the line in its cell. */
export function whereText(name: string, at: Place | "full"): string {
  return `${name} ${WHERE[at]}`;
}

/** Say why it is in its cell although the notebook's code wants it elsewhere. */
export function refusalText(wanted: Place, reason: string): string {
  const what = wanted === "panel" ? "The side panel" : "A tab beside the notebook";
  return `${what} ${reason}. So it is shown here.`;
}
