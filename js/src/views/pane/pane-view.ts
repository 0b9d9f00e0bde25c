// One stream in a terminal, or both in the order of their arrival: title row with what can be done,
// search, xterm, plain-text log. Knows xterm and the DOM, no Jupyter.

import { STDERR, STDOUT, type Stream } from "../../model/messages";
import { Feed, sayStream } from "../../model/output/feed";
import type { SessionModel } from "../../model/session-model";
import { Emulator } from "../../terminal/emulator";
import { addresses, Hyperlinks } from "../../terminal/hyperlinks";
import { Screen } from "../../terminal/screen";
import { TerminalSize } from "../../terminal/terminal-size";
import { readLook, watchTheme } from "../../terminal/theme";
import { escapeLeaves, leaveHint, setEscapeLeaves, TtyInput } from "../../terminal/tty-input";
import { ConfirmBar } from "../elements/confirm-bar";
import { element, formatBytes, keepKeys, setText } from "../elements/dom";
import { iconButton, relabel } from "../elements/icons";
import { type MenuItem, MenuView } from "../elements/menu-view";
import { makeSplitter } from "../elements/splitter";
import { LOG_LINES, LogView } from "./log-view";
import { ReaderView } from "./reader-view";
import { SearchView } from "./search-view";
import { copy, download } from "./transcript-download";

/** What a pane shows. On a TTY that is stdout, and the pane takes keys. */
export type Shown = Stream | "merged";

/** Rows that a pane may have; the kernel's traits have the same bounds. */
export const MIN_ROWS = 2;
export const MAX_ROWS = 200;

const MIN_COLUMNS = 20;
/** Columns of a pane whose lines do not wrap. */
const WIDE = 1000;
const SCROLLBACK = 10_000;
const NEWEST = SCROLLBACK.toLocaleString("en");
/** Bytes that the reader begins before the first line that the pane still has. */
const READ_BEFORE = 16 * 1024;
/** Milliseconds for which a note about something done is shown. */
const NOTE_FOR = 4000;
/** Hyperlinks that the menu offers, and how much of each it shows; the question shows all of it. */
const LINKS = 5;
const LINK = 40;
const HIDE_CURSOR = "\x1b[?25l";

export class PaneView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #streams: readonly Stream[];
  #title: string;
  #tty: boolean;
  #rows: number;
  #wrap = true;
  #times = false;
  #frame: HTMLElement;
  #bytes: HTMLElement;
  #note: HTMLElement;
  /** What became of something, shown for a while instead of what waits. */
  #said = "";
  #read: HTMLButtonElement;
  #pause: HTMLButtonElement;
  #newest: HTMLButtonElement;
  #search: SearchView;
  #reader: ReaderView | undefined;
  #emulator: Emulator;
  #screen: Screen;
  #feed: Feed;
  /** Where each stream stood when the view was paused. */
  #paused: Partial<Record<Stream, number>> | undefined;
  #log: LogView;
  #hyperlinks: Hyperlinks;
  #opened = false;
  /** Whether lines have left the scrollback. */
  #full = false;
  #visible = false;
  #noteTimer: ReturnType<typeof setTimeout> | undefined;
  #size: TerminalSize | undefined;
  #cleanups: (() => void)[] = [];

  /** `resized` hears of a new height by hand; without it the pane keeps that to itself. */
  constructor(model: SessionModel, shown: Shown, rows: number, resized?: (rows: number) => void) {
    this.#model = model;
    this.#streams = shown === "merged" ? [STDOUT, STDERR] : [shown];
    this.#tty = model.status.tty;
    this.#rows = rows;
    const name = shown === "merged" ? shown : shown === STDOUT ? "stdout" : "stderr";
    this.#title = this.#tty ? "terminal" : shown === "merged" ? "stdout and stderr" : name;

    this.#bytes = element("span", "hj-bytes");
    this.#note = element("span", "hj-pane-note", { role: "status" });
    this.#read = element("button", "hj-read", { type: "button", hidden: true }, "Read it");
    keepKeys(this.#read);
    this.#read.addEventListener("click", () => this.#readSkipped());
    this.#pause = iconButton("pause", "pause this view", () => this.#togglePause());
    const find = iconButton("find", "find (Ctrl+F)", () => this.#search.show());
    const menu = new MenuView("more for this pane", () => this.#menu());
    this.#newest = element("button", "hj-newest", { type: "button", hidden: true }, "↓ newest");
    keepKeys(this.#newest);
    this.#newest.title = "jump to the newest output and follow it";
    this.#newest.addEventListener("click", () => this.#follow());
    this.#frame = element("div", "hj-terminal");
    this.#frame.dataset.lmSuppressShortcuts = "true";
    this.#frame.style.setProperty("--hj-rows", String(rows));
    this.#emulator = new Emulator(this.#frame, {
      tty: this.#tty,
      input: this.#tty,
      rows,
      scrollback: SCROLLBACK,
      searchable: true,
    });
    this.#search = new SearchView(
      this.#emulator,
      () => this.#emulator.focus(),
      () => (this.#full ? `not among the newest ${NEWEST} lines` : "not found"),
    );
    this.#screen = new Screen(
      this.#emulator.terminal,
      {
        answers: () => this.#tty && this.#model.answers(STDOUT, this.#feed.sink(STDOUT)),
        wrote: () => this.#log.schedule(),
        visible: () => this.#visible,
        keeps: () => (this.#tty ? Number.POSITIVE_INFINITY : SCROLLBACK + this.#emulator.rows),
        mouse: () => this.#emulator.takesInput,
      },
      shown === "merged",
    );
    this.#feed = new Feed(this.#screen, this.#streams, this.#times);
    this.#log = new LogView(name, () => this.#plainLines(LOG_LINES));
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: this.#title },
      element(
        "header",
        "hj-pane-title",
        {},
        element("span", "hj-pane-name", {}, this.#title),
        this.#bytes,
        this.#read,
        this.#note,
        element("span", "hj-pane-tools", {}, find, this.#pause, menu.root),
      ),
      element("div", "hj-frame", {}, this.#search.root, this.#frame, this.#newest),
      this.#log.root,
      this.#heightSplitter(resized),
    );

    if (!this.#tty) this.#emulator.write(HIDE_CURSOR);
    const confirmBar = new ConfirmBar(this.#frame, () => this.#emulator.focus());
    this.#hyperlinks = new Hyperlinks(this.#emulator.terminal, this.#frame, confirmBar);
    this.#cleanups.push(() => confirmBar.close());
    if (this.#tty) this.#takeInput(confirmBar);
    else {
      this.#emulator.onKey((event) => this.#find(event) && this.#emulator.scrollByKey(event));
    }
    // The button follows the view wherever it goes, by keys, wheel or output.
    this.#cleanups.push(
      this.#emulator.onDraw(() => this.#noteScroll()),
      () => menu.close(),
      this.#linkMarks(),
    );
    this.#watch();
    this.#cleanups.push(model.onChange(() => this.#update()));
    this.#feed.subscribe(model);
    this.#update();
  }

  /** Lines that it shows. */
  get rows(): number {
    return this.#rows;
  }

  set rows(rows: number) {
    this.#rows = rows;
    this.#frame.style.setProperty("--hj-rows", String(rows));
    this.#refit();
  }

  close(): void {
    clearTimeout(this.#noteTimer);
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    this.#feed.unsubscribe();
    this.#reader?.close();
    this.#search.close();
    this.#log.close();
    this.#screen.close();
    this.#emulator.close();
  }

  /** Watch size and theme. The terminal opens once the pane can be seen: before, cells have no size. */
  #watch(): void {
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => this.#refit());
    });
    observer.observe(this.#frame);
    // Who is out of sight does not set the pace of the session.
    const sight = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? false;
    });
    sight.observe(this.#frame);
    const unwatch = watchTheme(() => this.#applyLook());
    this.#cleanups.push(() => {
      observer.disconnect();
      sight.disconnect();
      cancelAnimationFrame(frame);
      unwatch();
    });
  }

  #refit(): void {
    if (!this.#frame.isConnected || this.#frame.clientWidth === 0) return;
    if (!this.#opened) {
      this.#opened = true;
      this.#applyLook();
      if (this.#tty) this.#emulator.open("terminal", leaveHint());
      else this.#emulator.open("output");
    }
    const room = this.#emulator.roomForColumns();
    if (room === undefined) return;
    if (this.#size) this.#size.offer(this.#rows, room);
    else this.#emulator.resize(Math.max(this.#wrap ? MIN_COLUMNS : WIDE, room), this.#rows);
    this.#fitHeight();
  }

  #fitHeight(): void {
    this.#frame.classList.toggle("hj-borrowed", this.#size?.borrowed ?? false);
    this.#emulator.fitFrame();
  }

  #applyLook(): void {
    this.#emulator.applyLook(readLook(this.#frame));
  }

  /** A terminal: keys go to the container, and its size is what this pane has room for. */
  #takeInput(confirmBar: ConfirmBar): void {
    const input = new TtyInput(this.#emulator.terminal, this.#model, this.#frame, {
      confirmer: confirmBar,
      discards: (data) => this.#screen.discards(data),
      leave: () => this.#leave(),
    });
    const changed = () => this.#fitHeight();
    const size = new TerminalSize(this.#emulator.terminal, this.#model, this.#frame, changed);
    this.#size = size;
    this.#cleanups.push(
      () => input.close(),
      () => size.close(),
    );
  }

  /** Let the marks of what is skipped be clicked. */
  #linkMarks(): () => void {
    return this.#emulator.linkLines((line) => {
      const mark = this.#screen.mark(line);
      return mark && (() => this.#openReader(mark.stream, mark.offset));
    });
  }

  /** Show the transcript from an offset on, in front of the terminal. */
  #openReader(stream: Stream, offset: number): void {
    this.#reader?.close();
    const look = readLook(this.#frame);
    const back = document.activeElement;
    this.#reader = new ReaderView(this.#model, stream, look, () => {
      this.#reader?.close();
      this.#reader = undefined;
      if (back instanceof HTMLElement && this.root.contains(back)) back.focus();
    });
    this.#frame.parentElement?.after(this.#reader.root);
    this.#reader.open(Math.max(0, offset));
  }

  #leave(): void {
    this.root.tabIndex = -1;
    this.root.focus();
  }

  #update(): void {
    const sum = (of: (stream: Stream) => number) =>
      this.#streams.reduce((total, stream) => total + of(stream), 0);
    const total = formatBytes(sum((stream) => this.#model.total(stream)));
    const skipped = sum((stream) => this.#model.skipped(stream));
    // Said here too: the mark between the lines leaves with the scrollback.
    this.#read.hidden = !skipped && !this.#full;
    if (this.#full) setText(this.#bytes, `${total}, the newest ${NEWEST} lines shown`);
    else
      setText(this.#bytes, skipped ? `${total}, ${formatBytes(skipped)} of it not shown` : total);
    const held = this.#paused;
    const waits = sum((stream) => this.#model.total(stream) - (held?.[stream] ?? 0));
    setText(this.#note, this.#said || (held ? `paused, ${formatBytes(waits)} waiting` : ""));
  }

  #menu(): MenuItem[] {
    const items: MenuItem[] = [];
    if (!this.#tty) {
      items.push(
        { label: "Wrap lines", checked: this.#wrap, run: () => this.#toggleWrap() },
        { label: "Timestamps", checked: this.#times, run: () => this.#toggleTimes() },
      );
    }
    items.push({ label: "Copy all", run: () => void this.#copyAll() });
    for (const stream of this.#streams) {
      const name = this.#tty ? "transcript" : stream === STDERR ? "stderr" : "stdout";
      const progress = (text: string) => this.#say(text);
      const run = () => void download(this.#model, stream, progress);
      items.push({ label: `Download ${name}`, run });
    }
    items.push({ label: "Clear view", run: () => this.#clear() });
    const links = [...this.#screen.links, ...addresses(this.#screen.lines(LOG_LINES))];
    for (const link of [...new Set(links)].slice(-LINKS)) {
      const short = link.length > LINK ? `${link.slice(0, LINK)}…` : link;
      items.push({ label: `Open ${short}`, run: () => this.#hyperlinks.ask(link) });
    }
    if (this.#tty) {
      const checked = escapeLeaves();
      const run = () => setEscapeLeaves(!checked);
      items.push({ label: "Esc Esc leaves the terminal", checked, run });
    }
    return items;
  }

  /** Stop the view, never the container; then go on where it stood. */
  #togglePause(from = this.#paused): void {
    if (this.#paused) {
      this.#feed.subscribe(this.#model, from);
      this.#paused = undefined;
    } else {
      this.#feed.unsubscribe();
      const here = (stream: Stream) => [stream, this.#model.have(stream)] as const;
      this.#paused = Object.fromEntries(this.#streams.map(here));
    }
    const paused = this.#paused !== undefined;
    relabel(this.#pause, paused ? "resume" : "pause", `${paused ? "resume" : "pause"} this view`);
    this.#pause.ariaPressed = String(paused);
    this.#update();
  }

  #toggleTimes(): void {
    this.#times = !this.#times;
    this.#feed.unsubscribe();
    // Behind what is still to be drawn, hence not by a call.
    this.#emulator.write(`\x1bc${HIDE_CURSOR}`);
    this.#feed = new Feed(this.#screen, this.#streams, this.#times);
    // All that was shown comes again, hence also what waits behind a pause.
    if (this.#paused) this.#togglePause({});
    else this.#feed.subscribe(this.#model);
  }

  #toggleWrap(): void {
    this.#wrap = !this.#wrap;
    this.#frame.classList.toggle("hj-wide", !this.#wrap);
    this.#frame.scrollLeft = 0;
    this.#refit();
  }

  #clear(): void {
    if (this.#tty) this.#emulator.clear();
    else this.#emulator.write("\x1b[2J\x1b[3J\x1b[H", () => this.#log.schedule());
    this.#feed.restart();
  }

  async #copyAll(): Promise<void> {
    const done = await copy(this.#screen.lines(SCROLLBACK + MAX_ROWS).join("\n"));
    this.#say(done ? "copied" : "the browser did not allow it");
  }

  /** Say what became of something, for a while. */
  #say(text: string): void {
    this.#said = text;
    this.#update();
    clearTimeout(this.#noteTimer);
    if (text) this.#noteTimer = setTimeout(() => this.#say(""), NOTE_FOR);
  }

  #follow(): void {
    this.#emulator.scrollToBottom();
    this.#noteScroll();
    this.#emulator.focus();
  }

  #noteScroll(): void {
    const { buffer } = this.#emulator.terminal;
    const { viewportY, baseY } = buffer.active;
    this.#newest.hidden = viewportY >= baseY;
    // What a program on a terminal draws again and again is not lines that leave.
    const full = !this.#tty && buffer.normal.baseY >= SCROLLBACK;
    if (full === this.#full) return;
    this.#full = full;
    this.#update();
  }

  /** Whether the key is left to others: Ctrl+F opens the search. */
  #find(event: KeyboardEvent): boolean {
    const command = event.ctrlKey || event.metaKey;
    if (event.type !== "keydown" || !command || event.altKey || event.key !== "f") return true;
    event.preventDefault();
    event.stopPropagation();
    this.#search.show();
    return false;
  }

  /** Open the transcript where this pane's part of it begins, or at the first gap. */
  #readSkipped(): void {
    if (this.#full) {
      const [stream = STDOUT] = this.#streams;
      const shown = this.#screen.lines(SCROLLBACK + MAX_ROWS).join("\n");
      const size = new TextEncoder().encode(shown).length;
      this.#openReader(stream, this.#model.total(stream) - size - READ_BEFORE);
      return;
    }
    const stream = this.#streams.find((stream) => this.#model.skipped(stream)) ?? STDOUT;
    this.#openReader(stream, this.#model.firstSkipped(stream));
  }

  /** The lines as text; which stream a line is of is said in words. */
  #plainLines(limit: number): string[] {
    const lines = this.#screen.lines(limit);
    if (this.#streams.length === 1) return lines;
    return lines.map(sayStream);
  }

  #heightSplitter(resized?: (rows: number) => void): HTMLElement {
    return makeSplitter({
      label: `height of ${this.#title} in lines`,
      axis: "y",
      value: () => ({ now: this.#rows, min: MIN_ROWS, max: MAX_ROWS }),
      change: (value) => {
        this.rows = Math.round(value);
        resized?.(this.#rows);
      },
      unit: () => this.#emulator.rows / Math.max(1, this.#frame.clientHeight),
      step: 1,
    });
  }
}
