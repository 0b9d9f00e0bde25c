// The lines of a pane that one can look at: a click or Enter shows one, with its fields, in a strip
// below the pane. Lines are known where they are shaped, so the second module that does that is there
// (`views/lines/`). DOM; it reads the terminal's buffer. No Jupyter.

import type { Shaping } from "../../model/logs/shaping";
import type { Prefixed } from "../../model/output/line-label";
import { second } from "../../model/second-modules";
import type { Emulator, MarkedRows } from "../../terminal/emulator";
import { lineAt, linesAbove, linesBelow, type TextLine } from "../../terminal/text-lines";
import { element } from "../elements/dom";
import { take } from "../elements/shortcuts";
import type { LineView } from "../lines/line-view";
import type * as linesModule from "../lines/lines";

type LinesModule = typeof linesModule;

export class PaneLines {
  readonly root = element("div", "");
  #view: LineView | undefined;
  #emulator: Emulator;
  #shaping: Shaping;
  #prefixed: () => Prefixed;
  #marked: MarkedRows | undefined;
  #unlink: () => void = () => {};

  /** `prefixed`: what lines have in front now. */
  constructor(emulator: Emulator, shaping: Shaping, prefixed: () => Prefixed) {
    this.#emulator = emulator;
    this.#shaping = shaping;
    this.#prefixed = prefixed;
  }

  /** Show lines at a click on them; links that were made before this go first. It may be called again. */
  link(): void {
    this.#unlink();
    this.#unlink = this.#emulator.linkLines(
      (row) => (this.#shaping.shaper ? () => this.#click(row) : undefined),
      { pointerCursor: true, underline: false },
    );
  }

  /** Show the newest line that can be seen, at Enter. Returns whether the terminal may have the key. */
  key(event: KeyboardEvent): boolean {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (event.type !== "keydown" || event.key !== "Enter" || !plain) return true;
    if (!this.#shaping.shaper) return true;
    take(event);
    const { viewportY } = this.#buffer;
    for (const line of linesAbove(this.#buffer, viewportY + this.#emulator.rows)) {
      if (line.last < viewportY) break;
      if (line.text.trim() && this.#show(line)) break;
    }
    this.#view?.focus();
    return false;
  }

  hide(): void {
    this.#view?.hide();
  }

  close(): void {
    this.#unlink();
    this.#unmark();
  }

  get #buffer() {
    return this.#emulator.terminal.buffer.active;
  }

  #click(row: number): void {
    // The end of a drag that has selected text is no click.
    if (this.#emulator.terminal.hasSelection()) return;
    const line = lineAt(this.#buffer, row);
    if (line) this.#show(line);
  }

  #move(step: number): void {
    const at = this.#marked?.first ?? -1;
    const from = lineAt(this.#buffer, at);
    if (!from) return;
    const lines =
      step < 0 ? linesAbove(this.#buffer, from.first) : linesBelow(this.#buffer, from.last);
    for (const line of lines) {
      if (!line.text.trim()) continue;
      if (!this.#show(line)) continue;
      const { viewportY } = this.#buffer;
      if (line.first < viewportY) this.#emulator.terminal.scrollToLine(line.first);
      else if (line.last >= viewportY + this.#emulator.rows) {
        this.#emulator.terminal.scrollToLine(line.last - this.#emulator.rows + 1);
      }
      return;
    }
  }

  /** Show a line. Returns false if it is none that has come. */
  #show(line: TextLine): boolean {
    const { shaper } = this.#shaping;
    const module = second.now<LinesModule>("lines");
    if (!shaper || !module) return false;
    const buffer = this.#buffer;
    const texts = function* (lines: Iterable<TextLine>) {
      for (const { text } of lines) yield text;
    };
    const found = module.lookUp(
      shaper,
      line.text,
      texts(linesAbove(buffer, line.first)),
      texts(linesBelow(buffer, line.last)),
      this.#prefixed(),
    );
    if (!found) return false;
    const raw = found.group.map((each) => each.raw);
    const head = (raw[0] ?? "").replace(/\r$/, "");
    this.#made(module).show({ line: module.readLine(head), raw });
    this.#mark(line);
    return true;
  }

  #made({ LineView }: LinesModule): LineView {
    if (this.#view) return this.#view;
    const hidden = () => {
      this.#unmark();
      this.#emulator.focus();
    };
    this.#view = new LineView((step) => this.#move(step), hidden);
    this.root.append(this.#view.root);
    return this.#view;
  }

  #mark({ first, last }: TextLine): void {
    this.#unmark();
    this.#marked = this.#emulator.markRows(first, last - first + 1, "hj-line-mark");
  }

  #unmark(): void {
    this.#marked?.close();
    this.#marked = undefined;
  }
}
