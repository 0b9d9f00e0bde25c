// Scrolls a terminal that takes no input from the keyboard. No Jupyter.

import type { Terminal } from "@xterm/xterm";

/** The part of xterm's Terminal that scrolls. */
export type Scrollable = Pick<
  Terminal,
  "scrollLines" | "scrollPages" | "scrollToTop" | "scrollToBottom"
>;

/**
 * Scroll, as a handler for xterm: false keeps the key from the terminal. All other keys stay the
 * page's, above all Tab and Esc.
 */
export function scrollByKey(terminal: Scrollable, event: KeyboardEvent): boolean {
  if (event.type !== "keydown" || event.ctrlKey || event.metaKey || event.altKey) return false;
  const moves: Record<string, () => void> = {
    ArrowUp: () => terminal.scrollLines(-1),
    ArrowDown: () => terminal.scrollLines(1),
    PageUp: () => terminal.scrollPages(-1),
    PageDown: () => terminal.scrollPages(1),
    Home: () => terminal.scrollToTop(),
    End: () => terminal.scrollToBottom(),
  };
  const move = moves[event.key];
  if (move) {
    move();
    event.preventDefault();
    event.stopPropagation();
  }
  return false;
}
