import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DirectLink, type LinkFailure, placeOf } from "./direct-link";
import type { KernelMessage, LinkOffer, PageMessage } from "./messages";

const OFFER: LinkOffer = { port: 4711, name: "session", secret: "ab".repeat(32), relay: false };
const ACK: PageMessage = { type: "ack", page: "page", seq: 7 };

/** A socket whose other end is the test. */
class ScriptedSocket {
  static readonly OPEN = 1;
  static made: ScriptedSocket[] = [];
  readyState = 0;
  binaryType = "blob";
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => unknown) | null = null;

  constructor(readonly url: string) {
    ScriptedSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  open(): void {
    this.readyState = ScriptedSocket.OPEN;
    this.onopen?.();
  }

  say(data: unknown): unknown {
    return this.onmessage?.({ data });
  }
}

let said: PageMessage[];
let received: [KernelMessage, DataView[]][];
let changes: number;
let failures: LinkFailure[];
let link: DirectLink;

beforeEach(() => {
  ScriptedSocket.made = [];
  vi.stubGlobal("WebSocket", ScriptedSocket);
  said = [];
  received = [];
  changes = 0;
  failures = [];
  link = new DirectLink(
    { send: (message) => said.push(message) },
    "near",
    "ws://lab.example.org/user/ada/",
    (...message) => received.push(message),
    () => {
      changes += 1;
    },
    (why) => failures.push(why),
  );
});

afterEach(() => vi.unstubAllGlobals());

async function proof(role: string, nonces: string[], secret = OFFER.secret): Promise<string> {
  const raw = Uint8Array.from(secret.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const text = new TextEncoder().encode([role, OFFER.name, "page", ...nonces].join("\n"));
  const made = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
  return Array.from(made, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function connect(secret = OFFER.secret): Promise<ScriptedSocket> {
  link.connect(OFFER, "page");
  const socket = ScriptedSocket.made.at(-1) as ScriptedSocket;
  socket.open();
  const { nonce } = JSON.parse(socket.sent[0] ?? "");
  await socket.say(
    JSON.stringify({ nonce: "n2", proof: await proof("kernel", [nonce, "n2"], secret) }),
  );
  return socket;
}

test("both ends prove that they have the secret, which does not travel", async () => {
  const socket = await connect();
  const [hello, answer] = socket.sent.map((text) => JSON.parse(text));
  expect(socket.url).toBe("ws://127.0.0.1:4711/");
  expect(hello).toEqual({
    name: "session",
    page: "page",
    nonce: expect.stringMatching(/^\w{32}$/),
  });
  expect(answer).toEqual({ proof: await proof("page", [hello.nonce, "n2"]) });
  expect(socket.sent.join("")).not.toContain(OFFER.secret);
  expect([link.open, changes]).toEqual([true, 1]);
});

test("the kernel's end makes the same proof of the same things", async () => {
  // Also in tests/widgets/page/test_link.py.
  expect(await proof("page", ["11", "22"])).toBe(
    "88f30b049e6608ba98899c7feef331929b5e6db336618030d3190df6b0c473bc",
  );
});

test("another program at the port learns nothing", async () => {
  const socket = await connect("cd".repeat(32));
  expect(socket.sent).toHaveLength(1);
  expect([link.open, changes, socket.readyState]).toEqual([false, 0, 3]);
});

test("a program that does not speak the protocol learns nothing", async () => {
  link.connect(OFFER, "page");
  const socket = ScriptedSocket.made[0] as ScriptedSocket;
  socket.open();
  await socket.say("<html>");
  expect(socket.sent).toHaveLength(1);
  expect(socket.readyState).toBe(3);
});

test("messages go by the comm until there is a link, and again when it is gone", async () => {
  link.send(ACK);
  const socket = await connect();
  link.send({ ...ACK, seq: 8 });
  socket.close();
  link.send({ ...ACK, seq: 9 });
  expect(said).toEqual([ACK, { ...ACK, seq: 9 }]);
  expect(JSON.parse(socket.sent[2] ?? "")).toEqual({ ...ACK, seq: 8 });
  expect([link.open, changes]).toEqual([false, 2]);
});

test("what is too large for the kernel's end goes by the comm", async () => {
  const socket = await connect();
  const data = "x".repeat(3 * 1024 * 1024);
  const flags = { line: false, end: false, hidden: false, binary: false };
  link.send({ type: "input", page: "page", n: 1, seen: 0, data, ...flags });
  expect(said).toHaveLength(1);
  expect(socket.sent).toHaveLength(2);
});

test("a message comes with its buffers", async () => {
  const socket = await connect();
  const text = new TextEncoder().encode('{"type":"who","page":"page"}');
  const data = new Uint8Array(4 + text.length + 4 + 3 + 4);
  const view = new DataView(data.buffer);
  view.setUint32(0, text.length, true);
  data.set(text, 4);
  view.setUint32(4 + text.length, 3, true);
  data.set([1, 2, 3], 8 + text.length);
  socket.say(data.buffer);
  const [message, buffers] = received[0] as [KernelMessage, DataView[]];
  expect(message).toEqual({ type: "who", page: "page" });
  expect(buffers.map((one) => [one.byteLength, one.byteLength && one.getUint8(2)])).toEqual([
    [3, 3],
    [0, 0],
  ]);
});

test("a link that fails is offered again at most five times", () => {
  for (let n = 0; n < 7; n += 1) {
    link.connect(OFFER, "page");
    ScriptedSocket.made.at(-1)?.close();
  }
  expect(ScriptedSocket.made).toHaveLength(5);
});

test("a link is made once", async () => {
  await connect();
  link.connect(OFFER, "page");
  expect(ScriptedSocket.made).toHaveLength(1);
});

test("the end waits for what is on its way", async () => {
  const socket = await connect();
  let closed = false;
  const closing = link.close().then(() => {
    closed = true;
  });
  await Promise.resolve();
  expect(closed).toBe(false);
  socket.close();
  await closing;
  expect([closed, changes]).toEqual([true, 1]);
});

test.each([
  ["localhost", true, "near"],
  ["127.0.0.1", true, "near"],
  ["[::1]", true, "near"],
  ["lab.localhost", true, "near"],
  ["localhost", false, ""],
  ["hub.example.org", true, "far"],
  ["127.0.0.1.example.org", true, "far"],
])("a page at %s (secure: %s) is %s", (hostname, secure, where) => {
  expect(placeOf({ hostname }, secure)).toBe(where);
});

function far(): DirectLink {
  const comm = { send: (message: PageMessage) => said.push(message) };
  return new DirectLink(
    comm,
    "far",
    "wss://lab.example.org/user/ada/",
    () => {},
    () => {},
  );
}

test("a page elsewhere goes through the server, where that passes links on", () => {
  far().connect({ ...OFFER, relay: true }, "page");
  expect(ScriptedSocket.made.map(({ url }) => url)).toEqual([
    "wss://lab.example.org/user/ada/hyper_jupyter/link/4711",
  ]);
});

test("a page elsewhere tries nothing of its own machine", () => {
  far().connect(OFFER, "page");
  expect(ScriptedSocket.made).toEqual([]);
});

test("if nothing proves to be the kernel the server is tried next, once", async () => {
  link.connect({ ...OFFER, relay: true }, "page");
  ScriptedSocket.made[0]?.close();
  ScriptedSocket.made[1]?.close();
  expect(ScriptedSocket.made.map(({ url }) => url)).toEqual([
    "ws://127.0.0.1:4711/",
    "ws://lab.example.org/user/ada/hyper_jupyter/link/4711",
  ]);
  expect(changes).toBe(0);
  expect(failures).toEqual(["silent"]);
});

test("another program at the port is distinguished from no answer", async () => {
  await connect("cd".repeat(32));
  expect(failures).toEqual(["stranger"]);
  link.connect(OFFER, "page");
  ScriptedSocket.made.at(-1)?.close();
  expect(failures).toEqual(["stranger", "silent"]);
});

test("a link that was there and goes has not failed", async () => {
  const socket = await connect();
  socket.close();
  expect([failures, link.relayed]).toEqual([[], false]);
});

test("a link says whether it goes through the server", async () => {
  link.connect({ ...OFFER, relay: true }, "page");
  ScriptedSocket.made[0]?.close();
  expect(link.relayed).toBe(true);
});

test("a socket that closes during the proof leaves no link, and the next one gets nothing", async () => {
  link.connect({ ...OFFER, relay: true }, "page");
  const socket = ScriptedSocket.made[0] as ScriptedSocket;
  socket.open();
  const { nonce } = JSON.parse(socket.sent[0] ?? "");
  const text = JSON.stringify({ nonce: "n2", proof: await proof("kernel", [nonce, "n2"]) });
  const proving = socket.say(text);
  socket.close(); // while the proof is being made
  await proving;
  const second = ScriptedSocket.made[1] as ScriptedSocket;
  second.open();
  link.send(ACK);
  expect([link.open, said, second.sent.length]).toEqual([false, [ACK], 1]);
});

test("a link that lasted for a minute may be made again as often as it breaks", async () => {
  vi.useFakeTimers();
  for (let n = 0; n < 7; n += 1) {
    const socket = await connect();
    expect(link.open).toBe(true);
    vi.advanceTimersByTime(60_000);
    socket.close();
  }
  vi.useRealTimers();
});

test("a link through the server is closed if it may lead nowhere, one on this machine is not", async () => {
  const near = await connect();
  link.closeRelayed();
  expect([link.open, near.readyState]).toEqual([true, 1]);
  near.close();
  link.connect({ ...OFFER, relay: true }, "page");
  ScriptedSocket.made.at(-1)?.close();
  const relayed = ScriptedSocket.made.at(-1) as ScriptedSocket;
  relayed.open();
  const { nonce } = JSON.parse(relayed.sent[0] ?? "");
  await relayed.say(JSON.stringify({ nonce: "n2", proof: await proof("kernel", [nonce, "n2"]) }));
  expect(link.open).toBe(true);
  link.closeRelayed();
  expect([link.open, relayed.readyState]).toEqual([false, 3]);
});
