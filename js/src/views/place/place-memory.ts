// Where the views of a cell were when they were removed. A cell that runs again has new views, which
// go where their user had put the old ones. Knows cells as objects only; no DOM.

import type { Dock, Place } from "./place-host";

/** Milliseconds that a tab stays open without its view: a cell may be running again. */
export const LEFT_OPEN = 15_000;

export interface Left {
  /** Where the notebook's code wanted the view. */
  wish: Place;
  /** Where it was. */
  place: Place;
  /** What it was in, still open. */
  dock?: Dock;
}

interface Kept extends Left {
  timer?: ReturnType<typeof setTimeout>;
}

export class PlaceMemory {
  #cells = new WeakMap<object, Map<string, Kept>>();

  /** Remember a view that is removed from a cell, and close its dock if no other view comes for it. */
  leave(cell: object, name: string, left: Left): void {
    const views = this.#cells.get(cell) ?? new Map<string, Kept>();
    this.#cells.set(cell, views);
    const kept: Kept = { ...left };
    views.set(name, kept);
    const { dock } = left;
    if (!dock) return;
    kept.timer = setTimeout(() => dock.close(), LEFT_OPEN);
    dock.onClose = (byUser) => {
      clearTimeout(kept.timer);
      if (byUser) kept.place = "cell";
    };
  }

  /**
   * Return where a new view of a cell goes, and in which dock. If the code wants another place than
   * it did before, that counts more than what the user had chosen since then.
   */
  take(cell: object, name: string, wish: Place): { place: Place; dock?: Dock | undefined } {
    const views = this.#cells.get(cell);
    const kept = views?.get(name);
    views?.delete(name);
    if (!kept) return { place: wish };
    clearTimeout(kept.timer);
    const place = kept.wish === wish ? kept.place : wish;
    const dock = kept.dock?.closed ? undefined : kept.dock;
    if (place === kept.place) return { place, dock };
    dock?.close();
    return { place };
  }
}
