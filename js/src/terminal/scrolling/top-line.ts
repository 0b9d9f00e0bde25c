// Keeps the first line that a reader sees in its place while a terminal changes its size, also where the
// new size has no room to show it at the top. It needs only what xterm has headless, too. No DOM.

import type { IBuffer, IMarker } from "@xterm/xterm";

/** The part of a terminal that it scrolls. */
export interface Scrolled {
  readonly buffer: { readonly active: IBuffer };
  registerMarker(cursorYOffset?: number): IMarker | undefined;
  resize(cols: number, rows: number): void;
  scrollToLine(line: number): void;
}

export class TopLine {
  #terminal: Scrolled;
  #marker: IMarker | undefined;
  /** The row to which it was scrolled for that line. */
  #row = -1;

  constructor(terminal: Scrolled) {
    this.#terminal = terminal;
  }

  /** Change the size. What is at its end stays there, unless only an earlier size has put it there. */
  resize(cols: number, rows: number): void {
    const { buffer } = this.#terminal;
    if (buffer.active.viewportY !== this.#row || (this.#marker?.line ?? -1) < 0) this.#note();
    this.#terminal.resize(cols, rows);
    const line = this.#marker?.line ?? -1;
    if (line >= 0) this.#terminal.scrollToLine(line);
    this.#row = buffer.active.viewportY;
  }

  #note(): void {
    this.#marker?.dispose();
    this.#marker = undefined;
    const { active } = this.#terminal.buffer;
    let top = active.viewportY;
    if (top >= active.baseY) return;
    // Rows that go on with a line may leave when lines wrap at another width; its first one stays.
    while (top > 0 && active.getLine(top)?.isWrapped) top -= 1;
    this.#marker = this.#terminal.registerMarker(top - active.baseY - active.cursorY);
  }
}
