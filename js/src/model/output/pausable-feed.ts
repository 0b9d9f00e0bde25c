// The feed of a pane that the user can pause. A paused view unsubscribes, so that the kernel does not
// wait for it, and remembers how far it was in each stream; resumed, it goes on from there. To show
// times, everything is drawn again. No DOM, no xterm.

import type { Stream } from "../messages";
import type { Sink } from "../stream-record";
import { Feed, type FeedSource, type FeedTarget } from "./feed";
import type { TextShape } from "./text-shape";
import type { Times } from "./times";

/** Where a pausable feed gets its streams from. */
export interface PausableSource extends FeedSource {
  /** Bytes of a stream that the page has. */
  have(stream: Stream): number;
  /** Bytes of a stream that the session has received. */
  total(stream: Stream): number;
}

export class PausableFeed {
  #source: PausableSource;
  #target: FeedTarget;
  #streams: readonly Stream[];
  #feed: Feed;
  #times: Times = "";
  #pauses: boolean;
  #subscribed = false;
  /** How far each stream was when the view was paused. */
  #paused: Partial<Record<Stream, number>> | undefined;
  #shape: (() => TextShape | undefined) | undefined;

  /**
   * Call `resume` to begin. `shape` returns a new shape whenever everything is drawn again. `pauses`: say
   * between the lines for how long nothing came.
   */
  constructor(
    source: PausableSource,
    target: FeedTarget,
    streams: readonly Stream[],
    shape?: () => TextShape | undefined,
    times: Times = "",
    pauses = false,
  ) {
    this.#shape = shape;
    this.#times = times;
    this.#pauses = pauses;
    this.#source = source;
    this.#target = target;
    this.#streams = streams;
    this.#feed = this.#make();
  }

  get paused(): boolean {
    return this.#paused !== undefined;
  }

  /** What lines have in front. */
  get times(): Times {
    return this.#times;
  }

  /** Whether the time for which nothing came is said between the lines. */
  get pauses(): boolean {
    return this.#pauses;
  }

  /** It counts from the next `redraw` on. */
  set pauses(on: boolean) {
    this.#pauses = on;
  }

  /** Bytes that came after the view was paused; 0 if it is not. */
  get waiting(): number {
    const since = this.#paused;
    if (!since) return 0;
    const waits = (stream: Stream) => this.#source.total(stream) - (since[stream] ?? 0);
    return this.#streams.reduce((sum, stream) => sum + waits(stream), 0);
  }

  /** The sink for a stream. */
  sink(stream: Stream): Sink | undefined {
    return this.#feed.sink(stream);
  }

  /** Hold the output back. */
  pause(): void {
    if (!this.#subscribed) return;
    this.unsubscribe();
    const here = (stream: Stream) => [stream, this.#source.have(stream)] as const;
    this.#paused = Object.fromEntries(this.#streams.map(here));
  }

  /** Go on where the view was paused; the first time from the beginning. */
  resume(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#feed.subscribe(this.#source, this.#paused);
    this.#paused = undefined;
  }

  /**
   * Draw everything that the page has kept again, with these times; `clear` is called before,
   * to empty the view. This ends a pause: what waited is drawn too.
   */
  redraw(times: Times, clear: () => void): void {
    this.unsubscribe();
    clear();
    this.#times = times;
    this.#paused = undefined;
    this.#feed = this.#make();
    this.resume();
  }

  /** The view was cleared: the next text begins a line. */
  restartLine(): void {
    this.#feed.restart();
  }

  #make(): Feed {
    return new Feed(this.#target, this.#streams, this.#times, this.#shape?.(), this.#pauses);
  }

  unsubscribe(): void {
    this.#subscribed = false;
    this.#feed.unsubscribe();
  }
}
