// How large a terminal is: as its own pane allows where it decides for all views of the session,
// else as large as the one that does. Knows xterm, no Jupyter.

import type { Terminal } from "@xterm/xterm";
import type { SessionModel } from "../model/session-model";

/** Milliseconds in which a pane that is being dragged is not heard. */
export const RESIZE_DELAY = 150;

const MIN_COLUMNS = 20;
const MIN_ROWS = 2;

/** Of xterm's Terminal, what is used here. */
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

  /** `changed` is called when the terminal became larger or smaller for another view's sake. */
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

  /** What the pane has room for. A pane that cannot be seen has room for nothing, and no say. */
  offer(rows: number, cols: number): void {
    if (!Number.isFinite(rows) || !Number.isFinite(cols) || !this.#seen()) return;
    this.#room = { rows: Math.max(MIN_ROWS, rows), cols: Math.max(MIN_COLUMNS, cols) };
    this.#adopt();
    this.#announceSoon();
  }

  /** Whether another view decides. */
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
    // Not at every change: with output coming all the time, soon would be never.
    const attached = this.#model.status.state === "attached";
    if (attached && !this.#attached) this.#announceSoon();
    this.#attached = attached;
  }

  /** Make the terminal as large as it has to be; returns whether that changed anything. */
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
