// Reads a stream's transcript in pages, in front of its pane: what the terminal has skipped, or
// what has left its scrollback. It is a second module. DOM; it draws through terminal/. No Jupyter.

import type { Range, Stream } from "../../model/messages";
import type { SessionModel } from "../../model/session-model";
import { wholeLines } from "../../model/transcript/lines";
import { withMarks } from "../../model/transcript/marked-page";
import { Emulator } from "../../terminal/emulator";
import { Screen } from "../../terminal/screen";
import type { Look } from "../../terminal/theme";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { addStyle } from "../elements/style";

/** Bytes of a page. */
export const PAGE = 64 * 1024;
/** Lines of a page at most: one per two bytes. */
const LINES = PAGE / 2;
const RESET = "\x1bc";
const HIDE_CURSOR = "\x1b[?25l";

declare const BUILD: string;
declare const STYLE_SHEET: string;

export class ReaderView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #stream: Stream;
  #emulator: Emulator;
  #screen: Screen;
  #where = element("span", "hj-reader-where", { role: "status" });
  #earlier = element("button", "hj-button", { type: "button" }, "Earlier");
  #later = element("button", "hj-button", { type: "button" }, "Later");
  #position = element("input", "hj-reader-position", { type: "range", min: "0", step: "1" });
  #close = element("button", "hj-button", { type: "button" }, "Close");
  #from = 0;
  #to = 0;
  #turn = 0;

  /** `done` is called when the user closes the reader. */
  constructor(model: SessionModel, stream: Stream, look: Look, done: () => void) {
    this.#model = model;
    this.#stream = stream;
    const frame = element("div", "hj-terminal");
    const { tty } = model.status;
    this.#emulator = new Emulator(frame, { tty, scrollback: LINES });
    this.#emulator.applyLook(look);
    // Nothing listens to this terminal's onData either, so that queries which the container once sent
    // are not answered now.
    this.#screen = new Screen(this.#emulator.terminal, {
      answers: () => false,
      mouse: () => false,
      wrote: () => {},
      visible: () => true,
      unplaced: () => {},
      late: () => {},
      keeps: () => (tty ? Number.POSITIVE_INFINITY : LINES + this.#emulator.rows),
    });
    this.#position.setAttribute("aria-label", "position in the transcript");
    this.root = element(
      "section",
      "hj-reader",
      { ariaLabel: "transcript" },
      element(
        "header",
        "hj-reader-bar",
        {},
        this.#where,
        this.#position,
        this.#earlier,
        this.#later,
        this.#close,
      ),
      frame,
    );
    keepKeys(this.root);
    this.#earlier.addEventListener("click", () => {
      void this.#show(this.#from - PAGE, { until: this.#from });
    });
    this.#later.addEventListener("click", () => void this.#show(this.#to, { joined: true }));
    this.#position.addEventListener("change", () => void this.#show(this.#position.valueAsNumber));
    this.#close.addEventListener("click", done);
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      done();
    });
  }

  /** Draw it from an offset on. It must be in the document. */
  open(offset: number): void {
    addStyle(this.root, `reader-${BUILD}`, STYLE_SHEET);
    this.#emulator.onKey((event) => this.#emulator.scrollByKey(event));
    this.#emulator.open("transcript");
    this.#emulator.fit();
    this.#close.focus();
    void this.#show(offset, { joined: true });
  }

  close(): void {
    this.#turn += 1;
    this.#screen.close();
    this.#emulator.close();
    this.root.remove();
  }

  /**
   * Show a page from an offset on, up to `until` if that is given. `joined`: what lies before the
   * offset was just shown.
   */
  async #show(
    offset: number,
    { until = Number.POSITIVE_INFINITY, joined = false } = {},
  ): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    // Ask for one byte more in front: if it is a newline, the first line is a whole one.
    const start = Math.max(0, joined ? offset : offset - 1);
    const answer = await this.#model.read(this.#stream, start, Math.min(PAGE + 1, until - start));
    if (turn !== this.#turn) return;
    if (!answer) {
      setText(this.#where, "the kernel does not answer; try again");
      return;
    }
    const { range } = answer;
    const page = answer.data.subarray(0, Math.max(1, until - range.offset));
    const joints = { begin: joined, end: Number.isFinite(until) };
    const data = wholeLines(page, range.offset, range.start, range.end, joints);
    this.#from = range.offset + (data.byteOffset - answer.data.byteOffset);
    this.#to = this.#from + data.length;
    this.#position.min = String(range.start);
    this.#position.max = String(range.end);
    this.#position.value = String(this.#from);
    this.#enable(this.#earlier, this.#from > range.start);
    this.#enable(this.#later, this.#to < range.end);
    setText(this.#where, rangeText(this.#from, this.#to, range));
    this.#emulator.fit(); // the bar above has its text only now
    this.#screen.write(`${RESET}${HIDE_CURSOR}`, true, () => {});
    for (const part of withMarks(data, this.#from, range, this.#stream)) {
      if (typeof part === "string") this.#screen.write(part, true, () => {});
      else this.#screen.mark(part);
    }
    this.#screen.write("", true, () => {
      if (Number.isFinite(until)) this.#emulator.scrollToBottom();
      else this.#emulator.scrollToTop();
    });
  }

  /** A button that is disabled loses the focus and its keys, so the focus moves to the next one. */
  #enable(button: HTMLButtonElement, enabled: boolean): void {
    if (!enabled && document.activeElement === button) this.#close.focus();
    button.disabled = !enabled;
  }
}

/** Say which bytes of the transcript are shown, and how many are no longer kept. */
export function rangeText(from: number, to: number, range: Pick<Range, "start" | "end">): string {
  const count = (value: number) => value.toLocaleString("en");
  const gone = range.start ? `; the first ${count(range.start)} are no longer kept` : "";
  return `bytes ${count(from)} to ${count(to)} of ${count(range.end)}${gone}`;
}
