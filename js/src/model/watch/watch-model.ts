// A live view as this page knows it. No DOM, no Jupyter: it sends through a port.
//
// The kernel sends what is newer than the revision that the page says it has. What the page shows it
// acknowledges. While no view can be seen it acknowledges nothing, so the kernel soon stops sending,
// and the first view that is seen again says hello.

import type { KernelEnd } from "../outcome";
import { randomName } from "../port";
import type {
  EventsNews,
  FramesNews,
  StatsNews,
  WatchPageMessage,
  WatchStatus,
} from "./watch-messages";

/** Milliseconds after which a hello without an answer is repeated, while a view is seen. */
export const HELLO_RETRY = 5000;

export interface WatchPort {
  send(message: WatchPageMessage): void;
}

export abstract class WatchModel<News extends StatsNews | EventsNews | FramesNews> {
  readonly page = randomName();
  #port: WatchPort;
  #status: WatchStatus;
  #have = 0;
  #heard = false;
  #answered = true;
  #late = false;
  #kernelEnd: KernelEnd | "" = "";
  /** Whether the front end has no kernel. */
  #kernelGone = false;
  #stopping = false;
  #seen = new Set<object>();
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(port: WatchPort, status: WatchStatus) {
    this.#port = port;
    this.#status = status;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  set status(status: WatchStatus) {
    this.#status = status;
    this.changed();
  }

  /** Whether anything came from the kernel. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Whether the kernel has not answered this page for some time, and never did. */
  get unanswered(): boolean {
    return !this.#heard && (this.#late || this.#kernelEnd !== "");
  }

  /** What has become of the kernel that followed the engine; empty as long as it may be there. */
  get kernelEnd(): KernelEnd | "" {
    return this.#kernelEnd;
  }

  /**
   * What has become of the front end's kernel; "" if it has one. A comm may still take messages then:
   * nobody gets them.
   */
  set kernelEnd(end: KernelEnd | "") {
    this.#kernelGone = end !== "";
    this.#kernelEnd = end;
    if (!end) this.hello();
    this.changed();
  }

  /** Whether a stop was asked for, and has not happened yet. */
  get stopping(): boolean {
    return this.#stopping && !this.over;
  }

  /** Whether there is nothing more to come. */
  get over(): boolean {
    return ["stopped", "ended", "failed"].includes(this.#status.state);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Note whether a view can be seen by the user. */
  setSeen(view: object, seen: boolean): void {
    const before = this.#seen.size;
    if (seen) this.#seen.add(view);
    else this.#seen.delete(view);
    if (!before && this.#seen.size) this.hello();
  }

  /** Ask for what is newer. */
  hello(): void {
    if (this.#closed) return;
    this.#answered = false;
    clearTimeout(this.#timer);
    if (!this.#send({ type: "hello", page: this.page, have: this.#have })) return;
    this.#timer = setTimeout(() => {
      if (this.#answered) return;
      this.#late = true;
      if (this.#seen.size) this.hello();
      this.changed();
    }, HELLO_RETRY);
  }

  stop(): void {
    this.#stopping = true;
    this.#send({ type: "stop", page: this.page });
    this.changed();
  }

  receive(news: News): void {
    if (news.type !== "news" || news.page !== this.page || this.#closed) return;
    this.#answered = true;
    if (news.after > this.#have) {
      this.hello(); // something was lost on the way
      return;
    }
    this.#heard = true;
    this.take(news);
    this.#have = Math.max(this.#have, news.revision);
    if (this.#seen.size) this.#send({ type: "ack", page: this.page, seq: news.seq });
    this.changed();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Send a message. Returns whether the comm took it: that of a kernel that has ended takes none. */
  #send(message: WatchPageMessage): boolean {
    if (this.#kernelGone) return false;
    const before = this.#kernelEnd;
    try {
      this.#port.send(message);
      this.#kernelEnd = "";
    } catch {
      // The front end has a kernel: another one by now, which does not know this view.
      this.#kernelEnd = "restarted";
    }
    if (this.#kernelEnd !== before) this.changed();
    return !this.#kernelEnd;
  }

  protected abstract take(news: News): void;

  protected changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
