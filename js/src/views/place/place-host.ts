// The places where a view can be, and what a front end lends for those beside the notebook. Types
// and their names; no DOM is touched here, no Jupyter.
//
// extension/lab-places.ts lends an object of the form PlaceHost. It belongs to the scripts that load
// this bundle, so neither side imports the other.

export const PLACES = ["cell", "float", "tab", "panel"] as const;

/** In its cell; above the page; a tab beside the notebook; the panel at the right. */
export type Place = (typeof PLACES)[number];

/** A part of the front end's own window. */
export type Area = "tab" | "panel";

export interface Dock {
  /** The front end's element for the view; it has a size as long as it can be seen. */
  readonly node: HTMLElement;
  readonly closed: boolean;
  /**
   * Called before it goes: because the user has closed it, or else because the notebook is closed.
   * The view has to leave it.
   */
  onClose: (byUser: boolean) => void;
  /** Bring it to the front. */
  show(): void;
  /** Take it away, without a call of `onClose`. */
  close(): void;
}

export interface PlaceHost {
  /** Why the front end has no such area, as the end of a sentence; "" if it has one. */
  lacks(area: Area): string;
  /** Open an area for the notebook that contains an element, or has contained it before. */
  open(area: Area, near: HTMLElement, title: string): Dock;
}

/** Why there is no such area where no extension of ours is loaded. */
const NO_HOST: Record<Area, string> = {
  tab: "needs JupyterLab, with hyper_jupyter installed beside its server",
  panel: "needs JupyterLab or Notebook 7, with hyper_jupyter installed beside its server",
};

/** Return where a view that is somewhere goes, if it is wanted at another place; and why not there. */
export function standingOf(
  at: Place,
  wish: Place,
  host: PlaceHost | undefined,
): { place: Place; reason: string } {
  const reason = reasonAgainst(wish, host);
  return { place: reason ? at : wish, reason };
}

/** Why a view cannot be at a place; "" if it can. */
export function reasonAgainst(place: Place, host: PlaceHost | undefined): string {
  if (place === "cell" || place === "float") return "";
  return host ? host.lacks(place) : NO_HOST[place];
}
