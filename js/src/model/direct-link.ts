// The page's end of a WebSocket to the kernel's process, beside the comm; the twin of
// hyper_jupyter/widgets/link.py. No DOM, no Jupyter.
//
// Messages are the comm's. Numbers make losses and repetitions harmless, so the two may be changed
// over at any moment: with a hello on the new one. Both ends first prove that they know the secret
// that came on the comm; neither tells the other.

import type { KernelMessage, LinkOffer, PageMessage, Place } from "./messages";
import type { Port } from "./port";

/** Characters above which a message goes by the comm: the kernel's end takes 16 MiB. */
const LARGEST = 2 * 1024 * 1024;
/** How often a link is made again that failed, or was there and soon went. */
const LINKS = 5;
/** Milliseconds after which a link that goes has been a good one: laptops sleep and move. */
const GOOD_AFTER = 60_000;
/** Milliseconds from the connection to the kernel's proof. */
const PROVE_WITHIN = 10_000;
/** Milliseconds that the last words have, where the kernel has closed the comm. */
const END_WITHIN = 1000;

const LOOPBACK = /^(localhost|(.+\.)?localhost|127\.0\.0\.1|\[::1\])$/;

/** Why there is no link: nobody answers there, or somebody who is not the kernel. */
export type LinkFailure = "silent" | "stranger";

type Receive = (message: KernelMessage, buffers: DataView[]) => void;

/** Where a page is seen from the kernel. */
export function placeOf(page: { hostname: string }, secure: boolean): Place {
  if (!secure) return ""; // browsers make no proofs there
  // A browser elsewhere, with a tunnel, finds no kernel behind the port, or nobody with a proof.
  return LOOPBACK.test(page.hostname) ? "near" : "far";
}

/** Sends by the link while there is one, else by the comm. */
export class DirectLink implements Port {
  readonly place: Place;
  #comm: Port;
  #server: string;
  #receive: Receive;
  #changed: () => void;
  #failed: (why: LinkFailure) => void;
  #stranger = false;
  #relayed = false;
  #socket: WebSocket | undefined;
  #open = false;
  #made = 0;
  #openedAt = 0;
  #closed = false;
  #gone: (() => void) | undefined;

  /**
   * `server`: the Jupyter server's address; `changed`: messages go another way from now on;
   * `failed`: none of the ways that were offered leads to the kernel.
   */
  constructor(
    comm: Port,
    place: Place,
    server: string,
    receive: Receive,
    changed: () => void,
    failed: (why: LinkFailure) => void = () => {},
  ) {
    this.#comm = comm;
    this.place = place;
    this.#server = server;
    this.#receive = receive;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Whether messages go by the link. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether the link goes through the Jupyter server. */
  get relayed(): boolean {
    return this.#relayed;
  }

  send(message: PageMessage): void {
    if (this.#open && this.#socket?.readyState === WebSocket.OPEN) {
      const text = JSON.stringify(message);
      if (text.length <= LARGEST) {
        this.#socket.send(text);
        return;
      }
    }
    this.#comm.send(message);
  }

  /**
   * End a link through the server: the way there may have gone without a word, and only who is
   * asked would find out. A socket on this machine cannot.
   */
  discard(): void {
    if (this.#relayed && this.#open) this.#socket?.close();
  }

  /** Make the link that the kernel offers, unless there is one. */
  connect(offer: LinkOffer, page: string): void {
    if (this.#socket || this.#closed || this.#made >= LINKS) return;
    this.#made += 1;
    this.#stranger = false;
    const relayed = `${this.#server}hyper_jupyter/link/${offer.port}`;
    const ways = this.place === "near" ? [`ws://127.0.0.1:${offer.port}/`] : [];
    this.#try(offer.relay ? [...ways, relayed] : ways, offer, page);
  }

  /** Try the first way, and the next one where nobody proves to be the kernel there. */
  #try([url, ...others]: string[], offer: LinkOffer, page: string): void {
    if (this.#closed) return;
    if (url === undefined) {
      this.#failed(this.#stranger ? "stranger" : "silent");
      return;
    }
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      this.#try(others, offer, page); // the page's policy forbids it
      return;
    }
    this.#socket = socket;
    this.#relayed = url.startsWith(this.#server);
    socket.binaryType = "arraybuffer";
    const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
    const late = setTimeout(() => socket.close(), PROVE_WITHIN);
    socket.onopen = () => socket.send(JSON.stringify({ name: offer.name, page, nonce }));
    socket.onmessage = async ({ data }) => {
      socket.onmessage = null; // the kernel says nothing until it has our proof
      const proven = await prove(offer, page, nonce, data).catch(() => null);
      if (socket !== this.#socket || socket.readyState !== WebSocket.OPEN) return; // it has ended
      if (proven === null || this.#closed) {
        this.#stranger = true;
        socket.close();
        return;
      }
      clearTimeout(late);
      socket.onmessage = (event) => this.#take(event.data);
      socket.send(JSON.stringify({ proof: proven }));
      this.#open = true;
      this.#openedAt = Date.now();
      this.#changed();
    };
    socket.onclose = () => {
      clearTimeout(late);
      if (socket !== this.#socket) return;
      const was = this.#open;
      if (was && Date.now() - this.#openedAt >= GOOD_AFTER) this.#made = 0;
      this.#socket = undefined;
      this.#open = false;
      this.#gone?.();
      if (!was) this.#try(others, offer, page);
      else if (!this.#closed) this.#changed();
    };
  }

  /** The comm is closed: wait for what is on its way on the link. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#open) {
      await new Promise<void>((resolve) => {
        this.#gone = resolve;
        setTimeout(resolve, END_WITHIN);
      });
    }
    this.#socket?.close();
  }

  #take(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return;
    const [message, ...buffers] = parts(data);
    if (!message) return;
    this.#receive(JSON.parse(new TextDecoder().decode(message)) as KernelMessage, buffers);
  }
}

/** Each part has its length in front: four bytes, little endian. */
function parts(data: ArrayBuffer): DataView[] {
  const lengths = new DataView(data);
  const found: DataView[] = [];
  for (let at = 0; at < data.byteLength; ) {
    const length = lengths.getUint32(at, true);
    found.push(new DataView(data, at + 4, length));
    at += 4 + length;
  }
  return found;
}

/** Our proof, where the kernel's is right. */
async function prove(
  { name, secret }: LinkOffer,
  page: string,
  nonce: string,
  data: unknown,
): Promise<string | null> {
  const answer = JSON.parse(String(data)) as { nonce: string; proof: string };
  const raw = Uint8Array.from(secret.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign", "verify"]);
  const text = (role: string) =>
    new TextEncoder().encode([role, name, page, nonce, answer.nonce].join("\n"));
  const theirs = Uint8Array.from(answer.proof.match(/../g) ?? [], (digits) =>
    Number.parseInt(digits, 16),
  );
  if (!(await crypto.subtle.verify("HMAC", key, theirs, text("kernel")))) return null;
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, text("page"))));
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
