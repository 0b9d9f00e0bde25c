// The comm as a way for keys. A stock Jupyter server sends a message in several small pieces, and its
// system holds back each one until the page's has acknowledged the one before: up to 40 ms. It
// acknowledges at once with whatever is sent. So a page whose answer is late sends a message that asks
// for nothing. No DOM, no Jupyter.

import type { PageMessage } from "./messages";
import type { Port } from "./port";

/** Milliseconds from an input, in which an echo mostly is on its way. */
export const NUDGE_AFTER = 10;

export class NudgingPort implements Port {
  #comm: Port;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(comm: Port) {
    this.#comm = comm;
  }

  send(message: PageMessage): void {
    this.#comm.send(message);
    this.heard(); // this one is as good
    if (message.type === "input") {
      this.#timer = setTimeout(() => this.#comm.send({ type: "nudge" }), NUDGE_AFTER);
    }
  }

  /** A message has come. */
  heard(): void {
    clearTimeout(this.#timer);
  }
}
