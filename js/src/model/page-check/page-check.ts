// The doctor's checks that only a page can make: what its way to the kernel is like. The kernel's
// side is hyper_jupyter/widgets/page/page_check.py. No DOM, no Jupyter.
//
// It sends numbered pings by the comm and measures how long each answer takes. The answers say
// whether the kernel handles this page's messages while cells run, and offer a direct link, which is
// measured in the same way. Any answer may come late or never, so findings are independent of each
// other and may change.

import { DirectLink, type LinkFailure } from "../direct-link";
import type { Facts, KernelMessage, LinkOffer, Place, Pong } from "../messages";
import { type Port, randomName } from "../port";
import {
  BROKEN_LINK,
  type Finding,
  type Front,
  failedLinkFinding,
  frontFinding,
  linkFinding,
  mainShellFinding,
  NO_PORT,
  noLinkFinding,
  SILENCE,
  SUBSHELL_FINDING,
  silentFinding,
  tripFinding,
} from "./page-findings";

/** Round trips that are measured, after a first one that does not count. */
export const PINGS = 5;
/** How often a ping without an answer is repeated. */
const REPEATS = 5;
/** Milliseconds that a front end may take to create its subshell. */
export const SUBSHELL_WITHIN = 4000;
const SUBSHELL_INTERVAL = 200;

/** The things that are checked, in the order in which they are shown. */
export const TOPICS = ["front", "trip", "typing", "link"] as const;
export type Topic = (typeof TOPICS)[number];

export interface PageCheckOptions {
  comm: Port;
  facts: Facts;
  front: Front;
  place: Place;
  server: string;
}

interface Answer {
  milliseconds: number;
  pong: Pong;
}

export class PageCheck {
  readonly page = randomName();
  readonly findings: Record<Topic, Finding>;
  #comm: Port;
  #facts: Facts;
  #place: Place;
  #link: DirectLink;
  #count = 0;
  #waiting = new Map<number, (pong: Pong) => void>();
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #listeners = new Set<() => void>();
  /** Whether the kernel handles this page's messages while cells run. */
  #aside: boolean | undefined;
  /** Whether there is a direct link; undefined until that is known. */
  #linked: boolean | undefined;
  #started = false;

  constructor({ comm, facts, front, place, server }: PageCheckOptions) {
    this.#comm = comm;
    this.#facts = facts;
    this.#place = place;
    this.#link = new DirectLink(
      comm,
      place,
      server,
      (message) => this.receive(message),
      () => this.#linkChanged(),
      (why) => this.#linkFailed(why),
    );
    const waiting = { mark: "wait" as const, step: "" };
    this.findings = {
      front: frontFinding(front, facts),
      trip: { ...waiting, text: "A message to the kernel and back: measuring…" },
      typing: { ...waiting, text: "Typing while a cell runs: checking…" },
      link: { ...waiting, text: "The direct link: connecting…" },
    };
  }

  /** Whether all findings are known. */
  get done(): boolean {
    return TOPICS.every((topic) => this.findings[topic].mark !== "wait");
  }

  /** Call back after a finding has changed. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Measure, once. Call it when the check is shown. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#judgeLink();
    if (!this.#facts.subshells) this.#aside = false;
    this.#judgeTyping();
    void this.#measureComm();
  }

  /** Take a message of the kernel, by the comm or by the direct link. */
  receive(message: KernelMessage): void {
    if (message.type === "pong" && message.page === this.page) {
      this.#waiting.get(message.n)?.(message);
    }
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#waiting.clear();
    void this.#link.close();
  }

  async #measureComm(): Promise<void> {
    const first = await this.#ask(this.#comm);
    if (this.#linked === undefined) this.#connect(first.pong.link);
    const times: number[] = [];
    for (let n = 0; n < PINGS; n += 1) {
      const { milliseconds, pong } = await this.#ask(this.#comm);
      times.push(milliseconds);
      if (pong.aside) this.#aside = true;
    }
    this.#set("trip", tripFinding(median(times)));
    const until = performance.now() + SUBSHELL_WITHIN;
    while (this.#facts.subshells && !this.#aside && performance.now() < until) {
      await new Promise<void>((resolve) => this.#later(SUBSHELL_INTERVAL, resolve));
      const { pong } = await this.#ask(this.#comm);
      if (pong.aside) this.#aside = true;
    }
    this.#aside ??= false;
    this.#judgeTyping();
  }

  /** Ping until there is an answer. The time is that of the ping that was answered. */
  #ask(way: Port): Promise<Answer> {
    return new Promise((resolve) => {
      const asked: number[] = [];
      let timer: ReturnType<typeof setTimeout> | undefined;
      const ask = () => {
        this.#count += 1;
        const n = this.#count;
        asked.push(n);
        const at = performance.now();
        this.#waiting.set(n, (pong) => {
          const milliseconds = performance.now() - at;
          for (const one of asked) this.#waiting.delete(one);
          this.#cancel(timer);
          resolve({ milliseconds, pong });
        });
        if (asked.length <= REPEATS) timer = this.#later(SILENCE, again);
        const link = this.#linked === undefined ? this.#place : "";
        way.send({ type: "ping", page: this.page, n, link });
      };
      const again = () => {
        if (way === this.#comm) this.#set("trip", silentFinding(this.#facts));
        ask();
      };
      ask();
    });
  }

  /** Judge the direct link as far as is possible before the kernel has offered one. */
  #judgeLink(): void {
    const finding = noLinkFinding(this.#facts, this.#place);
    if (finding) this.#noLink(finding);
  }

  #connect(offer: LinkOffer | null): void {
    if (offer) this.#link.connect(offer, this.page);
    else this.#noLink(NO_PORT);
  }

  #linkFailed(why: LinkFailure): void {
    this.#noLink(failedLinkFinding(why, this.#facts, this.#place));
  }

  #noLink(finding: Finding): void {
    this.#linked = false;
    this.#set("link", finding);
    this.#judgeTyping();
  }

  #linkChanged(): void {
    if (this.#link.open) void this.#measureLink();
    else this.#noLink(BROKEN_LINK);
  }

  async #measureLink(): Promise<void> {
    this.#linked = true;
    this.#judgeTyping();
    await this.#ask(this.#link);
    const times: number[] = [];
    for (let n = 0; n < PINGS; n += 1) times.push((await this.#ask(this.#link)).milliseconds);
    if (!this.#link.open) return; // the other pings went by the comm
    this.#set("link", linkFinding(median(times), this.#link.relayed));
    void this.#link.close();
  }

  #judgeTyping(): void {
    if (this.#aside) this.#set("typing", SUBSHELL_FINDING);
    else if (this.#aside === false && this.#linked !== undefined) {
      this.#set("typing", mainShellFinding(this.#facts, this.#linked));
    }
  }

  #set(topic: Topic, finding: Finding): void {
    this.findings[topic] = finding;
    for (const listener of this.#listeners) listener();
  }

  #later(milliseconds: number, callback: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: ReturnType<typeof setTimeout> | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
