// The direct link: the page's end of a WebSocket to the kernel's process, beside the comm. The
// kernel's end is hyper_jupyter/widgets/page/link.py. No DOM, no Jupyter.
//
// It carries the same messages as the comm. They are numbered, so that losses and repetitions do no
// harm, and the page may change from one way to the other at any moment: it says hello on the new
// one. Before the first message both ends prove that they know the secret that came on the comm,
// without sending it.

import type { KernelMessage, LinkOffer, PageMessage, Place } from "./messages";
import type { Port } from "./port";

/** Longer messages, in characters, go by the comm, because the kernel's end takes at most 16 MiB. */
const LARGEST = 2 * 1024 * 1024;
/** Attempts to make a link. One that lasted for GOOD_AFTER makes the count begin again. */
const ATTEMPTS = 5;
/** Milliseconds after which a link counts as good when it breaks: laptops sleep and move. */
const GOOD_AFTER = 60_000;
/** Milliseconds from the connection to the kernel's proof. */
const PROVE_WITHIN = 10_000;
/** Milliseconds to wait for the link's last messages after the kernel has closed the comm. */
const END_WITHIN = 1000;

const LOOPBACK = /^(localhost|(.+\.)?localhost|127\.0\.0\.1|\[::1\])$/;

/** Why there is no link: nothing answers at the port, or something that is not the kernel. */
export type LinkFailure = "silent" | "stranger";

type Receive = (message: KernelMessage, buffers: DataView[]) => void;

/** Where a page is, judged by the host name that it came from. */
export function placeOf(page: { hostname: string }, secure: boolean): Place {
  if (!secure) return ""; // browsers have no crypto.subtle there, and so no proofs
  // A browser at the other end of a tunnel finds nothing at the port, or something without a proof.
  return LOOPBACK.test(page.hostname) ? "near" : "far";
}

/** Sends by the link while it is open, else by the comm. */
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
  #attempts = 0;
  #openedAt = 0;
  #closed = false;
  #gone: (() => void) | undefined;

  /**
   * `server`: the Jupyter server's address; `changed`: called when messages begin to go the other
   * way; `failed`: called when no way that was offered leads to the kernel.
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
   * Close a link through the server, which may have broken without a sign: only a message that gets
   * no answer would show that. A socket on this machine can not break like this.
   */
  closeRelayed(): void {
    if (this.#relayed && this.#open) this.#socket?.close();
  }

  /** Make the link that the kernel offers, unless there is one. */
  connect(offer: LinkOffer, page: string): void {
    if (this.#socket || this.#closed || this.#attempts >= ATTEMPTS) return;
    this.#attempts += 1;
    this.#stranger = false;
    const relayed = `${this.#server}hyper_jupyter/link/${offer.port}`;
    const ways = this.place === "near" ? [`ws://127.0.0.1:${offer.port}/`] : [];
    this.#try(offer.relay ? [...ways, relayed] : ways, offer, page);
  }

  /** Try the first way. If nothing there proves to be the kernel, try the next one. */
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
      this.#try(others, offer, page); // the page's content security policy forbids it
      return;
    }
    this.#socket = socket;
    this.#relayed = url.startsWith(this.#server);
    socket.binaryType = "arraybuffer";
    const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
    const late = setTimeout(() => socket.close(), PROVE_WITHIN);
    socket.onopen = () => socket.send(JSON.stringify({ name: offer.name, page, nonce }));
    socket.onmessage = async ({ data }) => {
      socket.onmessage = null; // the kernel sends nothing more until it has our proof
      const proven = await prove(offer, page, nonce, data).catch(() => null);
      if (socket !== this.#socket || socket.readyState !== WebSocket.OPEN) return; // it has closed meanwhile
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
      if (was && Date.now() - this.#openedAt >= GOOD_AFTER) this.#attempts = 0;
      this.#socket = undefined;
      this.#open = false;
      this.#gone?.();
      if (!was) this.#try(others, offer, page);
      else if (!this.#closed) this.#changed();
    };
  }

  /** The comm is closed: wait for what is still on its way by the link, then close that. */
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

/** Split a message into its parts. Each has its length in front: four bytes, little endian. */
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

/** Return our proof if the kernel's is right, else null. */
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
