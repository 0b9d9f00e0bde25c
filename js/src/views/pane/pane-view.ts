// A pane: one stream in a terminal, or both in the order of their arrival, with search, pause, menu,
// reader, and a plain-text log for screen readers. This module puts the parts together. DOM; it draws
// through terminal/. No Jupyter.

import { readFilter } from "../../model/logs/filter";
import { readLine } from "../../model/logs/log-line";
import { Shaping } from "../../model/logs/shaping";
import { STDERR, STDOUT, type Stream } from "../../model/messages";
import { missingText, subjectOf } from "../../model/outcome";
import { sayStream } from "../../model/output/feed";
import { historyText } from "../../model/output/history-text";
import { PausableFeed } from "../../model/output/pausable-feed";
import { formatBytes } from "../../model/quantities";
import type { SessionModel } from "../../model/session-model";
import { addresses, Hyperlinks } from "../../terminal/hyperlinks";
import { Screen } from "../../terminal/screen";
import { TerminalSize } from "../../terminal/terminal-size";
import { readLook } from "../../terminal/theme";
import { escapeLeaves, setEscapeLeaves, TtyInput } from "../../terminal/tty-input";
import { copy } from "../elements/clipboard";
import { ConfirmBar } from "../elements/confirm-bar";
import { element } from "../elements/dom";
import { iconButton, relabel } from "../elements/icons";
import { type MenuItem, MenuView } from "../elements/menu-view";
import { remember, remembered } from "../elements/remembered";
import { keepKeys } from "../elements/shortcuts";
import { makeSplitter } from "../elements/splitter";
import { FilterView } from "./filter-view";
import { LOG_LINES, LogView } from "./log-view";
import { PaneFrame } from "./pane-frame";
import { PaneLines } from "./pane-lines";
import { type PaneCallbacks, paneMenu } from "./pane-menu";
import { PaneScrollback, SCROLLBACK } from "./pane-scrollback";
import { PaneTitle } from "./pane-title";
import { ReaderView } from "./reader-view";
import { SearchView } from "./search-view";
import { download } from "./transcript-download";

/** What a pane shows. On a TTY that is stdout, and the pane is a terminal that takes keys. */
export type Shown = Stream | "merged";

/** Rows that a pane may have; the kernel's traits have the same bounds. */
export const MIN_ROWS = 2;
export const MAX_ROWS = 200;

/** Milliseconds that output waits for the history above it. */
const HISTORY_WITHIN = 1000;

const HIDE_CURSOR = "\x1b[?25l";
const RESET = "\x1bc";
const CLEAR = "\x1b[2J\x1b[3J\x1b[H";

export class PaneView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #streams: readonly Stream[];
  #tty: boolean;
  #frame: PaneFrame;
  #screen: Screen;
  #feed: PausableFeed;
  #shaping: Shaping;
  #filter: FilterView;
  #lines: PaneLines;
  /** What the choice to show structured lines is remembered by. */
  #choice: string;
  #scrollback: PaneScrollback;
  #title: PaneTitle;
  #pause: HTMLButtonElement;
  #follow: HTMLButtonElement;
  #search: SearchView;
  #reader: ReaderView | undefined;
  #log: LogView;
  #hyperlinks: Hyperlinks;
  /** Whether it shows its streams; before that it waits for the history. */
  #started = false;
  /** The number of the history that it shows. */
  #history = 0;
  /** Whether the pane says that the end is missing. */
  #missingNoted = false;
  #closers: (() => void)[] = [];
  #closed = false;

  /** `resized` is called after the user has changed the height, with the rows. */
  constructor(model: SessionModel, shown: Shown, rows: number, resized?: (rows: number) => void) {
    this.#model = model;
    this.#streams = shown === "merged" ? [STDOUT, STDERR] : [shown];
    this.#tty = model.status.tty;
    const name = shown === "merged" ? shown : shown === STDOUT ? "stdout" : "stderr";
    const title = this.#tty ? "terminal" : shown === "merged" ? "stdout and stderr" : name;

    this.#frame = new PaneFrame(this.#tty, rows);
    const { emulator } = this.#frame;
    const { terminal } = emulator;
    this.#screen = new Screen(
      terminal,
      {
        answers: () => this.#tty && model.answers(STDOUT, this.#feed.sink(STDOUT)),
        wrote: () => {
          this.#log.schedule();
          this.#countLines();
        },
        visible: () => this.#frame.visible,
        keeps: () => (this.#tty ? Number.POSITIVE_INFINITY : SCROLLBACK + emulator.rows),
        mouse: () => emulator.takesInput,
        unplaced: (text) => this.#title.say(text),
        late: () => this.#redraw(this.#feed.times),
      },
      shown === "merged",
    );
    this.#choice = `structured ${model.status.container} ${name}`;
    this.#shaping = new Shaping(remembered(this.#choice), () => {
      if (!this.#closed) this.#redraw(this.#feed.times);
    });
    const shape = this.#tty ? undefined : () => this.#shaping.begin();
    this.#feed = new PausableFeed(model, this.#screen, this.#streams, shape);
    this.#scrollback = new PaneScrollback(terminal.buffer, model, this.#streams, this.#tty);
    this.#log = new LogView(name, () => this.#plainLines(LOG_LINES));
    this.#search = new SearchView(
      emulator,
      () => emulator.focus(),
      () => this.#scrollback.notFound(),
    );
    this.#filter = new FilterView(
      (typed) => this.#showMatching(typed),
      () => emulator.focus(),
    );
    const find = iconButton("find", "find (Ctrl+F)", () => this.#search.show());
    this.#pause = iconButton("pause", "pause this view", () => this.#togglePause());
    const filter = this.#tty
      ? []
      : [iconButton("filter", "filter lines", () => this.#filter.show())];
    const menu = new MenuView("more for this pane", () => this.#menu());
    const tools = [find, ...filter, this.#pause, menu.root];
    this.#title = new PaneTitle(title, () => this.#readRest(), ...tools);
    this.#follow = element("button", "hj-newest", { type: "button", hidden: true }, "↓ newest");
    this.#follow.title = "jump to the newest output and follow it";
    keepKeys(this.#follow);
    this.#follow.addEventListener("click", () => this.#jumpToEnd());
    const prefixed = () => this.#feed.times || this.#streams.length > 1;
    this.#lines = new PaneLines(emulator, this.#shaping, prefixed);
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: title },
      element("div", "", {}, this.#title.root, this.#filter.root),
      element(
        "div",
        "",
        {},
        element("div", "hj-frame", {}, this.#search.root, this.#frame.root, this.#follow),
        this.#lines.view.root,
      ),
      this.#log.root,
      this.#heightSplitter(title, resized),
    );

    if (!this.#tty) emulator.write(HIDE_CURSOR);
    const confirmBar = new ConfirmBar(this.#frame.root, () => emulator.focus());
    this.#hyperlinks = new Hyperlinks(
      terminal,
      this.#frame.root,
      confirmBar,
      subjectOf(model.status),
    );
    if (this.#tty) this.#takeInput(confirmBar);
    else {
      emulator.onKey(
        (event) => this.#find(event) && this.#lines.key(event) && emulator.scrollByKey(event),
      );
    }
    this.#closers.push(
      () => confirmBar.close(),
      () => menu.close(),
      // The view moves by keys, the wheel and output alike.
      emulator.onDraw(() => this.#noteScroll()),
      emulator.linkLines((line) => {
        const skipped = this.#screen.skippedAt(line);
        return skipped && (() => this.#openReader(skipped.stream, skipped.offset));
      }),
      model.onChange(() => this.#update()),
    );
    this.#begin();
    this.#update();
  }

  /** Lines that it shows. */
  get rows(): number {
    return this.#frame.rows;
  }

  set rows(rows: number) {
    this.#frame.rows = rows;
  }

  close(): void {
    this.#closed = true;
    for (const close of this.#closers.reverse()) close();
    this.#filter.close();
    this.#lines.close();
    this.#feed.unsubscribe();
    this.#reader?.close();
    this.#search.close();
    this.#title.close();
    this.#log.close();
    this.#screen.close();
    this.#frame.close();
  }

  /** A terminal: send keys to the container, and share one size with the other views. */
  #takeInput(confirmBar: ConfirmBar): void {
    const { root, emulator } = this.#frame;
    const input = new TtyInput(emulator.terminal, this.#model, root, {
      confirmer: confirmBar,
      isUnwantedAnswer: (data) => this.#screen.isUnwantedAnswer(data),
      leave: () => {
        this.root.tabIndex = -1;
        this.root.focus();
      },
    });
    const changed = () => this.#frame.fitHeight();
    const size = new TerminalSize(emulator.terminal, this.#model, root, changed);
    this.#frame.size = size;
    this.#closers.push(
      () => input.close(),
      () => size.close(),
    );
  }

  /** Show what there is, once the history that belongs above it has come, or is late. */
  #begin(): void {
    if (!this.#model.awaitsHistory) {
      this.#start();
      return;
    }
    const late = setTimeout(() => this.#start(), HISTORY_WITHIN);
    this.#closers.push(() => clearTimeout(late));
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#write(this.#takeHistory());
    this.#feed.resume();
  }

  /** Return the history as text, which is above everything else. */
  #takeHistory(): string {
    const { history } = this.#model;
    this.#history = history?.number ?? 0;
    if (!history) return "";
    const { filter } = this.#shaping;
    if (!filter) return historyText(history, this.#streams);
    const wanted = readFilter(filter);
    const lines = history.lines.filter(([, , text]) =>
      wanted.matches({ text, line: readLine(text) }),
    );
    return historyText({ ...history, lines, left_out: 0 }, this.#streams);
  }

  #write(text: string): void {
    if (text) this.#screen.write(text, true, () => {});
  }

  /** Draw everything again if the history is another one than the pane shows. */
  #noteHistory(): void {
    const { history } = this.#model;
    if (!history || history.number === this.#history || this.#feed.paused) return;
    if (!this.#started) this.#start();
    else this.#redraw(this.#feed.times);
  }

  #update(): void {
    this.#noteHistory();
    const { paused, waiting } = this.#feed;
    const note = paused ? `paused, ${formatBytes(waiting)} waiting` : "";
    // Named here too, because the mark between the lines leaves with the scrollback.
    this.#title.update(this.#scrollback.summary(), this.#scrollback.incomplete, note);
    this.#noteMissing();
  }

  /** Say behind the last output that more is missing, once all of it was fed. */
  #noteMissing(): void {
    const { status } = this.#model;
    const text = missingText(status, this.#streams);
    const fed = this.#streams.every((stream) => this.#model.have(stream) >= status.totals[stream]);
    if (!text || this.#missingNoted || !fed || this.#feed.paused) return;
    this.#missingNoted = true;
    this.#screen.note(text);
  }

  #noteScroll(): void {
    this.#follow.hidden = this.#scrollback.atEnd;
    if (this.#scrollback.update()) this.#update();
  }

  #jumpToEnd(): void {
    this.#frame.emulator.scrollToBottom();
    this.#noteScroll();
    this.#frame.emulator.focus();
  }

  #menu(): MenuItem[] {
    const state = {
      tty: this.#tty,
      streams: this.#streams,
      wrap: this.#frame.wrap,
      times: this.#feed.times,
      structured: this.#shaping.structured,
      fold: this.#shaping.fold,
      links: [...this.#screen.links, ...addresses(this.#screen.lines(LOG_LINES))],
      escapeLeaves: escapeLeaves(),
    };
    const say = (text: string) => this.#title.say(text);
    const callbacks: PaneCallbacks = {
      wrap: (on) => {
        this.#frame.wrap = on;
      },
      showTimes: (on) => this.#showTimes(on),
      showStructured: (on) => this.#showStructured(on),
      fold: (on) => {
        this.#shaping.fold = on;
        this.#showTimes(this.#feed.times);
      },
      copyAll: () => void this.#copyAll(),
      download: (stream) => void download(this.#model, stream, say),
      clear: () => this.#clear(),
      openLink: (address) => this.#hyperlinks.ask(address),
      setEscapeLeaves,
    };
    return paneMenu(state, callbacks);
  }

  /** Pause the view, never the container, or go on where it was paused. */
  #togglePause(): void {
    if (this.#feed.paused) this.#feed.resume();
    else this.#feed.pause();
    this.#showPaused();
  }

  #showTimes(on: boolean): void {
    this.#redraw(on);
    this.#showPaused();
  }

  #showStructured(on: boolean): void {
    this.#shaping.structured = on;
    remember(this.#choice, on);
    this.#showTimes(this.#feed.times);
  }

  /** Show only the lines that match what was typed. */
  #showMatching(typed: string): void {
    this.#shaping.filter = typed;
    this.#showTimes(this.#feed.times);
    this.#countLines();
  }

  #countLines(): void {
    if (!this.#shaping.filter) return;
    const { shown = 0, total = 0, filter } = this.#shaping.shaper ?? {};
    this.#filter.update(shown, total, filter?.error ?? "");
  }

  #redraw(times: boolean): void {
    this.#missingNoted = false;
    this.#lines.view.hide();
    this.#feed.redraw(times, () => {
      // Written, not called, so that it comes after everything that is still to be drawn.
      this.#write(`${RESET}${this.#tty ? "" : HIDE_CURSOR}${this.#takeHistory()}`);
    });
  }

  #showPaused(): void {
    const { paused } = this.#feed;
    const does = paused ? "resume" : "pause";
    relabel(this.#pause, does, `${does} this view`);
    this.#pause.ariaPressed = String(paused);
    this.#update();
  }

  #clear(): void {
    if (this.#tty) this.#frame.emulator.clear();
    else this.#frame.emulator.write(CLEAR, () => this.#log.schedule());
    this.#feed.restartLine();
  }

  async #copyAll(): Promise<void> {
    const done = await copy(this.#allLines().join("\n"));
    this.#title.say(done ? "copied" : "the browser did not allow it");
  }

  /** Open the search at Ctrl+F. Returns whether the terminal may handle the key. */
  #find(event: KeyboardEvent): boolean {
    const command = event.ctrlKey || event.metaKey;
    if (event.type !== "keydown" || !command || event.altKey || event.key !== "f") return true;
    event.preventDefault();
    event.stopPropagation();
    this.#search.show();
    return false;
  }

  /** Open the transcript at what this pane does not show. */
  #readRest(): void {
    const { stream, offset } = this.#scrollback.readFrom(() => this.#allLines());
    this.#openReader(stream, offset);
  }

  /** Show the transcript from an offset on, in front of the terminal. */
  #openReader(stream: Stream, offset: number): void {
    this.#reader?.close();
    const look = readLook(this.#frame.root);
    const back = document.activeElement;
    this.#reader = new ReaderView(this.#model, stream, look, () => {
      this.#reader?.close();
      this.#reader = undefined;
      if (back instanceof HTMLElement && this.root.contains(back)) back.focus();
    });
    this.#frame.root.parentElement?.after(this.#reader.root);
    this.#reader.open(offset);
  }

  #allLines(): string[] {
    return this.#screen.lines(SCROLLBACK + MAX_ROWS);
  }

  /** Return the last lines as text, with the stream of each in words if there are two. */
  #plainLines(limit: number): string[] {
    const lines = this.#screen.lines(limit);
    return this.#streams.length === 1 ? lines : lines.map(sayStream);
  }

  #heightSplitter(title: string, resized?: (rows: number) => void): HTMLElement {
    return makeSplitter({
      label: `height of ${title} in lines`,
      axis: "y",
      value: () => ({ now: this.rows, min: MIN_ROWS, max: MAX_ROWS }),
      change: (value) => {
        this.rows = Math.round(value);
        resized?.(this.rows);
      },
      unit: () => this.#frame.linesPerPixel,
      step: 1,
    });
  }
}
