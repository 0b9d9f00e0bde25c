// A thin line at the left edge of a pane, beside warnings and errors: they are seen without being read.
// Only the rows that can be seen are looked at. DOM; it reads the terminal's buffer. No Jupyter.

import { edgeOf, goesOn } from "../../model/logs/line-levels";
import { type Prefixed, withoutPrefix } from "../../model/output/line-label";
import type { Emulator } from "../../terminal/emulator";
import { lineAt, linesAbove, linesBelow, type TextLine } from "../../terminal/text-lines";
import { element } from "../elements/dom";

/** Lines above the pane that are looked at for the first line of a stack trace. */
const ABOVE = 60;

export class LevelEdge {
  #root = element("div", "hj-level-edge", { ariaHidden: "true" });
  #emulator: Emulator;
  #prefixed: () => Prefixed;
  #drawn = "";
  #unsubscribe: () => void;

  /** `prefixed`: what lines have in front now. */
  constructor(emulator: Emulator, prefixed: () => Prefixed) {
    this.#emulator = emulator;
    this.#prefixed = prefixed;
    this.#root.style.cssText =
      "position:absolute;inset:2px auto 0 2px;width:3px;z-index:1;pointer-events:none";
    emulator.frame.after(this.#root);
    this.#unsubscribe = emulator.onDraw(() => this.#draw());
    this.#draw();
  }

  close(): void {
    this.#unsubscribe();
    this.#root.remove();
  }

  #draw(): void {
    const { rows, terminal, frame } = this.#emulator;
    const top = terminal.buffer.active.viewportY;
    const screen = frame.querySelector<HTMLElement>(".xterm-screen");
    const edge = edgeOf(this.#lines(top, top + rows), top, (screen?.offsetHeight ?? 0) / rows);
    if (edge !== this.#drawn) this.#root.style.backgroundImage = edge;
    this.#drawn = edge;
  }

  /** Return the lines of some rows, and those above that the first of them goes on with. */
  #lines(from: number, to: number): TextLine[] {
    const buffer = this.#emulator.terminal.buffer.active;
    const first = lineAt(buffer, from);
    if (!first) return [];
    const prefixed = this.#prefixed();
    const own = (line: TextLine) => ({ ...line, text: withoutPrefix(line.text, prefixed) });
    const lines = [own(first)];
    if (goesOn(lines[0]?.text ?? "")) {
      for (const line of linesAbove(buffer, first.first)) {
        lines.unshift(own(line));
        if (!goesOn(own(line).text) || lines.length > ABOVE) break;
      }
    }
    for (const line of linesBelow(buffer, first.last)) {
      if (line.first >= to) break;
      lines.push(own(line));
    }
    return lines;
  }
}
