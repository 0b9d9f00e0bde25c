// A pane of a replay: one stream in a terminal, or both, up to a moment of the recording, with search
// and a plain-text log. What is around it has the buttons. DOM; it draws through terminal/. No Jupyter.

import { STDOUT } from "../../model/messages";
import { sayStream } from "../../model/output/line-label";
import { nameOf, type Shown, titleOf } from "../../model/output/shown";
import { countUntil } from "../../model/replay/recording";
import type { ReplayModel } from "../../model/replay/replay-model";
import { type Track, trackOf } from "../../model/replay/track";
import { Emulator } from "../../terminal/emulator";
import { addresses, Hyperlinks } from "../../terminal/hyperlinks";
import { REPLAY_SCROLLBACK, ReplayScreen } from "../../terminal/replay/replay-screen";
import { Screen } from "../../terminal/screen";
import { ConfirmBar } from "../elements/confirm-bar";
import { element } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { LOG_LINES, LogView } from "../pane/log-view";
import { PaneFrame } from "../pane/pane-frame";
import { SearchView } from "../pane/search-view";
import { MAX_ROWS } from "../pane/view-settings";

/** Milliseconds of a frame that drawing may take: while playing, and for a jump, for which somebody waits. */
const WHILE_PLAYING = 25;
const ELSE = 32;
const HIDE_CURSOR = "\x1b[?25l";

export class ReplayPane {
  readonly root: HTMLElement;
  /** "stdout", "stderr" or "merged". */
  readonly name: string;
  #model: ReplayModel;
  #shown: Shown;
  #tty: boolean;
  #times = false;
  #frame: PaneFrame;
  #screen: Screen;
  #track: Track;
  #replay: ReplayScreen;
  #follow: HTMLButtonElement;
  #search: SearchView;
  #log: LogView;
  #hyperlinks: Hyperlinks;
  #scanning = true;
  #closers: (() => void)[] = [];

  /** `say` shows what went wrong. */
  constructor(model: ReplayModel, shown: Shown, rows: number, say: (why: string) => void) {
    this.#model = model;
    this.#shown = shown;
    const { header } = model.recording;
    this.#tty = header.tty;
    this.name = nameOf(shown);
    const { name } = this;
    const title = titleOf(shown, this.#tty);
    const height = this.#tty ? header.rows : rows;
    const options = { input: false, scrollback: REPLAY_SCROLLBACK, fixed: this.#tty };
    this.#frame = new PaneFrame(this.#tty, height, options);
    const { emulator } = this.#frame;
    const { terminal } = emulator;
    if (this.#tty) terminal.resize(header.columns, header.rows);
    this.#screen = filtered(emulator);
    this.#track = this.#makeTrack();
    const make = (cols: number, lines: number) => {
      const hidden = new Emulator(element("div", ""), {
        tty: this.#tty,
        rows: lines,
        scrollback: REPLAY_SCROLLBACK,
      });
      hidden.resize(cols, lines);
      filtered(hidden);
      return hidden.terminal;
    };
    this.#replay = new ReplayScreen(terminal, make, this.#track);
    this.#log = new LogView(name, () => this.#plainLines(LOG_LINES));
    this.#log.root.ariaLive = "off"; // it can be read, and does not interrupt at every output
    this.#search = new SearchView(
      emulator,
      () => emulator.focus(),
      () => "not found",
      say,
    );
    this.#follow = element("button", "hj-newest", { type: "button", hidden: true }, "↓ newest");
    keepKeys(this.#follow);
    this.#follow.addEventListener("click", () => emulator.scrollToBottom());
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: title },
      element("div", "hj-frame", {}, this.#search.root, this.#frame.root, this.#follow),
      this.#log.root,
    );
    const confirmBar = new ConfirmBar(this.#frame.root, () => emulator.focus());
    this.#hyperlinks = new Hyperlinks(terminal, this.#frame.root, confirmBar, "program");
    emulator.onKey((event) => this.#key(event));
    const resizing = terminal.onResize(() => {
      this.#frame.fitHeight();
      if (this.#tty) return;
      this.#replay.reset(); // lines wrap elsewhere now
      this.#scanning = true;
    });
    this.#closers.push(
      () => resizing.dispose(),
      () => confirmBar.close(),
      emulator.onDraw(() => this.#noteScroll()),
    );
  }

  get rows(): number {
    return this.#frame.rows;
  }

  set rows(rows: number) {
    if (!this.#tty) this.#frame.rows = rows;
  }

  /** Always all: its output comes and goes as the user moves through time. */
  get used(): number {
    return Number.POSITIVE_INFINITY;
  }

  get rowsPerPixel(): number {
    return this.#frame.linesPerPixel;
  }

  /** Draw what is due, as far as there is time. Returns whether there is more to draw. */
  draw(): boolean {
    this.#replay.target = countUntil(this.#track.times, this.#model.time);
    const { due } = this.#replay;
    if (due && this.#replay.work(this.#model.playing ? WHILE_PLAYING : ELSE)) this.#log.schedule();
    return this.#replay.due;
  }

  /** Prepare jumps for some milliseconds. Returns whether there is more to do. */
  prepare(milliseconds: number): boolean {
    if (!this.#frame.visible) return false;
    if (this.#replay.busy) {
      if (this.#replay.work(milliseconds)) this.#log.schedule();
      return true;
    }
    this.#scanning &&= this.#replay.scan(milliseconds);
    return this.#scanning;
  }

  close(): void {
    for (const close of this.#closers.reverse()) close();
    this.#replay.close();
    this.#search.close();
    this.#log.close();
    this.#screen.close();
    this.#frame.close();
  }

  #makeTrack(): Track {
    const begin = this.#tty ? "" : HIDE_CURSOR;
    const shown = this.#tty ? STDOUT : this.#shown;
    return trackOf(this.#model.recording, shown, this.#times, begin);
  }

  #noteScroll(): void {
    const { viewportY, baseY } = this.#frame.emulator.terminal.buffer.active;
    this.#follow.hidden = viewportY >= baseY;
  }

  /** Scroll by pages, and open the search. All other keys are the player's and the page's. */
  #key(event: KeyboardEvent): boolean {
    this.#search.key(event);
    if (event.key.startsWith("Page")) this.#frame.emulator.scrollByKey(event);
    return false;
  }

  get wrap(): boolean {
    return this.#frame.wrap;
  }

  set wrap(on: boolean) {
    this.#frame.wrap = on;
  }

  /** Whether each line has its time in front. */
  get times(): boolean {
    return this.#times;
  }

  set times(on: boolean) {
    this.#times = on;
    this.#track = this.#makeTrack();
    this.#replay.reset(this.#track);
    this.#scanning = true;
    this.draw();
  }

  /** All lines that it shows. */
  get text(): string[] {
    return this.#screen.lines(REPLAY_SCROLLBACK + MAX_ROWS);
  }

  /** Addresses in the output, the newest last. An address may be there twice. */
  get links(): readonly string[] {
    return [...this.#screen.links, ...addresses(this.#screen.lines(LOG_LINES))];
  }

  openLink(address: string): void {
    this.#hyperlinks.ask(address);
  }

  showSearch(): void {
    this.#search.show();
  }

  #plainLines(limit: number): string[] {
    const lines = this.#screen.lines(limit);
    return this.#shown === "merged" ? lines.map(sayStream) : lines;
  }
}

/** Keep a terminal from answering, and from what else output must not do. */
function filtered({ terminal, rows }: Emulator): Screen {
  return new Screen(terminal, {
    answers: () => false,
    mouse: () => false,
    wrote: () => {},
    unplaced: () => {},
    late: () => {},
    visible: () => true,
    keeps: () => REPLAY_SCROLLBACK + rows,
  });
}
