// The way to ReaderView, whose code is a second module: it is loaded when the user first reads what a pane
// does not show. DOM, no Jupyter.

import type { Stream } from "../../model/messages";
import { second } from "../../model/second-modules";
import type { SessionModel } from "../../model/session-model";
import { readLook } from "../../terminal/theme";
import type { ReaderView } from "./reader-view";

/** The second module. */
interface ReaderModule {
  ReaderView: typeof ReaderView;
}

export class ReaderDoor {
  #model: SessionModel;
  #pane: HTMLElement;
  #terminal: HTMLElement;
  #failed: (why: string) => void;
  #reader: ReaderView | undefined;
  #closed = false;

  /** `failed` is told why the code cannot be loaded. */
  constructor(
    model: SessionModel,
    pane: HTMLElement,
    terminal: HTMLElement,
    failed: (why: string) => void,
  ) {
    this.#model = model;
    this.#pane = pane;
    this.#terminal = terminal;
    this.#failed = failed;
  }

  /** Show the transcript from an offset on, in front of the terminal. */
  async open(stream: Stream, offset: number): Promise<void> {
    const back = document.activeElement;
    let failed = false;
    const { ReaderView } = await second.load<ReaderModule>("reader", (why) => {
      failed = true; // and if it comes after all, nobody waits for this reader any more
      this.#failed(why);
    });
    if (this.#closed || failed) return;
    this.#reader?.close();
    const look = readLook(this.#terminal);
    this.#reader = new ReaderView(this.#model, stream, look, () => {
      this.#reader?.close();
      this.#reader = undefined;
      if (back instanceof HTMLElement && this.#pane.contains(back)) back.focus();
    });
    this.#terminal.parentElement?.after(this.#reader.root);
    this.#reader.open(offset);
  }

  close(): void {
    this.#closed = true;
    this.#reader?.close();
  }
}
