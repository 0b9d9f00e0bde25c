import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LinkFailure } from "../direct-link";
import type { Facts, KernelMessage, LinkOffer, PageMessage, Ping, Pong } from "../messages";
import { PageCheck, type PageCheckOptions, SUBSHELL_WITHIN } from "./page-check";
import { SILENCE } from "./page-findings";

const OFFER: LinkOffer = { port: 4711, name: "check", secret: "ab".repeat(32), relay: false };
const FACTS: Facts = {
  version: "1.2.3",
  ipykernel: "7.4.0",
  subshells: true,
  link: false,
  relay: false,
};
const OLD: Partial<Facts> = { ipykernel: "6.31.0", subshells: false };

/** The direct link, opened and broken by the test. Its own tests are in `direct-link.test.ts`. */
class ScriptedLink {
  static made: ScriptedLink;
  open = false;
  relayed = false;
  offers: LinkOffer[] = [];
  sent: PageMessage[] = [];
  closed = 0;

  constructor(
    _comm: unknown,
    _place: unknown,
    _server: unknown,
    readonly receive: (message: KernelMessage) => void,
    readonly changed: () => void,
    readonly failed: (why: LinkFailure) => void,
  ) {
    ScriptedLink.made = this;
  }

  connect(offer: LinkOffer): void {
    this.offers.push(offer);
  }

  send(message: PageMessage): void {
    this.sent.push(message);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  turn(open: boolean): void {
    this.open = open;
    this.changed();
  }
}

vi.mock("../direct-link", () => ({
  get DirectLink() {
    return ScriptedLink;
  },
}));

let pings: Ping[];
let check: PageCheck;

beforeEach(() => {
  vi.useFakeTimers();
  pings = [];
});

afterEach(() => {
  check.close();
  vi.useRealTimers();
});

function start(facts: Partial<Facts> = {}, place: PageCheckOptions["place"] = "near"): void {
  check = new PageCheck({
    comm: { send: (message) => pings.push(message as Ping) },
    facts: { ...FACTS, ...facts },
    front: { version: "1.2.3", hash: "f00d", extension: true },
    place,
    server: "ws://localhost:8888/",
  });
  check.start();
}

/** Answer the last ping that was sent by the comm, or the link. */
async function answer(pong: Partial<Pong> = {}, after = 1, sent: PageMessage[] = pings) {
  await vi.advanceTimersByTimeAsync(after);
  const ping = sent.at(-1) as Ping;
  check.receive({ type: "pong", page: check.page, n: ping.n, aside: true, link: null, ...pong });
  await vi.advanceTimersByTimeAsync(0);
}

async function answerAll(pong: Partial<Pong> = {}, count = 6): Promise<void> {
  for (let n = 0; n < count; n += 1) await answer(pong);
}

async function linkUp(): Promise<ScriptedLink> {
  await answer({ link: OFFER, aside: false });
  const link = ScriptedLink.made;
  link.turn(true);
  return link;
}

test("with nothing wrong every finding is ok, and there is no next step", async () => {
  start({ link: true });
  const link = await linkUp();
  await answerAll({}, 5);
  for (let n = 0; n < 6; n += 1) await answer({}, 1, link.sent);
  expect(check.done).toBe(true);
  expect(Object.values(check.findings).map(({ mark, step }) => [mark, step])).toEqual(
    Array(4).fill(["ok", ""]),
  );
  expect(check.findings.front.text).toBe(
    "The front end runs: version 1.2.3, bundle f00d, from the Jupyter server's extension.",
  );
});

test("before an answer comes only the front end's finding is known", () => {
  start({ link: true });
  expect(Object.values(check.findings).map(({ mark }) => mark)).toEqual([
    "ok",
    "wait",
    "wait",
    "wait",
  ]);
  expect(check.done).toBe(false);
});

test("the round trip is the median of five, and the first one does not count", async () => {
  start();
  await answer({}, 900);
  for (const time of [10, 42, 700, 20, 90]) await answer({}, time);
  expect(check.findings.trip).toEqual({
    mark: "ok",
    text: "A message to the kernel and back takes 42 ms.",
    step: "",
  });
  expect(pings.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a slow way gets a note with a next step", async () => {
  start();
  for (let n = 0; n < 6; n += 1) await answer({}, 400);
  expect(check.findings.trip.mark).toBe("note");
  expect(check.findings.trip.step).not.toBe("");
});

test("a front end that gets its subshell late uses subshells", async () => {
  start();
  await answerAll({ aside: false });
  expect(check.findings.typing.mark).toBe("wait");
  await answer({ aside: false }, 300);
  await answer({ aside: true }, 300);
  expect(check.findings.typing.mark).toBe("ok");
});

test("a front end that never uses a subshell is distinguished from a kernel that has none", async () => {
  start();
  await answerAll({ aside: false });
  for (let n = 0; n < SUBSHELL_WITHIN / 250; n += 1) await answer({ aside: false }, 250);
  expect(check.findings.typing).toEqual({
    mark: "fail",
    text: "Typing waits while a cell runs: this front end does not use the kernel's subshells.",
    step: "Use JupyterLab 4.4 or Notebook 7.4, or newer.",
  });
});

test("without a link a kernel without subshells is known from the start", () => {
  start(OLD);
  expect(check.findings.typing).toEqual({
    mark: "fail",
    text: "Typing waits while a cell runs: ipykernel 6.31.0 has no subshells.",
    step: "Install ipykernel 7.1 or newer and restart the kernel.",
  });
});

test("with a link a kernel without subshells is not a failure", async () => {
  start({ ...OLD, link: true });
  expect(check.findings.typing.mark).toBe("wait");
  await linkUp();
  expect(check.findings.typing).toEqual({
    mark: "note",
    text: "Typed text arrives while a cell runs, but by the direct link only: ipykernel 6.31.0 has no subshells.",
    step: "To have that without the link too: Install ipykernel 7.1 or newer and restart the kernel.",
  });
});

test("a kernel without subshells is a failure if the link can not be made", async () => {
  start({ ...OLD, link: true });
  await answer({ link: OFFER, aside: false });
  ScriptedLink.made.failed("silent");
  expect(check.findings.typing.mark).toBe("fail");
});

test("a silent kernel is reported and asked again, and an answer then counts", async () => {
  start();
  await vi.advanceTimersByTimeAsync(SILENCE - 1);
  expect(check.findings.trip.mark).toBe("wait");
  await vi.advanceTimersByTimeAsync(1);
  expect(check.findings.trip).toMatchObject({ mark: "fail" });
  expect(check.findings.trip.text).toBe("The kernel has not answered for 5 s.");
  expect(pings.map(({ n }) => n)).toEqual([1, 2]);
  // It answers the first ping late, then the others.
  check.receive({
    type: "pong",
    page: check.page,
    n: 1,
    aside: true,
    link: null,
  });
  await vi.advanceTimersByTimeAsync(0);
  await answerAll({}, 5);
  expect(check.findings.trip.mark).toBe("ok");
});

test("a silent kernel is asked a few times only", async () => {
  start();
  await vi.advanceTimersByTimeAsync(100 * SILENCE);
  expect(pings.length).toBe(6);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [OLD, "note", "The kernel has not answered for 5 s.", "If a cell is running"],
  [{ ipykernel: "7.0.1" }, "fail", "ipykernel 7.0.1 cannot publish from threads", "7.1 or newer"],
])("why the kernel may be silent depends on it: %o", async (facts, mark, text, step) => {
  start(facts);
  await vi.advanceTimersByTimeAsync(SILENCE);
  expect(check.findings.trip.mark).toBe(mark);
  expect(check.findings.trip.text).toContain(text);
  expect(check.findings.trip.step).toContain(step);
});

test("answers for another page are not taken", async () => {
  start();
  await answer({ page: "another" });
  expect(pings).toHaveLength(1);
  await answer();
  expect(pings).toHaveLength(2);
});

test("the link is measured on the link, and ended", async () => {
  start({ link: true });
  const link = await linkUp();
  expect(link.offers).toEqual([OFFER]);
  expect(pings[0]).toEqual({ type: "ping", page: check.page, n: 1, link: "near" });
  await answer({}, 800, link.sent);
  for (const time of [3, 2, 50, 2, 4]) await answer({}, time, link.sent);
  expect(check.findings.link.text).toBe(
    "The direct link works, straight to the kernel's process: 3.0 ms there and back.",
  );
  expect(link.closed).toBe(1);
  expect(link.sent).toHaveLength(6);
});

test("a link by the server says so", async () => {
  start({ link: true, relay: true }, "far");
  const link = await linkUp();
  link.relayed = true;
  for (let n = 0; n < 6; n += 1) await answer({}, 1, link.sent);
  expect(check.findings.link.text).toContain("through the server");
});

test("a link that breaks while it is measured is reported as broken", async () => {
  start({ link: true });
  const link = await linkUp();
  await answer({}, 1, link.sent);
  link.turn(false);
  for (let n = 0; n < 5; n += 1) await answer({}, 1, link.sent); // by the comm
  expect(check.findings.link.text).toBe("The direct link broke.");
});

test.each([
  [{ link: false }, "near", "it is turned off", "configure(direct_link=True)"],
  [{ link: true }, "", "plain http from another machine", "https"],
  [{ link: true }, "far", "the server does not pass links on", "hyper_jupyter.server"],
] as const)("a link that cannot be is not asked for: %o at %o", (facts, place, text, step) => {
  start(facts, place);
  expect(check.findings.link.mark).toBe("note");
  expect(check.findings.link.text).toContain(text);
  expect(check.findings.link.step).toContain(step);
  expect(pings[0]?.link).toBe("");
});

test("a kernel without a port for the link is distinguished from one out of reach", async () => {
  start({ link: true });
  await answer({ link: null });
  expect(check.findings.link).toMatchObject({ mark: "fail" });
  expect(check.findings.link.text).toContain("has no port");
});

test("a listener is called at every change until it unsubscribes", async () => {
  start();
  let changes = 0;
  const stop = check.onChange(() => {
    changes += 1;
  });
  await vi.advanceTimersByTimeAsync(SILENCE);
  expect(changes).toBe(1);
  stop();
  await answerAll();
  expect(check.findings.trip.mark).toBe("ok");
  expect(changes).toBe(1);
});

test("a check that was taken away does nothing more", async () => {
  start({ link: true });
  const link = await linkUp();
  check.close();
  await vi.advanceTimersByTimeAsync(10 * SILENCE);
  expect(pings).toHaveLength(2);
  expect(link.closed).toBe(1);
});
