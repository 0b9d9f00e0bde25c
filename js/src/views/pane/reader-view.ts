// Reads a stream's transcript in pages, in front of its pane: what the terminal has skipped, or
// what has left its scrollback. Knows xterm and the DOM, no Jupyter.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import type { Stream } from "../../model/messages";
import { wholeLines } from "../../model/output/lines";
import type { SessionModel } from "../../model/session-model";
import { scrollByKey } from "../../terminal/scroll-keys";
import type { Look } from "../../terminal/theme";
import { element, setText } from "../elements/dom";

/** Bytes of a page. */
export const PAGE = 64 * 1024;
/** Lines of a page at most: one per two bytes. */
const LINES = PAGE / 2;

export class ReaderView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #stream: Stream;
  #terminal: Terminal;
  #fit = new FitAddon();
  #where = element("span", "hj-reader-where", { role: "status" });
  #earlier = element("button", "hj-button", { type: "button" }, "Earlier");
  #later = element("button", "hj-button", { type: "button" }, "Later");
  #position = element("input", "hj-reader-position", { type: "range", min: "0", step: "1" });
  #close = element("button", "hj-button", { type: "button" }, "Close");
  #frame = element("div", "hj-terminal");
  #from = 0;
  #to = 0;
  #turn = 0;

  /** `close` is called when the user has read enough. */
  constructor(model: SessionModel, stream: Stream, look: Look, close: () => void) {
    this.#model = model;
    this.#stream = stream;
    const { theme } = look;
    this.#terminal = new Terminal({
      ...look,
      allowProposedApi: false,
      convertEol: !model.status.tty,
      cursorInactiveStyle: "none",
      disableStdin: true,
      linkHandler: { activate: () => {} },
      logLevel: "off",
      minimumContrastRatio: 4.5,
      scrollback: LINES,
    });
    this.#frame.style.backgroundColor = theme.background ?? "";
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
      this.#frame,
    );
    this.root.dataset.lmSuppressShortcuts = "true";
    this.#earlier.addEventListener("click", () => {
      void this.#show(this.#from - PAGE, { until: this.#from });
    });
    this.#later.addEventListener("click", () => void this.#show(this.#to, { joined: true }));
    this.#position.addEventListener("change", () => void this.#show(this.#position.valueAsNumber));
    this.#close.addEventListener("click", close);
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
  }

  /** Draw it, once it is in the document, from an offset on. */
  open(offset: number): void {
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.attachCustomKeyEventHandler((event) => scrollByKey(this.#terminal, event));
    this.#terminal.open(this.#frame);
    this.#fit.fit();
    this.#terminal.textarea?.setAttribute("aria-label", "transcript");
    this.#close.focus();
    void this.#show(offset, { joined: true });
  }

  close(): void {
    this.#turn += 1;
    this.#terminal.dispose();
    this.root.remove();
  }

  /**
   * Show a page from an offset on, up to another one where that is said. `joined`: what lies before
   * the offset was just shown.
   */
  async #show(
    offset: number,
    { until = Number.POSITIVE_INFINITY, joined = false } = {},
  ): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    // One byte more in front: where it is a newline, the first line is a whole one.
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
    const count = (value: number) => value.toLocaleString("en");
    const gone = range.start ? `; the first ${count(range.start)} are no longer kept` : "";
    setText(
      this.#where,
      `bytes ${count(this.#from)} to ${count(this.#to)} of ${count(range.end)}${gone}`,
    );
    this.#fit.fit(); // the bar above has its text only now
    this.#terminal.reset();
    this.#terminal.write("\x1b[?25l");
    // What the container once asked its terminal must not be answered now: nobody listens to
    // this one's onData.
    this.#terminal.write(data, () => {
      if (Number.isFinite(until)) this.#terminal.scrollToBottom();
      else this.#terminal.scrollToTop();
    });
  }

  /** A button that is disabled loses the focus, and with it the keys: it goes on to the next. */
  #enable(button: HTMLButtonElement, enabled: boolean): void {
    if (!enabled && document.activeElement === button) this.#close.focus();
    button.disabled = !enabled;
  }
}
