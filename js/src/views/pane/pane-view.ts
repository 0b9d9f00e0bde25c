// A pane: one stream in a terminal, or both in the order of their arrival, with search, reader, and a
// plain-text log for screen readers. What is around it has the buttons. This module puts the parts
// together. DOM; it draws through terminal/. No Jupyter.

import { Shaping } from "../../model/logs/shaping";
import { STDERR, STDOUT, type Stream } from "../../model/messages";
import { missingText, subjectOf } from "../../model/outcome";
import { sayStream } from "../../model/output/line-label";
import { filterHistory, historyText } from "../../model/output/history-text";
import { PausableFeed } from "../../model/output/pausable-feed";
import type { Times } from "../../model/output/times";
import { second } from "../../model/second-modules";
import type { SessionModel } from "../../model/session-model";
import { addresses, Hyperlinks } from "../../terminal/hyperlinks";
import { Screen } from "../../terminal/screen";
import { TerminalSize } from "../../terminal/terminal-size";
import { readLook } from "../../terminal/theme";
import { TtyInput } from "../../terminal/tty-input";
import { ConfirmBar } from "../elements/confirm-bar";
import { element } from "../elements/dom";
import { isErrorKey, keepKeys } from "../elements/shortcuts";
import type { PaneErrors } from "../reading/pane-errors";
import type * as reading from "../reading/reading";
import { LOG_LINES, LogView } from "./log-view";
import { PaneFrame } from "./pane-frame";
import { PaneLines } from "./pane-lines";
import { PaneScrollback, SCROLLBACK } from "./pane-scrollback";
import { PaneTag } from "./pane-tag";
import type { ReaderView } from "./reader-view";
import { SearchView } from "./search-view";
import { MAX_ROWS, type ViewSettings } from "./view-settings";

/** What a pane shows. On a TTY that is stdout, and the pane is a terminal that takes keys. */
export type Shown = Stream | "merged";

/** What a pane asks of what is around it, and reports to it. */
export interface PaneHost {
  readonly settings: ViewSettings;
  /** Whether there are other panes, so that it says what it is. */
  readonly named: boolean;
  /** Lines that it shows at first. */
  readonly rows: number;
  /** Show the result of something for some seconds; a failure, until the next one. */
  say(text: string, failed?: boolean): void;
  /** It uses more lines than before, or what waits or matches is something else. */
  changed(): void;
}

/** How many lines match a filter, of how many, and what is wrong with the filter. */
export interface Matching {
  shown: number;
  total: number;
  error: string;
}

/** Milliseconds that output waits for the history above it. */
const HISTORY_WITHIN = 1000;
/** Milliseconds after the first lines, until what helps to read a log is loaded. */
const READ_AFTER = 1000;
/** The same, for the code that shows it as the user has chosen: else lines would jump. */
const SHAPE_WITHIN = 250;

/** The second module of the reader. */
interface ReaderModule {
  ReaderView: typeof ReaderView;
}

const HIDE_CURSOR = "\x1b[?25l";
const RESET = "\x1bc";
const CLEAR = "\x1b[2J\x1b[3J\x1b[H";

export class PaneView {
  readonly root: HTMLElement;
  /** "stdout", "stderr" or "merged". */
  readonly name: string;
  #model: SessionModel;
  #host: PaneHost;
  #streams: readonly Stream[];
  #tty: boolean;
  #frame: PaneFrame;
  #screen: Screen;
  #feed: PausableFeed;
  #shaping: Shaping;
  #lines: PaneLines;
  #prefixed: () => boolean;
  #confirmBar: ConfirmBar;
  /** From the second module of reading. */
  #errors: PaneErrors | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;
  #scrollback: PaneScrollback;
  #tag: PaneTag;
  #follow: HTMLButtonElement;
  #search: SearchView;
  #reader: ReaderView | undefined;
  #log: LogView;
  #hyperlinks: Hyperlinks;
  /** Whether it shows its streams; before that it waits for the history. */
  #started = false;
  /** Whether what it shows was drawn in another way than it is to be shown. */
  #outdated = false;
  /** The number of the history that it shows. */
  #history = 0;
  /** The most lines that were used since the pane was made. */
  #used = 1;
  /** Whether the pane says that the end is missing. */
  #missingNoted = false;
  #closers: (() => void)[] = [];
  #closed = false;

  constructor(model: SessionModel, shown: Shown, host: PaneHost) {
    this.#model = model;
    this.#host = host;
    const { kept, searches } = host.settings;
    this.#streams = shown === "merged" ? [STDOUT, STDERR] : [shown];
    this.#tty = model.status.tty;
    this.name = shown === "merged" ? shown : shown === STDOUT ? "stdout" : "stderr";
    const { name } = this;
    const title = this.#tty ? "terminal" : shown === "merged" ? "stdout and stderr" : name;

    this.#frame = new PaneFrame(this.#tty, host.rows);
    this.#frame.wrap = kept.get("wrap") ?? true;
    const { emulator } = this.#frame;
    const { terminal } = emulator;
    this.#screen = new Screen(
      terminal,
      {
        answers: () => this.#tty && model.answers(STDOUT, this.#feed.sink(STDOUT)),
        wrote: () => {
          this.#log.schedule();
          this.#noteRead();
          this.#noteUsed();
          if (this.#shaping.filter) host.changed();
        },
        visible: () => this.#frame.visible,
        keeps: () => (this.#tty ? Number.POSITIVE_INFINITY : SCROLLBACK + emulator.rows),
        mouse: () => emulator.takesInput,
        unplaced: (text) => host.say(text),
        late: () => this.#redraw(this.#feed.times),
      },
      shown === "merged",
    );
    this.#shaping = new Shaping(
      kept.get("structured"),
      () => {
        if (!this.#closed) this.#shapeAnew();
      },
      (why) => host.say(why, true),
    );
    if (!this.#tty) {
      this.#shaping.fold = kept.get("fold") ?? false;
      this.#shaping.filter = searches.get("filter") ?? "";
    }
    const shape = this.#tty ? undefined : () => this.#shaping.begin();
    const times = this.#tty ? "" : (kept.get("times") ?? "");
    const pauses = !this.#tty && (kept.get("pauses") ?? true);
    this.#feed = new PausableFeed(model, this.#screen, this.#streams, shape, times, pauses);
    this.#scrollback = new PaneScrollback(terminal.buffer, model, this.#streams, this.#tty);
    this.#log = new LogView(name, () => this.#plainLines(LOG_LINES));
    this.#search = new SearchView(
      emulator,
      () => emulator.focus(),
      () => this.#scrollback.notFound(),
      (why) => host.say(why, true),
      searches,
    );
    this.#tag = new PaneTag(host.named ? name : "", () => this.#readRest());
    this.#follow = element("button", "hj-newest", { type: "button", hidden: true }, "↓ newest");
    this.#follow.title = "jump to the newest output and follow it";
    keepKeys(this.#follow);
    this.#follow.addEventListener("click", () => this.#jumpToEnd());
    const prefixed = () => this.#feed.times !== "" || this.#streams.length > 1;
    this.#lines = new PaneLines(emulator, this.#shaping, prefixed);
    this.#prefixed = prefixed;
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: title },
      element(
        "div",
        "hj-frame",
        {},
        this.#search.root,
        this.#frame.root,
        this.#tag.root,
        this.#follow,
      ),
      this.#lines.root,
      this.#log.root,
    );

    if (!this.#tty) emulator.write(HIDE_CURSOR);
    const confirmBar = new ConfirmBar(this.#frame.root, () => emulator.focus());
    this.#confirmBar = confirmBar;
    this.#hyperlinks = new Hyperlinks(
      terminal,
      this.#frame.root,
      confirmBar,
      subjectOf(model.status),
    );
    if (this.#tty) this.#takeInput(confirmBar);
    else {
      emulator.onKey(
        (event) =>
          this.#find(event) &&
          this.#errorKey(event) &&
          this.#lines.key(event) &&
          emulator.scrollByKey(event),
      );
    }
    this.#lines.link();
    this.#closers.push(
      () => confirmBar.close(),
      // The view moves by keys, the wheel and output alike.
      emulator.onDraw(() => this.#noteScroll()),
      emulator.linkLines((line) => {
        const skipped = this.#screen.skippedAt(line);
        return skipped && (() => void this.#openReader(skipped.stream, skipped.offset));
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

  /** Lines that it would use; a terminal uses all that it can have. */
  get used(): number {
    return this.#tty ? Number.POSITIVE_INFINITY : this.#used;
  }

  /** Rows per pixel of its height. */
  get rowsPerPixel(): number {
    return this.#frame.linesPerPixel;
  }

  close(): void {
    this.#closed = true;
    for (const close of this.#closers.reverse()) close();
    this.#lines.close();
    clearTimeout(this.#reading);
    this.#errors?.close();
    this.#feed.unsubscribe();
    this.#reader?.close();
    this.#search.close();
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

  /** Show what there is, once what belongs above it or shapes it has come, or is late. */
  #begin(): void {
    if (!this.#model.awaitsHistory && !this.#shaping.waits) {
      this.#start();
      return;
    }
    const within = this.#model.awaitsHistory ? HISTORY_WITHIN : SHAPE_WITHIN;
    const late = setTimeout(() => this.#start(), within);
    this.#closers.push(() => clearTimeout(late));
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#outdated) {
      this.#redraw(this.#feed.times);
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
    this.#redraw(this.#feed.times);
    this.#host.changed();
  }

  /** Return the history as text, which is above everything else. */
  #takeHistory(): string {
    const { history } = this.#model;
    this.#history = history?.number ?? 0;
    if (!history) return "";
    const { wanted } = this.#shaping;
    const shown = wanted ? filterHistory(history, this.#streams, wanted) : history;
    return historyText(shown, this.#streams);
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
    // Named here too, because the mark between the lines leaves with the scrollback.
    this.#tag.update(this.#scrollback.summary(), this.#scrollback.incomplete);
    if (this.#feed.paused) this.#host.changed();
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
    this.#noteUsed();
  }

  #noteUsed(): void {
    const { baseY, cursorX, cursorY } = this.#frame.emulator.terminal.buffer.active;
    const used = baseY + cursorY + (cursorX > 0 ? 1 : 0);
    if (used <= this.#used) return;
    this.#used = used;
    this.#host.changed();
  }

  #jumpToEnd(): void {
    this.#frame.emulator.scrollToBottom();
    this.#noteScroll();
    this.#frame.emulator.focus();
  }

  get streams(): readonly Stream[] {
    return this.#streams;
  }

  get wrap(): boolean {
    return this.#frame.wrap;
  }

  set wrap(on: boolean) {
    this.#frame.wrap = on;
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
    this.#redraw(this.times);
  }

  get structured(): boolean {
    return this.#shaping.structured;
  }

  set structured(on: boolean) {
    this.#shaping.structured = on;
    this.#redraw(this.times);
  }

  get fold(): boolean {
    return this.#shaping.fold;
  }

  set fold(on: boolean) {
    this.#shaping.fold = on;
    this.#redraw(this.times);
  }

  /** Only lines that match this are shown; "" shows all. */
  get filter(): string {
    return this.#shaping.filter;
  }

  set filter(typed: string) {
    if (typed === this.#shaping.filter) return;
    this.#shaping.filter = typed;
    this.#redraw(this.times);
    this.#host.changed();
  }

  get matching(): Matching {
    const { shown = 0, total = 0, filter } = this.#shaping.shaper ?? {};
    return { shown, total, error: filter?.error ?? "" };
  }

  /** Whether the view is held, never the container; it goes on where it was paused. */
  get paused(): boolean {
    return this.#feed.paused;
  }

  set paused(on: boolean) {
    if (on === this.#feed.paused) return;
    if (on) this.#feed.pause();
    else if (this.#outdated) this.#redraw(this.#feed.times);
    else this.#feed.resume();
    this.#update();
  }

  /** Bytes that have come during the pause. */
  get waiting(): number {
    return this.#feed.waiting;
  }

  /** Addresses in the output, the newest last. An address may be there twice. */
  get links(): readonly string[] {
    return [...this.#screen.links, ...addresses(this.#screen.lines(LOG_LINES))];
  }

  openLink(address: string): void {
    this.#hyperlinks.ask(address);
  }

  focus(): void {
    this.#frame.emulator.focus();
  }

  showSearch(): void {
    this.#search.show();
  }

  /** All lines that the pane has, without words of ours between them. */
  get text(): string[] {
    return this.#screen.lines(SCROLLBACK + MAX_ROWS, false);
  }

  /** The lines that are selected, or parts of them; none if nothing is. */
  get selection(): string[] {
    const selected = this.#frame.emulator.terminal.getSelection();
    return selected ? selected.split(/\r?\n/) : [];
  }

  /** Whether it has shown an error. */
  get failing(): boolean {
    return this.#errors?.any ?? false;
  }

  /** Errors among its lines. It looks at all of them. */
  get errors(): number {
    return this.#errors?.count() ?? 0;
  }

  showError(step: number): void {
    this.#errors?.jump(step);
  }

  /** Have what helps to read a log, some time after its first lines. */
  #noteRead(): void {
    if (this.#errors) this.#errors.schedule();
    else if (!this.#tty) this.#reading ??= setTimeout(() => void this.#read(), READ_AFTER);
  }

  async #read(): Promise<void> {
    const { PaneErrors, PanePlaces, linkPlaces } = await second.load<typeof reading>("reading");
    if (this.#closed || this.#errors) return;
    const { say, changed } = this.#host;
    const { emulator, root } = this.#frame;
    this.#errors = new PaneErrors(emulator, this.#prefixed, say, changed);
    this.#errors.schedule();
    const places = new PanePlaces(this.#confirmBar, subjectOf(this.#model.status), say);
    this.#closers.push(
      () => places.close(),
      linkPlaces(emulator.terminal, root, (place) => void places.ask(place)),
    );
    this.#lines.link(); // after the places: the first one to have a link at a cell has it
  }

  /** Go to an error at F8. Returns whether the terminal may have the key. */
  #errorKey(event: KeyboardEvent): boolean {
    if (this.#errors) return this.#errors.key(event);
    if (!isErrorKey(event)) return true;
    if (event.type === "keydown") {
      event.preventDefault();
      event.stopPropagation();
      void this.#read().then(() => this.showError(1));
    }
    return false;
  }

  clear(): void {
    if (this.#tty) this.#frame.emulator.clear();
    else this.#frame.emulator.write(CLEAR, () => this.#log.schedule());
    this.#screen.restart();
    this.#feed.restartLine();
    this.#errors?.restart(true);
    this.#host.changed();
  }

  #redraw(times: Times): void {
    this.#missingNoted = this.#outdated = false;
    this.#lines.hide();
    this.#errors?.restart();
    this.#feed.redraw(times, () => {
      // Written, not called, so that it comes after everything that is still to be drawn.
      this.#write(`${RESET}${this.#tty ? "" : HIDE_CURSOR}${this.#takeHistory()}`);
    });
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
    void this.#openReader(stream, offset);
  }

  /** Show the transcript from an offset on, in front of the terminal. */
  async #openReader(stream: Stream, offset: number): Promise<void> {
    const back = document.activeElement;
    let failed = false;
    const { ReaderView } = await second.load<ReaderModule>("reader", (why) => {
      failed = true; // and if it comes after all, nobody waits for this reader any more
      this.#host.say(why, true);
    });
    if (this.#closed || failed) return;
    this.#reader?.close();
    const look = readLook(this.#frame.root);
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
}
