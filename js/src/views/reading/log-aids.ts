// What helps to read the log of a pane: its errors, and links at the places in files that it names. DOM;
// it reads the terminal's buffer. No Jupyter.

import type { Place } from "../../model/logs/places";
import type { Prefixed } from "../../model/output/line-label";
import type { Confirmer } from "../../terminal/confirmation";
import type { Emulator } from "../../terminal/emulator";
import { linkPlaces } from "../../terminal/place-links";
import { type Host, PaneErrors } from "./pane-errors";
import { PanePlaces } from "./pane-places";

export class LogAids {
  readonly errors: PaneErrors;
  #places: PanePlaces;
  #unlink: () => void;

  /**
   * `confirmer` asks what to do with a place; `subject`: whose output it is, in one word; `prefixed`:
   * what lines have in front now.
   */
  constructor(
    emulator: Emulator,
    confirmer: Confirmer,
    subject: string,
    prefixed: () => Prefixed,
    host: Host,
  ) {
    const say = (text: string) => host.say(text);
    this.errors = new PaneErrors(emulator, prefixed, host);
    this.errors.schedule();
    this.#places = new PanePlaces(confirmer, subject, say);
    const ask = (place: Place) => void this.#places.ask(place);
    this.#unlink = linkPlaces(emulator.terminal, emulator.frame, ask);
  }

  close(): void {
    this.#unlink();
    this.#places.close();
    this.errors.close();
  }
}
