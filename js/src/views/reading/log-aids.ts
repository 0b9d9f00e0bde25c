// What helps to read the log of a pane: its errors, and links at the places in files that it names. DOM;
// it reads the terminal's buffer. No Jupyter.

import { linkPlaces } from "../../terminal/place-links";
import type { ConfirmBar } from "../elements/confirm-bar";
import type { PaneFrame } from "../pane/pane-frame";
import type { PaneHost } from "../pane/pane-host";
import { PaneErrors } from "./pane-errors";
import { PanePlaces } from "./pane-places";

export class LogAids {
  readonly errors: PaneErrors;
  #places: PanePlaces;
  #unlink: () => void;

  /**
   * `confirmBar` asks what to do with a place; `subject`: whose output it is, in one word; `prefixed`:
   * whether lines have a time or a mark in front now.
   */
  constructor(
    { emulator, root }: PaneFrame,
    { say, changed }: PaneHost,
    confirmBar: ConfirmBar,
    subject: string,
    prefixed: () => boolean,
  ) {
    this.errors = new PaneErrors(emulator, prefixed, say, changed);
    this.errors.schedule();
    this.#places = new PanePlaces(confirmBar, subject, say);
    this.#unlink = linkPlaces(emulator.terminal, root, (place) => void this.#places.ask(place));
  }

  close(): void {
    this.#unlink();
    this.#places.close();
    this.errors.close();
  }
}
