// Steps through what was typed before, with the text that is being written as the newest entry.
// No DOM, no Jupyter.

export type Direction = "older" | "newer";

export class InputHistory {
  #back = 0; // steps back from the text being written
  #draft = "";

  /**
   * Return the text one step older or newer, or null if there is none.
   *
   * `current` is the field's text. It is kept while older entries are shown.
   */
  step(direction: Direction, current: string, typed: readonly string[]): string | null {
    const back = this.#back + (direction === "older" ? 1 : -1);
    if (back < 0 || back > typed.length) return null;
    if (this.#back === 0) this.#draft = current;
    this.#back = back;
    return back ? (typed.at(-back) ?? "") : this.#draft;
  }

  /** Something was sent: begin at the newest entry again. */
  reset(): void {
    this.#back = 0;
    this.#draft = "";
  }
}

/** Whether the caret is in the first or last line, where the arrow keys step through the history. */
export function isAtEdge(direction: Direction, text: string, from: number, to: number): boolean {
  if (from !== to) return false;
  return direction === "older"
    ? !text.slice(0, from).includes("\n")
    : !text.slice(to).includes("\n");
}

/** Where to put the caret after a step, so that the next arrow key makes another step. */
export function caretAfter(direction: Direction, text: string): number {
  const end = direction === "older" ? text.indexOf("\n") : -1;
  return end < 0 ? text.length : end;
}
