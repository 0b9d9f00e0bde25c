// The element with a pane's terminal: opened once it can be seen, as wide as its place and as high
// as its lines, in the page's colours. DOM; it draws through terminal/. No Jupyter.

import { Emulator } from "../../terminal/emulator";
import type { TerminalSize } from "../../terminal/terminal-size";
import { readLook, watchTheme } from "../../terminal/theme";
import { leaveHint } from "../../terminal/tty-input";
import { element } from "../elements/dom";
import { isErrorKey, keepKeys, plainKeys } from "../elements/shortcuts";
import { onConnected } from "./connected";
import { SCROLLBACK } from "./pane-scrollback";

const MIN_COLUMNS = 20;
/** Columns of a pane whose lines do not wrap. */
const WIDE = 1000;

/** Milliseconds within which frames that come into the page come together. */
const TOGETHER = 200;
let openedAt = -TOGETHER;

export interface PaneFrameOptions {
  /** Whether keys go to a program; so it is on a TTY. */
  input?: boolean;
  /** Lines to keep above the screen. */
  scrollback?: number;
  /** Whether others decide how large the terminal is, and the frame fits its height only. */
  fixed?: boolean;
}

export class PaneFrame {
  readonly root = element("div", "hj-terminal");
  readonly emulator: Emulator;
  /** Called when nothing sleeps any more. */
  woken = () => {};
  #tty: boolean;
  #rows: number;
  #input: boolean;
  #fixed: boolean;
  #wrap = true;
  #opened = false;
  #visible = false;
  /** The view that it is in, and whether any of that is in sight, as far as is known. */
  #around: Element | undefined;
  #near = true;
  #sleepers: (() => void)[] = [];
  #size: TerminalSize | undefined;
  #frame = 0;
  #observer = new ResizeObserver(() => {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#fit());
  });
  #unwatch: () => void;

  constructor(tty: boolean, rows: number, options: PaneFrameOptions = {}) {
    const { input = tty, scrollback = SCROLLBACK, fixed = false } = options;
    this.#tty = tty;
    this.#rows = rows;
    this.#input = input;
    this.#fixed = fixed;
    keepKeys(
      this.root,
      (event) => this.emulator.takesInput || isErrorKey(event) || plainKeys(event),
    );
    this.root.style.setProperty("--hj-rows", String(rows));
    this.emulator = new Emulator(this.root, { tty, input, rows, scrollback, soon: true });
    this.#unwatch = this.#watch();
  }

  /** Whether the user can see it. */
  get visible(): boolean {
    return this.#visible;
  }

  /** Whether somebody waits for it to come into sight. */
  get asleep(): boolean {
    return this.#sleepers.length > 0;
  }

  /** Whether its view is out of sight; then `wake` is called once that is not so any more. */
  sleeps(wake: () => void): boolean {
    if (!this.#near) this.#sleepers.push(wake);
    return !this.#near;
  }

  /** Let go on what sleeps. */
  wake(): void {
    if (!this.asleep) return;
    for (const wake of this.#sleepers) wake();
    this.#sleepers = [];
    this.woken();
  }

  /** Lines that it shows. */
  get rows(): number {
    return this.#rows;
  }

  set rows(rows: number) {
    this.#rows = rows;
    this.root.style.setProperty("--hj-rows", String(rows));
    this.#refit();
  }

  /** Whether lines wrap at the pane's width. If they do not, the pane scrolls to their end. */
  get wrap(): boolean {
    return this.#wrap;
  }

  set wrap(wrap: boolean) {
    this.#wrap = wrap;
    this.root.classList.toggle("hj-wide", !wrap);
    this.root.scrollLeft = 0;
    this.#refit();
  }

  /** Lines per pixel of height. */
  get linesPerPixel(): number {
    return this.emulator.rows / Math.max(1, this.root.clientHeight);
  }

  /** Set what decides how large the terminal is, for one whose size the views share. */
  set size(size: TerminalSize) {
    this.#size = size;
  }

  /** Make the element as high as the terminal, which may have another view's size. */
  fitHeight(): void {
    this.root.classList.toggle("hj-borrowed", this.#fixed || (this.#size?.borrowed ?? false));
    this.emulator.fitFrame();
  }

  close(): void {
    this.#unwatch();
    this.emulator.close();
  }

  /** Watch the size, whether it can be seen, and the theme. Returns a function that ends this. */
  #watch(): () => void {
    this.#observer.observe(this.root);
    // A pane that is out of sight does not set the pace of the session.
    const sight = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.target === this.root) this.#visible = entry.isIntersecting;
        // What is not displayed, in a hidden tab, stays as it is.
        else if (entry.isIntersecting || entry.target.checkVisibility?.()) {
          this.#comeNear(entry.isIntersecting);
        }
      }
    });
    sight.observe(this.root);
    const forget = onConnected(this.root, () => {
      const around = this.root.closest(".hyper-jupyter") ?? undefined;
      if (around !== this.#around) {
        if (this.#around) sight.unobserve(this.#around);
        if (around) sight.observe(around);
        this.#around = around;
        this.#comeNear(true);
      }
      this.#openAtOnce();
    });
    const unwatchTheme = watchTheme(() => this.#applyLook());
    return () => {
      forget();
      this.#observer.disconnect();
      sight.disconnect();
      cancelAnimationFrame(this.#frame);
      unwatchTheme();
    };
  }

  #comeNear(near: boolean): void {
    this.#near = near;
    if (near) this.wake();
  }

  /** Open it without waiting for a layout, unless another was opened so just now: many come together. */
  #openAtOnce(): void {
    if (this.#opened || performance.now() - openedAt >= TOGETHER) this.#fit();
  }

  /** Fit it. If that opens it, what was written is drawn with the next frame. */
  #fit(): void {
    const opened = this.#opened;
    this.#refit();
    // Not wherever it is opened: xterm may be calling back then, and would take its last piece once more.
    if (!opened && this.#opened) this.emulator.flush();
  }

  #refit(): void {
    // Before the pane can be seen, the terminal's cells have no size.
    if (!this.root.isConnected || this.root.clientWidth === 0) return;
    if (!this.#opened) {
      this.#opened = true;
      openedAt = performance.now();
      this.#applyLook();
      if (this.#input) this.emulator.open("terminal", leaveHint());
      else this.emulator.open(this.#tty ? "terminal" : "output");
      // Out of sight, xterm changes its own size only some time after it was told to.
      this.emulator.observeLines(this.#observer);
    }
    const room = this.emulator.roomForColumns();
    if (room === undefined) return;
    if (this.#fixed) this.fitHeight();
    else if (this.#size) this.#size.offer(this.#rows, room);
    else this.emulator.resize(Math.max(this.#wrap ? MIN_COLUMNS : WIDE, room), this.#rows);
    this.fitHeight();
  }

  #applyLook(): void {
    this.emulator.applyLook(readLook(this.root));
  }
}
