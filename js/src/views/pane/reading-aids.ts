// What helps to read the log of a pane: errors, and places in files. Its code is a second module, which is
// loaded some time after the first lines, or when the user asks for an error. DOM; it reads the terminal's
// buffer. No Jupyter.

import { second } from "../../model/second-modules";
import type { ConfirmBar } from "../elements/confirm-bar";
import { isErrorKey } from "../elements/shortcuts";
import type { PaneErrors } from "../reading/pane-errors";
import type * as reading from "../reading/reading";
import type { PaneFrame } from "./pane-frame";
import type { PaneHost } from "./pane-host";

/** Milliseconds after the first lines, until the code is loaded. */
const READ_AFTER = 1000;

export interface ReadingAidsOptions {
  frame: PaneFrame;
  host: PaneHost;
  /** Asks what to do with a place in a file. */
  confirmBar: ConfirmBar;
  /** Whose output it is, in words. */
  subject: string;
  /** Whether lines have a time or a mark in front now. */
  prefixed: () => boolean;
  /** Called once places are links: of the links at a cell, the one made first is followed. */
  linked: () => void;
}

export class ReadingAids {
  #options: ReadingAidsOptions;
  #errors: PaneErrors | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closers: (() => void)[] = [];
  #closed = false;

  constructor(options: ReadingAidsOptions) {
    this.#options = options;
  }

  /** Whether an error was shown. */
  get failing(): boolean {
    return this.#errors?.any ?? false;
  }

  /** Errors among the lines. It looks at all of them. */
  get errors(): number {
    return this.#errors?.count() ?? 0;
  }

  /** Go to the next error (1) or the one before (-1). */
  showError(step: number): void {
    this.#errors?.jump(step);
  }

  /** Lines were drawn. It may be called as often as needed. */
  schedule(): void {
    if (this.#errors) this.#errors.schedule();
    else this.#timer ??= setTimeout(() => void this.#load(), READ_AFTER);
  }

  /** Everything is drawn again, or was cleared. */
  restart(cleared = false): void {
    this.#errors?.restart(cleared);
  }

  /** Go to an error at F8. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    if (this.#errors) return this.#errors.key(event);
    if (!isErrorKey(event)) return true;
    if (event.type === "keydown") {
      event.preventDefault();
      event.stopPropagation();
      void this.#load().then(() => this.showError(1));
    }
    return false;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const close of this.#closers) close();
    this.#errors?.close();
  }

  async #load(): Promise<void> {
    const { PaneErrors, PanePlaces, linkPlaces } = await second.load<typeof reading>("reading");
    if (this.#closed || this.#errors) return;
    const { frame, host, confirmBar, subject, prefixed, linked } = this.#options;
    const { emulator, root } = frame;
    const { say, changed } = host;
    this.#errors = new PaneErrors(emulator, prefixed, say, changed);
    this.#errors.schedule();
    const places = new PanePlaces(confirmBar, subject, say);
    this.#closers.push(
      linkPlaces(emulator.terminal, root, (place) => void places.ask(place)),
      () => places.close(),
    );
    linked();
  }
}
