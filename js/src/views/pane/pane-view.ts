// A pane: one stream in a terminal, or both in the order of their arrival, with search, reader, and a
// plain-text log for screen readers. What is around it has the buttons. This module puts the parts
// together. DOM; it draws through terminal/. No Jupyter.

import { subjectOf } from "../../model/outcome";
import { nameOf, type Shown, titleOf } from "../../model/output/shown";
import type { SessionModel } from "../../model/session-model";
import { addresses, Hyperlinks } from "../../terminal/hyperlinks";
import { TerminalSize } from "../../terminal/terminal-size";
import { TtyInput } from "../../terminal/tty-input";
import { ConfirmBar } from "../elements/confirm-bar";
import { element } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { LOG_LINES, LogView } from "./log-view";
import { PaneFrame } from "./pane-frame";
import type { PaneHost } from "./pane-host";
import { PaneLines } from "./pane-lines";
import { PaneOutput } from "./pane-output";
import { PaneScrollback, SCROLLBACK } from "./pane-scrollback";
import { PaneTag } from "./pane-tag";
import { ReaderDoor } from "./reader-door";
import { ReadingDoor } from "./reading-door";
import { SearchView } from "./search-view";
import { MAX_ROWS } from "./view-settings";

export class PaneView {
  readonly root: HTMLElement;
  /** "stdout", "stderr" or "merged". */
  readonly name: string;
  /** The same in words; a terminal is called that. */
  readonly title: string;
  /** What it draws. */
  readonly output: PaneOutput;
  /** The way to what helps to read it, unless it is a terminal. */
  readonly reading: ReadingDoor | undefined;
  #model: SessionModel;
  #host: PaneHost;
  #tty: boolean;
  #frame: PaneFrame;
  #lines: PaneLines;
  #scrollback: PaneScrollback;
  #tag: PaneTag;
  #follow: HTMLButtonElement;
  #search: SearchView;
  #reader: ReaderDoor;
  #log: LogView;
  #hyperlinks: Hyperlinks;
  /** The most lines that were used since the pane was made. */
  #used = 1;
  #closers: (() => void)[] = [];

  /** On a TTY it is a terminal that takes keys. */
  constructor(model: SessionModel, shown: Shown, host: PaneHost) {
    this.#model = model;
    this.#host = host;
    const { kept, searches } = host.settings;
    this.#tty = model.status.tty;
    this.name = nameOf(shown);
    this.title = titleOf(shown, this.#tty);
    const { name, title } = this;
    const failed = (why: string) => host.say(why, true);

    this.#frame = new PaneFrame(this.#tty, host.rows);
    this.#frame.wrap = kept.get("wrap") ?? true;
    const { emulator } = this.#frame;
    const { terminal } = emulator;
    this.output = new PaneOutput(model, shown, this.#frame, host, {
      wrote: () => {
        this.#log.schedule();
        this.reading?.schedule();
        this.#noteUsed();
      },
      redraws: () => {
        this.#lines.hide();
        this.reading?.restart();
      },
    });
    const { streams } = this.output;
    this.#scrollback = new PaneScrollback(terminal.buffer, model, streams, this.#tty);
    this.#log = new LogView(name, () => this.output.plainLines(LOG_LINES));
    this.#search = new SearchView(
      emulator,
      () => emulator.focus(),
      () => this.#scrollback.notFound(),
      failed,
      searches,
    );
    this.#tag = new PaneTag(() => this.#readRest());
    this.#follow = element("button", "hj-newest", { type: "button", hidden: true }, "↓ newest");
    this.#follow.title = "jump to the newest output and follow it";
    keepKeys(this.#follow);
    this.#follow.addEventListener("click", () => this.#jumpToEnd());
    const prefixed = () => this.output.prefixed;
    this.#lines = new PaneLines(emulator, this.output.shaping, prefixed);
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: title },
      element(
        "div",
        "hj-frame",
        {},
        this.#search.root,
        this.#tag.root,
        this.#frame.root,
        this.#follow,
      ),
      this.#lines.root,
      this.#log.root,
    );
    this.#reader = new ReaderDoor(model, this.root, this.#frame.root, failed);

    const confirmBar = new ConfirmBar(this.#frame.root, () => emulator.focus());
    const subject = subjectOf(model.status);
    this.#hyperlinks = new Hyperlinks(terminal, this.#frame.root, confirmBar, subject);
    if (this.#tty) this.#takeInput(confirmBar);
    else {
      const reading = new ReadingDoor(({ LogAids }) => {
        const aids = new LogAids(emulator, confirmBar, subject, prefixed, host);
        this.#lines.link(); // after the places: the first one to have a link at a cell has it
        return aids;
      });
      this.reading = reading;
      emulator.onKey(
        (event) =>
          this.#search.key(event) &&
          reading.key(event) &&
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
        const skipped = this.output.screen.skippedAt(line);
        return skipped && (() => void this.#reader.open(skipped.stream, skipped.offset));
      }),
      model.onChange(() => this.#update()),
    );
    this.output.begin();
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

  get wrap(): boolean {
    return this.#frame.wrap;
  }

  set wrap(on: boolean) {
    this.#frame.wrap = on;
  }

  /** Addresses in the output, the newest last. An address may be there twice. */
  get links(): readonly string[] {
    const { screen } = this.output;
    return [...screen.links, ...addresses(screen.lines(LOG_LINES))];
  }

  openLink(address: string): void {
    this.#hyperlinks.ask(address);
  }

  /** The lines that are selected, or parts of them; none if nothing is. */
  get selection(): string[] {
    const selected = this.#frame.emulator.terminal.getSelection();
    return selected ? selected.split(/\r?\n/) : [];
  }

  focus(): void {
    this.#frame.emulator.focus();
  }

  showSearch(): void {
    this.#search.show();
  }

  clear(): void {
    this.output.clear(() => this.#log.schedule());
    this.reading?.restart(true);
    this.#host.changed();
  }

  close(): void {
    for (const close of this.#closers.reverse()) close();
    this.#lines.close();
    this.reading?.close();
    this.#reader.close();
    this.#search.close();
    this.#log.close();
    this.output.close();
    this.#frame.close();
  }

  /** A terminal: send keys to the container, and share one size with the other views. */
  #takeInput(confirmBar: ConfirmBar): void {
    const { root, emulator } = this.#frame;
    const input = new TtyInput(emulator.terminal, this.#model, root, {
      confirmer: confirmBar,
      isUnwantedAnswer: (data) => this.output.screen.isUnwantedAnswer(data),
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

  #update(): void {
    this.output.update();
    // Named here too, because the mark between the lines leaves with the scrollback.
    this.#tag.update(this.#scrollback.summary(), this.#scrollback.incomplete);
    if (this.output.paused) this.#host.changed();
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

  /** Open the transcript at what this pane does not show. */
  #readRest(): void {
    const lines = () => this.output.screen.lines(SCROLLBACK + MAX_ROWS);
    const { stream, offset } = this.#scrollback.readFrom(lines);
    void this.#reader.open(stream, offset);
  }
}
