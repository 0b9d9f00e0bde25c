// The way to PlaceControl, whose code is a second module: most views never leave their cells. It is
// loaded when the user or the notebook's code first moves a view. DOM, no Jupyter.

import { second } from "../../model/second-modules";
import type { MenuItem } from "../elements/menu-view";
import { take } from "../elements/shortcuts";
import type { PlaceControl, PlaceOptions } from "./place-control";
import { type Place, type PlaceHost, reasonAgainst } from "./place-host";
import { isFullKey, placeItems } from "./place-items";

/** The second module. */
export interface PlaceModule {
  makePlaceControl(
    root: HTMLElement,
    host: PlaceHost | undefined,
    options: PlaceOptions,
  ): PlaceControl;
}

export class PlaceDoor {
  #root: HTMLElement;
  #host: PlaceHost | undefined;
  #options: PlaceOptions;
  #failed: (why: string) => void;
  #control: PlaceControl | undefined;
  #closed = false;

  /** `failed` is told why the code cannot be loaded. */
  constructor(
    root: HTMLElement,
    host: PlaceHost | undefined,
    options: PlaceOptions,
    failed: (why: string) => void,
  ) {
    this.#root = root;
    this.#host = host;
    this.#options = options;
    this.#failed = failed;
    root.addEventListener("keydown", (event) => this.#keydown(event), { capture: true });
    // Where it is there, a view of this cell may have been moved before.
    const loaded = second.now<PlaceModule>("place");
    if (loaded) this.#make(loaded);
    else if (options.wish !== "cell") void this.#load();
  }

  /** Move the view, because the notebook's code says so. */
  set wish(place: Place) {
    if (this.#control) this.#control.wish = place;
    else {
      this.#options = { ...this.#options, wish: place };
      if (place !== "cell") void this.#load();
    }
  }

  /** The entries of the view's menu that move it. */
  items(): MenuItem[] {
    const state = {
      place: this.#control?.place ?? "cell",
      full: this.#control?.full ?? false,
      against: (place: Place) => reasonAgainst(place, this.#host),
    };
    return placeItems(state, {
      full: (on) => this.#do((control) => control.fill(on)),
      move: (place) => this.#do((control) => control.choose(place)),
    });
  }

  close(): void {
    this.#closed = true;
    this.#control?.close();
  }

  #do(what: (control: PlaceControl) => void): void {
    if (this.#control) what(this.#control);
    else void this.#load().then((control) => control && what(control));
  }

  async #load(): Promise<PlaceControl | undefined> {
    const module = await second.load<PlaceModule>("place", this.#failed);
    if (this.#closed) return undefined;
    return this.#control ?? this.#make(module);
  }

  #make(module: PlaceModule): PlaceControl {
    this.#control = module.makePlaceControl(this.#root, this.#host, this.#options);
    return this.#control;
  }

  /** The key goes before everything else in the view: a terminal would make Enter of it. */
  #keydown(event: KeyboardEvent): void {
    if (!isFullKey(event)) return;
    take(event);
    if (!event.repeat) this.#do((control) => control.fill(!control.full));
  }
}
