// The way to what helps to read a pane's log, whose code is a second module: it is loaded some time after
// the first lines, or when the user asks for an error. DOM, no Jupyter.

import { second } from "../../model/second-modules";
import { isErrorKey, take } from "../elements/shortcuts";
import type { LogAids } from "../reading/log-aids";
import type * as reading from "../reading/reading";

/** Milliseconds after the first lines, until the code is loaded. */
const READ_AFTER = 1000;

/** Return the next pane that has an error, from another one on; undefined if none has. */
export function paneWithErrors<P extends { readonly reading: { errors: number } | undefined }>(
  panes: readonly P[],
  from: P,
): P | undefined {
  const at = panes.indexOf(from);
  const others = [...panes.slice(at + 1), ...panes.slice(0, Math.max(0, at))];
  return others.find(({ reading }) => reading?.errors);
}

export class ReadingDoor {
  #make: (module: typeof reading) => LogAids;
  #aids: LogAids | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(make: (module: typeof reading) => LogAids) {
    this.#make = make;
  }

  /** Whether an error was shown. */
  get failing(): boolean {
    return this.#aids?.errors.any ?? false;
  }

  /** Errors among the lines. It looks at all of them. */
  get errors(): number {
    this.#begin(second.now<typeof reading>("reading")); // another pane may have loaded it
    return this.#aids?.errors.count() ?? 0;
  }

  /** Go to the next error (1) or the one before (-1). `enters`: to the first one in that direction. */
  showError(step: number, enters = false): void {
    this.#aids?.errors.jump(step, enters);
  }

  /** Lines were drawn. It may be called as often as needed. */
  schedule(): void {
    if (this.#aids) this.#aids.errors.schedule();
    else this.#timer ??= setTimeout(() => void this.#load(), READ_AFTER);
  }

  /** Everything is drawn again, or was cleared. */
  restart(cleared = false): void {
    this.#aids?.errors.restart(cleared);
  }

  /** Go to an error at F8. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    if (this.#aids) return this.#aids.errors.key(event);
    if (!isErrorKey(event)) return true;
    if (event.type === "keydown") {
      take(event);
      void this.#load().then(() => this.showError(1));
    }
    return false;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#aids?.close();
  }

  async #load(): Promise<void> {
    this.#begin(await second.load<typeof reading>("reading"));
  }

  #begin(module: typeof reading | undefined): void {
    if (module && !this.#closed) this.#aids ??= this.#make(module);
  }
}
