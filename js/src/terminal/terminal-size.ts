// Decides how large a terminal is: if its view owns the size, as large as its pane allows, else as
// large as the view that owns it. No Jupyter.

import type { Terminal } from "@xterm/xterm";
import type { SessionModel } from "../model/session-model";

/** Milliseconds after a change before the size is reported: a pane may be being dragged. */
export const RESIZE_DELAY = 150;

const MIN_COLUMNS = 20;
const MIN_ROWS = 2;

/** The part of xterm's Terminal that is used here. */
export type Sized = Pick<Terminal, "rows" | "cols" | "resize">;

export class TerminalSize {
  #terminal: Sized;
  #model: SessionModel;
  #frame: HTMLElement;
  #changed: () => void;
  #view: number;
  #room: { rows: number; cols: number } | undefined;
  #attached: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cleanups: (() => void)[] = [];

  /** `changed` is called after the terminal has taken another view's size. */
  constructor(terminal: Sized, model: SessionModel, frame: HTMLElement, changed: () => void) {
    this.#terminal = terminal;
    this.#model = model;
    this.#frame = frame;
    this.#changed = changed;
    this.#view = model.sizes.newView();
    this.#attached = model.status.state === "attached";
    const focused = () => this.#claim();
    frame.addEventListener("focusin", focused);
    this.#cleanups.push(
      () => frame.removeEventListener("focusin", focused),
      model.onChange(() => this.#update()),
    );
    this.#adopt();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const cleanup of this.#cleanups) cleanup();
    this.#model.sizes.discard(this.#view);
  }

  /** Take what the pane has room for. A pane that can not be seen does not count. */
  offer(rows: number, cols: number): void {
    if (!Number.isFinite(rows) || !Number.isFinite(cols) || !this.#seen()) return;
    this.#room = { rows: Math.max(MIN_ROWS, rows), cols: Math.max(MIN_COLUMNS, cols) };
    this.#adopt();
    this.#announceSoon();
  }

  /** Whether another view owns the size. */
  get borrowed(): boolean {
    const { size, size_owner } = this.#model.status;
    return size !== null && size_owner !== null && !this.#model.sizes.owns(this.#view);
  }

  #seen(): boolean {
    return this.#frame.isConnected && this.#frame.clientWidth > 0 && this.#frame.clientHeight > 0;
  }

  #announceSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#announce(), RESIZE_DELAY);
  }

  #announce(claim = false): void {
    if (!this.#room || this.#model.status.state !== "attached" || !this.#seen()) return;
    this.#model.sizes.report(this.#view, this.#room.rows, this.#room.cols, claim);
  }

  #claim(): void {
    if (this.#model.sizes.owns(this.#view)) return;
    clearTimeout(this.#timer);
    this.#announce(true);
  }

  #update(): void {
    if (this.#adopt()) this.#changed();
    // Not at every change: while output keeps coming, the delay would begin again and again.
    const attached = this.#model.status.state === "attached";
    if (attached && !this.#attached) this.#announceSoon();
    this.#attached = attached;
  }

  /** Make the terminal as large as it has to be. Returns whether that changed anything. */
  #adopt(): boolean {
    const { size } = this.#model.status;
    const [rows, cols] =
      size && this.borrowed ? size : [this.#room?.rows ?? size?.[0], this.#room?.cols ?? size?.[1]];
    if (!rows || !cols) return false;
    if (rows === this.#terminal.rows && cols === this.#terminal.cols) return false;
    this.#terminal.resize(cols, rows);
    return true;
  }
}
