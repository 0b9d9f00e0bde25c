// An xterm.js terminal in an element: made with our options, opened, fitted to the element, and drawn
// in the page's colours. Panes and the transcript reader use it. No Jupyter.

import { FitAddon } from "@xterm/addon-fit";
import type { ILinkDecorations, Terminal } from "@xterm/xterm";
import { useOurWidths } from "./character-widths";
import { drawReadably } from "./colour/contrast";
import { scrollByKey } from "./scrolling/scroll-keys";
import { TopLine } from "./scrolling/top-line";
import { giveLook, makeTerminal, takeTerminal } from "./spare-terminal";
import type { Look } from "./theme";

/** Pixels above and below the lines, as in the style sheet. */
const PADDING = 4;

/** A part of xterm that it does not export. */
interface Internals {
  _core?: { _writeBuffer?: { _innerWrite?(): void } };
}

export interface EmulatorOptions {
  /** Whether the output is a terminal's, in which a line feed does not return to the first column. */
  tty: boolean;
  /** Whether keys can go to a program. */
  input?: boolean;
  rows?: number;
  /** Lines to keep above the screen. */
  scrollback: number;
  /** Whether it will be opened soon, so that it may be a terminal that is open already. */
  soon?: boolean;
}

/** Rows that are marked; `first` is -1 once they have left. */
export interface MarkedRows {
  readonly first: number;
  close(): void;
}

export class Emulator {
  readonly terminal: Terminal;
  readonly frame: HTMLElement;
  #fit = new FitAddon();
  #top: TopLine;
  #palette: Look["palette"] | undefined;

  /** `frame`: the element to open it in. */
  constructor(frame: HTMLElement, options: EmulatorOptions) {
    const { tty, input = false, rows, scrollback, soon = false } = options;
    this.frame = frame;
    this.terminal = (soon ? takeTerminal : makeTerminal)({
      convertEol: !tty,
      cursorInactiveStyle: input ? "outline" : "none",
      disableStdin: !input,
      // Without a shell that draws its line again, and the last line's end is not drawn until more comes.
      reflowCursorLine: !tty,
      ...(rows === undefined ? {} : { rows }),
      scrollback,
    });
    // So that the first layout of the frame has it. A spare one is open, and measures nothing any more.
    if (this.terminal.element) frame.append(this.terminal.element);
    this.#top = new TopLine(this.terminal);
    useOurWidths(this.terminal);
    this.terminal.loadAddon(this.#fit);
  }

  get rows(): number {
    return this.terminal.rows;
  }

  get cols(): number {
    return this.terminal.cols;
  }

  /** Whether keys go to a program now. */
  get takesInput(): boolean {
    return !this.terminal.options.disableStdin;
  }

  /** Open it in its element. That must be in the document, or cells have no size. */
  open(label: string, description = ""): void {
    this.terminal.open(this.frame); // of one that is open it notes the window only
    drawReadably(this.terminal, () => this.#palette);
    this.terminal.textarea?.setAttribute("aria-label", label);
    if (description) this.terminal.textarea?.setAttribute("aria-description", description);
  }

  applyLook(look: Look): void {
    this.#palette = look.palette;
    giveLook(this.terminal, look);
    this.frame.style.backgroundColor = look.theme.background ?? "";
  }

  /** Columns that its element has room for; undefined if that is unknown. */
  roomForColumns(): number | undefined {
    const cols = this.#fit.proposeDimensions()?.cols;
    return Number.isFinite(cols) ? cols : undefined;
  }

  /** Make it as large as its element. */
  fit(): void {
    this.#fit.fit();
  }

  /** Change its size; a reader's first line stays the first. */
  resize(cols: number, rows: number): void {
    if (cols !== this.cols || rows !== this.rows) this.#top.resize(cols, rows);
  }

  /** Make the element as high as the lines of the terminal. */
  fitFrame(): void {
    const screen = this.#lines();
    if (!screen?.offsetHeight) return;
    const scrollbar = this.frame.offsetHeight - this.frame.clientHeight;
    this.frame.style.height = `${screen.offsetHeight + PADDING + scrollbar}px`;
  }

  /** Have the size of its lines observed, once it is open. */
  observeLines(observer: ResizeObserver): void {
    const screen = this.#lines();
    if (screen) observer.observe(screen);
  }

  #lines(): HTMLElement | null {
    return this.frame.querySelector(".xterm-screen");
  }

  /** Give each key to a handler first. If it returns false, the terminal does not get the key. */
  onKey(handler: (event: KeyboardEvent) => boolean): void {
    this.terminal.attachCustomKeyEventHandler(handler);
  }

  /** A handler for `onKey` that scrolls. All other keys stay the page's. */
  scrollByKey(event: KeyboardEvent): boolean {
    return scrollByKey(this.terminal, event);
  }

  /** Call back after lines were drawn. Returns a function that unsubscribes. */
  onDraw(callback: () => void): () => void {
    const subscription = this.terminal.onRender(callback);
    return () => subscription.dispose();
  }

  /**
   * Make lines clickable: `action` returns what a click on a line of the buffer does, if anything.
   * Returns a function that ends this. `look`: how a line under the mouse differs.
   */
  linkLines(
    action: (line: number) => (() => void) | undefined,
    look?: ILinkDecorations,
  ): () => void {
    const links = this.terminal.registerLinkProvider({
      provideLinks: (row, callback) => {
        const activate = action(row - 1);
        const text = this.terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? "";
        if (!activate || !text) return callback(undefined);
        const range = { start: { x: 1, y: row }, end: { x: text.length, y: row } };
        callback([look ? { range, text, activate, decorations: look } : { range, text, activate }]);
      },
    });
    return () => links.dispose();
  }

  /**
   * Mark rows of the buffer, as long as they are there. Returns where they are, and a function that
   * ends this.
   */
  markRows(first: number, count: number, className: string): MarkedRows | undefined {
    const { baseY, cursorY } = this.terminal.buffer.active;
    const marker = this.terminal.registerMarker(first - (baseY + cursorY));
    if (!marker) return undefined;
    const decoration = this.terminal.registerDecoration({
      marker,
      width: this.terminal.cols,
      height: count,
      layer: "bottom",
    });
    decoration?.onRender((drawn) => {
      drawn.classList.add(className);
      drawn.style.width = "100%"; // xterm's has the columns of when it was made
    });
    return {
      get first() {
        return marker.line;
      },
      close: () => {
        decoration?.dispose();
        marker.dispose();
      },
    };
  }

  write(data: string | Uint8Array, written?: () => void): void {
    this.terminal.write(data, written);
  }

  /**
   * Take what was written into the next frame. By itself xterm does that in a task of its own, which a
   * busy page runs after the frame. Never call this from a callback of `write`: xterm would take that
   * piece once more.
   */
  flush(): void {
    const { _core: core } = this.terminal as unknown as Internals;
    core?._writeBuffer?._innerWrite?.();
  }

  /** Forget all lines and modes. */
  reset(): void {
    this.terminal.reset();
  }

  /** Forget all lines except the one with the cursor. */
  clear(): void {
    this.terminal.clear();
  }

  scrollToTop(): void {
    this.terminal.scrollToTop();
  }

  scrollToBottom(): void {
    this.terminal.scrollToBottom();
  }

  focus(): void {
    this.terminal.focus();
  }

  close(): void {
    this.terminal.dispose();
  }
}
