// The page's numbered requests that the kernel has not answered yet. No DOM, no Jupyter.
//
// Any message may be lost, or wait until a running cell ends. The kernel applies each number once
// and in order, so a request may be sent again: with every hello, and after pauses that double.

import type { Request } from "./messages";

/** Milliseconds without an answer after which the view says that the kernel is busy. */
export const PATIENCE = 300;
/** Milliseconds without an answer after which requests are sent again; doubled each time. */
export const RETRY = 2000;
const RETRY_LIMIT = 30_000;
/** Requests that are sent again at a time: all of them would pile up during a long cell. */
const RETRY_COUNT = 32;

interface Waiting {
  message: Request;
  since: number;
  resolve: (error: string | null) => void;
}

export class RequestQueue {
  #send: (message: Request) => void;
  #changed: () => void;
  #stuck: () => void;
  #numbered = 0;
  #waiting = new Map<number, Waiting>();
  #patience: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pause = RETRY;

  /**
   * `changed`: called when `overdue` may have changed; `stuck`: called when a request that was sent
   * again has no answer either.
   */
  constructor(send: (message: Request) => void, changed: () => void, stuck: () => void = () => {}) {
    this.#send = send;
    this.#changed = changed;
    this.#stuck = stuck;
  }

  /** How many requests have no answer; 0 until one has waited for PATIENCE. */
  get overdue(): number {
    const oldest = this.#oldest();
    return oldest && Date.now() - oldest.since >= PATIENCE ? this.#waiting.size : 0;
  }

  /** Number a request and send it. Resolves to null, or to what went wrong. */
  ask(make: (n: number) => Request): Promise<string | null> {
    this.#numbered += 1;
    const message = make(this.#numbered);
    const answer = new Promise<string | null>((resolve) => {
      this.#waiting.set(message.n, { message, since: Date.now(), resolve });
    });
    this.#watch();
    this.#send(message);
    return answer;
  }

  /** The kernel has answered a request. */
  answer(n: number, error: string | null): void {
    const waiting = this.#waiting.get(n);
    if (!waiting) return;
    this.#waiting.delete(n);
    this.#pause = RETRY;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#watch();
    waiting.resolve(error);
  }

  /** Send unanswered requests again, the oldest first. */
  again(limit = Number.POSITIVE_INFINITY): void {
    for (const { message } of [...this.#waiting.values()].slice(0, limit)) this.#send(message);
  }

  /** Answer all requests with an error, because the kernel will not. */
  discard(error: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    clearTimeout(this.#patience);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    for (const { resolve } of waiting) resolve(error);
  }

  #oldest(): Waiting | undefined {
    return this.#waiting.values().next().value;
  }

  #watch(): void {
    clearTimeout(this.#patience);
    const oldest = this.#oldest();
    if (!oldest) return;
    const rest = PATIENCE - (Date.now() - oldest.since);
    if (rest > 0) this.#patience = setTimeout(() => this.#changed(), rest);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      if (this.#pause > RETRY) this.#stuck();
      this.#pause = Math.min(this.#pause * 2, RETRY_LIMIT);
      this.again(RETRY_COUNT);
      this.#watch();
    }, this.#pause);
  }
}
