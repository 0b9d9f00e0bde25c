// One stream in a terminal: title row, xterm, plain-text log. Knows xterm and the DOM, no Jupyter.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { element, formatBytes, setText } from "./dom";
import { scrollByKey } from "./keys";
import { Links } from "./links";
import { LOG_LINES, LogView } from "./log-view";
import { STDOUT, type Stream } from "./messages";
import { Question } from "./question";
import { ReaderView } from "./reader-view";
import { Screen } from "./screen";
import type { SessionModel } from "./session-model";
import { TerminalSize } from "./terminal-size";
import { readLook, watchTheme } from "./theme";
import { leaveHint, TtyInput } from "./tty-input";

const MIN_COLUMNS = 20;
const SCROLLBACK = 10_000;

export class PaneView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #stream: Stream;
  #tty: boolean;
  #rows: number;
  #frame: HTMLElement;
  #bytes: HTMLElement;
  #read: HTMLButtonElement;
  #reader: ReaderView | undefined;
  #terminal: Terminal;
  #fit = new FitAddon();
  #screen: Screen;
  #log: LogView;
  #opened = false;
  #visible = false;
  #firstSkipped = -1;
  #size: TerminalSize | undefined;
  #cleanups: (() => void)[] = [];

  /** On a TTY there is one pane, stdout, and it takes keys. */
  constructor(model: SessionModel, stream: Stream, rows: number) {
    this.#model = model;
    this.#stream = stream;
    this.#tty = model.status.tty;
    this.#rows = rows;
    const name = stream === STDOUT ? "stdout" : "stderr";
    const title = this.#tty ? "terminal" : name;

    this.#bytes = element("span", "hj-bytes");
    this.#read = element("button", "hj-read", { type: "button", hidden: true }, "Read it");
    this.#read.addEventListener("click", () => this.#openReader(this.#firstSkipped));
    this.#frame = element("div", "hj-terminal");
    this.#frame.dataset.lmSuppressShortcuts = "true";
    this.#frame.style.setProperty("--hj-rows", String(rows));
    this.#terminal = new Terminal({
      allowProposedApi: false,
      convertEol: !this.#tty,
      cursorInactiveStyle: this.#tty ? "outline" : "none",
      disableStdin: !this.#tty,
      logLevel: "off",
      minimumContrastRatio: 4.5,
      rows,
      scrollback: SCROLLBACK,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#screen = new Screen(this.#terminal, {
      answers: () => this.#tty && this.#model.answers(stream, this.#screen),
      wrote: () => this.#log.schedule(),
      visible: () => this.#visible,
      mouse: () => !this.#terminal.options.disableStdin,
    });
    this.#log = new LogView(name, () => this.#screen.lines(LOG_LINES));
    this.root = element(
      "section",
      `hj-pane hj-${name}`,
      { ariaLabel: title },
      element(
        "header",
        "hj-pane-title",
        {},
        element("span", "hj-pane-name", {}, title),
        this.#bytes,
        this.#read,
      ),
      this.#frame,
      this.#log.root,
    );

    if (!this.#tty) this.#terminal.write("\x1b[?25l");
    const question = new Question(this.#frame, () => this.#terminal.focus());
    new Links(this.#terminal, this.#frame, question);
    this.#cleanups.push(() => question.dispose());
    if (this.#tty) this.#takeInput(question);
    else {
      this.#terminal.attachCustomKeyEventHandler((event) => scrollByKey(this.#terminal, event));
    }
    this.#linkMarks();
    this.#watch();
    this.#cleanups.push(model.onChange(() => this.#update()));
    this.#cleanups.push(model.subscribe(stream, this.#screen));
    this.#update();
  }

  dispose(): void {
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    this.#reader?.dispose();
    this.#log.dispose();
    this.#screen.dispose();
    this.#terminal.dispose();
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
      this.#terminal.open(this.#frame);
      this.#terminal.textarea?.setAttribute("aria-label", this.#tty ? "terminal" : "output");
      if (this.#tty) this.#terminal.textarea?.setAttribute("aria-description", leaveHint());
    }
    const size = this.#fit.proposeDimensions();
    if (!size || !Number.isFinite(size.cols)) return;
    if (this.#size) this.#size.offer(this.#rows, size.cols);
    else {
      const cols = Math.max(MIN_COLUMNS, size.cols);
      if (cols !== this.#terminal.cols) this.#terminal.resize(cols, this.#rows);
    }
    this.#fitHeight();
  }

  #fitHeight(): void {
    this.#frame.classList.toggle("hj-borrowed", this.#size?.borrowed ?? false);
    const screen = this.#frame.querySelector<HTMLElement>(".xterm-screen");
    if (screen?.offsetHeight) this.#frame.style.height = `${screen.offsetHeight + 8}px`;
  }

  #applyLook(): void {
    const { theme, fontFamily, fontSize } = readLook(this.#frame);
    this.#terminal.options.theme = theme;
    if (this.#terminal.options.fontFamily !== fontFamily) {
      this.#terminal.options.fontFamily = fontFamily;
    }
    if (this.#terminal.options.fontSize !== fontSize) this.#terminal.options.fontSize = fontSize;
    this.#frame.style.backgroundColor = theme.background ?? "";
  }

  /** A terminal: keys go to the container, and its size is what this pane has room for. */
  #takeInput(question: Question): void {
    const input = new TtyInput(this.#terminal, this.#model, this.#frame, {
      question,
      drops: (data) => this.#screen.drops(data),
      leave: () => this.#leave(),
    });
    const changed = () => this.#fitHeight();
    const size = new TerminalSize(this.#terminal, this.#model, this.#frame, changed);
    this.#size = size;
    this.#cleanups.push(
      () => input.dispose(),
      () => size.dispose(),
    );
  }

  /** Let the marks of what is skipped be clicked. */
  #linkMarks(): void {
    const links = this.#terminal.registerLinkProvider({
      provideLinks: (row, callback) => {
        const mark = this.#screen.mark(row - 1);
        const text = this.#terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? "";
        if (!mark || !text) return callback(undefined);
        const range = { start: { x: 1, y: row }, end: { x: text.length, y: row } };
        callback([{ range, text, activate: () => this.#openReader(mark.offset) }]);
      },
    });
    this.#cleanups.push(() => links.dispose());
  }

  /** Show the transcript from an offset on, in front of the terminal. */
  #openReader(offset: number): void {
    this.#reader?.dispose();
    const look = readLook(this.#frame);
    const back = document.activeElement;
    this.#reader = new ReaderView(this.#model, this.#stream, look, () => {
      this.#reader?.dispose();
      this.#reader = undefined;
      if (back instanceof HTMLElement && this.root.contains(back)) back.focus();
    });
    this.#frame.after(this.#reader.root);
    this.#reader.open(Math.max(0, offset));
  }

  #leave(): void {
    this.root.tabIndex = -1;
    this.root.focus();
  }

  #update(): void {
    const total = formatBytes(this.#model.total(this.#stream));
    const skipped = this.#model.skipped(this.#stream);
    // Said here too: the mark between the lines leaves with the scrollback.
    this.#read.hidden = !skipped;
    this.#firstSkipped = this.#model.firstSkipped(this.#stream);
    setText(this.#bytes, skipped ? `${total}, ${formatBytes(skipped)} of it not shown` : total);
  }
}
