// Walking through what was typed, with the line that is being written at its end.
// No DOM, no Jupyter.

export type Direction = "older" | "newer";

export class InputHistory {
  #back = 0; // entries back in what was typed; 0 is the text being written
  #draft = "";

  /**
   * The text one step on, or null where there is none.
   *
   * `current` is what the field has; it is kept while older entries are shown.
   */
  step(direction: Direction, current: string, typed: readonly string[]): string | null {
    const back = this.#back + (direction === "older" ? 1 : -1);
    if (back < 0 || back > typed.length) return null;
    if (this.#back === 0) this.#draft = current;
    this.#back = back;
    return back ? (typed.at(-back) ?? "") : this.#draft;
  }

  /** Something was sent: the next step begins at the end again. */
  reset(): void {
    this.#back = 0;
    this.#draft = "";
  }
}

/** Whether a caret can go no further in a text of several lines: then the arrows are history's. */
export function isAtEdge(direction: Direction, text: string, from: number, to: number): boolean {
  if (from !== to) return false;
  return direction === "older"
    ? !text.slice(0, from).includes("\n")
    : !text.slice(to).includes("\n");
}

/** Where the caret goes behind a step, so that the next one goes on. */
export function caretBehind(direction: Direction, text: string): number {
  const end = direction === "older" ? text.indexOf("\n") : -1;
  return end < 0 ? text.length : end;
}
