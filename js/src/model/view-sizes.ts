// What each view of a terminal on this page has room for. One view, here or on another page, owns
// the terminal's size; the kernel decides which one. No DOM, no Jupyter.

import type { Resize } from "./messages";

/** The page and the view that own the size. */
type Owner = [page: string, view: number] | null;

interface Room {
  rows: number;
  cols: number;
}

export class ViewSizes {
  #page: string;
  #owner: () => Owner;
  #send: (message: Resize) => void;
  #count = 0;
  #rooms = new Map<number, Room>();

  /** `owner` is asked whenever it matters who owns the size. */
  constructor(page: string, owner: () => Owner, send: (message: Resize) => void) {
    this.#page = page;
    this.#owner = owner;
    this.#send = send;
  }

  /** A number for a view of the terminal. */
  newView(): number {
    this.#count += 1;
    return this.#count;
  }

  /** Whether a view decides how large the terminal is. */
  owns(view: number): boolean {
    const owner = this.#owner();
    return owner?.[0] === this.#page && owner[1] === view;
  }

  /** Report what a view has room for, if that has changed; `claim`: it was focused. */
  report(view: number, rows: number, cols: number, claim = false): void {
    const before = this.#rooms.get(view);
    if (!claim && before?.rows === rows && before.cols === cols) return;
    this.#rooms.set(view, { rows, cols });
    this.#announce(view, { rows, cols }, claim);
  }

  /** A view of the terminal is gone. */
  discard(view: number): void {
    if (this.#rooms.delete(view)) this.#announce(view, { rows: 0, cols: 0 });
  }

  /** The kernel asks whether the view that it takes for the owner is still there. */
  announceOwner(): void {
    const [page, view] = this.#owner() ?? ["", 0];
    for (const [known, room] of this.#rooms) {
      // If the news of the owner is still on its way, any view of this page may be meant.
      if (page !== this.#page || known === view) this.#announce(known, room);
    }
  }

  #announce(view: number, { rows, cols }: Room, claim = false): void {
    this.#send({ type: "resize", page: this.#page, view, rows, cols, claim });
  }
}
