// What a pane draws in its terminal: the history, then its streams, shaped as the user has chosen. To show
// that in another way, everything is drawn again. It draws through terminal/. No DOM, no Jupyter.

import { Shaping } from "../../model/logs/shaping";
import { STDOUT, type Stream } from "../../model/messages";
import { missingText } from "../../model/outcome";
import { historyText } from "../../model/output/history-text";
import { type Prefixed, sayStream } from "../../model/output/line-label";
import { PausableFeed } from "../../model/output/pausable-feed";
import { type Shown, streamsOf } from "../../model/output/shown";
import type { Times } from "../../model/output/times";
import type { SessionModel } from "../../model/session-model";
import { Screen } from "../../terminal/screen";
import type { PaneFrame } from "./pane-frame";
import type { PaneHost } from "./pane-host";
import { SCROLLBACK } from "./pane-scrollback";
import { MAX_ROWS } from "./view-settings";

/** What it asks of its pane, and reports to it. */
export interface PaneOutputCallbacks {
  /** Something was drawn. */
  wrote(): void;
  /** Everything is going to be drawn again. */
  redraws(): void;
}

/** How many lines match a filter, of how many, and what is wrong with the filter. */
export interface Matching {
  shown: number;
  total: number;
  error: string;
}

/** Milliseconds that output waits for the history above it. */
const HISTORY_WITHIN = 1000;
/** The same, for the code that shows it as the user has chosen: else lines would jump. */
const SHAPE_WITHIN = 250;

const HIDE_CURSOR = "\x1b[?25l";
const RESET = "\x1bc";
const CLEAR = "\x1b[2J\x1b[3J\x1b[H";

export class PaneOutput {
  readonly streams: readonly Stream[];
  readonly screen: Screen;
  readonly shaping: Shaping;
  #model: SessionModel;
  #frame: PaneFrame;
  #host: PaneHost;
  #callbacks: PaneOutputCallbacks;
  #tty: boolean;
  #feed: PausableFeed;
  /** Whether it shows its streams; before that it waits for the history. */
  #started = false;
  #late: ReturnType<typeof setTimeout> | undefined;
  /** Whether what it shows was drawn in another way than it is to be shown. */
  #outdated = false;
  /** The number of the history that it shows. */
  #history = 0;
  /** Whether it says that the end is missing. */
  #missingNoted = false;
  #closed = false;

  /** Call `begin` to draw the first time. */
  constructor(
    model: SessionModel,
    shown: Shown,
    frame: PaneFrame,
    host: PaneHost,
    callbacks: PaneOutputCallbacks,
  ) {
    this.#model = model;
    this.#frame = frame;
    frame.woken = () => this.update();
    this.#host = host;
    this.#callbacks = callbacks;
    this.#tty = model.status.tty;
    this.streams = streamsOf(shown);
    const { kept, searches } = host.settings;
    this.screen = this.#makeScreen();
    this.shaping = new Shaping(
      kept.get("structured"),
      () => {
        if (!this.#closed) this.#shapeAnew();
      },
      (why) => host.say(why, true),
    );
    if (this.#tty) {
      this.#feed = new PausableFeed(model, this.screen, this.streams);
      return;
    }
    this.shaping.fold = kept.get("fold") ?? false;
    this.shaping.filter = searches.get("filter") ?? "";
    this.#feed = new PausableFeed(
      model,
      this.screen,
      this.streams,
      () => this.shaping.begin(),
      kept.get("times"),
      kept.get("pauses") ?? true,
    );
  }

  /** Draw what there is, once what belongs above it or shapes it has come, or is late. */
  begin(): void {
    if (!this.#tty) this.#frame.emulator.write(HIDE_CURSOR);
    if (!this.#model.awaitsHistory && !this.shaping.waits) {
      this.#start();
      return;
    }
    const within = this.#model.awaitsHistory ? HISTORY_WITHIN : SHAPE_WITHIN;
    this.#late = setTimeout(() => this.#start(), within);
  }

  /** Draw what the model has learnt of the session. */
  update(): void {
    this.#noteHistory();
    this.#noteMissing();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#late);
    this.#feed.unsubscribe();
    this.screen.close();
  }

  /** What lines have in front. */
  get prefixed(): Prefixed {
    if (this.streams.length > 1) return "mark";
    return this.times && "time";
  }

  get times(): Times {
    return this.#feed.times;
  }

  /** Show times or not: everything is drawn again, and a pause ends. */
  set times(times: Times) {
    this.#redraw(times);
  }

  get pauses(): boolean {
    return this.#feed.pauses;
  }

  set pauses(on: boolean) {
    this.#feed.pauses = on;
    this.#redraw();
  }

  get structured(): boolean {
    return this.shaping.structured;
  }

  set structured(on: boolean) {
    this.shaping.structured = on;
    this.#redraw();
  }

  get fold(): boolean {
    return this.shaping.fold;
  }

  set fold(on: boolean) {
    this.shaping.fold = on;
    this.#redraw();
  }

  /** Only lines that match this are shown; "" shows all. */
  set filter(typed: string) {
    if (typed === this.shaping.filter) return;
    this.shaping.filter = typed;
    this.#redraw();
    this.#host.changed();
  }

  get matching(): Matching {
    const { shown = 0, total = 0, filter } = this.shaping.shaper ?? {};
    return { shown, total, error: filter?.error ?? "" };
  }

  /** Whether the view is held, never the container; it goes on where it was paused. */
  get paused(): boolean {
    return this.#feed.paused;
  }

  set paused(on: boolean) {
    if (on === this.#feed.paused) return;
    this.#frame.wake(); // a pause begins at what has come
    if (on) this.#feed.pause();
    else if (this.#outdated) this.#redraw();
    else this.#feed.resume();
    this.update();
  }

  /** Bytes that have come during the pause. */
  get waiting(): number {
    return this.#feed.waiting;
  }

  /** All lines that there are, without words of ours between them. */
  get text(): string[] {
    return this.screen.lines(SCROLLBACK + MAX_ROWS, false);
  }

  /** Return the last lines as text, with the stream of each in words if there are two. */
  plainLines(limit: number): string[] {
    const lines = this.screen.lines(limit);
    return this.streams.length === 1 ? lines : lines.map(sayStream);
  }

  /** Clear the view; what comes then is drawn at its top. `cleared` is called when it is empty. */
  clear(cleared: () => void): void {
    this.#frame.wake();
    const { emulator } = this.#frame;
    if (this.#tty) {
      emulator.clear();
      this.screen.restart();
    } else this.screen.write(CLEAR, true, cleared); // behind what still waits to be drawn
    this.#feed.restartLine();
  }

  #makeScreen(): Screen {
    const { emulator } = this.#frame;
    return new Screen(
      emulator.terminal,
      {
        answers: () => this.#tty && this.#model.answers(STDOUT, this.#feed.sink(STDOUT)),
        wrote: () => {
          this.#callbacks.wrote();
          if (this.shaping.filter) this.#host.changed();
        },
        visible: () => this.#frame.visible,
        // A terminal never sleeps: its program may wait for an answer.
        sleeps: (wake) => !this.#tty && this.#frame.sleeps(wake),
        keeps: () => (this.#tty ? Number.POSITIVE_INFINITY : SCROLLBACK + emulator.rows),
        mouse: () => emulator.takesInput,
        unplaced: (text) => this.#host.say(text),
        late: () => this.#redraw(),
      },
      this.streams.length > 1,
    );
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#outdated) {
      this.#redraw();
      return;
    }
    this.#write(this.#takeHistory());
    this.#feed.resume();
  }

  /** Draw everything as it is to be shown from now on; a paused view, once it goes on. */
  #shapeAnew(): void {
    this.#outdated = true;
    if (this.#feed.paused || (!this.#started && this.#model.awaitsHistory)) return;
    this.#started = true;
    this.#redraw();
    this.#host.changed();
  }

  #redraw(times = this.times): void {
    this.#missingNoted = this.#outdated = false;
    this.#callbacks.redraws();
    this.#feed.redraw(times, () => {
      // Written, not called, so that it comes after everything that is still to be drawn.
      this.#write(`${RESET}${this.#tty ? "" : HIDE_CURSOR}${this.#takeHistory()}`);
    });
  }

  /** Return the history as text, which is above everything else. */
  #takeHistory(): string {
    const { history } = this.#model;
    this.#history = history?.number ?? 0;
    if (!history) return "";
    return historyText(this.shaping.filtered(history, this.streams), this.streams);
  }

  #write(text: string): void {
    if (text) this.screen.write(text, true, () => {});
  }

  /** Draw everything again if the history is another one than is shown. */
  #noteHistory(): void {
    const { history } = this.#model;
    if (!history || history.number === this.#history || this.#feed.paused) return;
    if (!this.#started) this.#start();
    else this.#redraw();
  }

  /** Say behind the last output that more is missing, once all of it was fed. */
  #noteMissing(): void {
    const { status } = this.#model;
    const text = missingText(status, this.streams);
    const fed = this.streams.every((stream) => this.#model.have(stream) >= status.totals[stream]);
    if (!text) this.#missingNoted = false; // it goes on
    if (!text || this.#missingNoted || !fed || this.#feed.paused || this.#frame.asleep) return;
    this.#missingNoted = true;
    this.screen.note(text);
  }
}
