// The page's way to the kernel as the model sees it, and the page's name. No DOM, no Jupyter.

import type { LinkOffer, PageMessage, Place } from "./messages";

/** Takes the page's messages to the kernel. */
export interface Port {
  send(message: PageMessage): void;
  /** Where the page is seen from the kernel, if it can use a direct link. */
  readonly place?: Place;
  /** Whether there is a direct link. */
  readonly open?: boolean;
  /** Make one. */
  connect?(offer: LinkOffer, page: string): void;
  /** Close it if it goes through the server, where it may have broken without a sign. */
  closeRelayed?(): void;
}

/** A name for a page. Not `crypto.randomUUID`, which pages that came by plain http do not have. */
export function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
