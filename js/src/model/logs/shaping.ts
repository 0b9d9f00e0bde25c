// What a pane does with lines: as it is set by the user, or by itself where most lines are structured.
// Whether they are is seen here; what is done then is a second module. Lines are shown as they come
// until that is there. No DOM, no xterm.

import type { History, Stream } from "../messages";
import type { ShapedText, TextShape } from "../output/text-shape";
import { second } from "../second-modules";
import { Detector } from "./detector";
import type { readFilter } from "./filter/filter";
import type { filterHistory } from "./filter/filter-history";
import type { LineShaper } from "./line-shaper";

/** What is used here of the second module "lines" (views/lines/lines.ts). */
export interface Lines {
  LineShaper: typeof LineShaper;
  readFilter: typeof readFilter;
  filterHistory: typeof filterHistory;
}

export class Shaping {
  #chosen: boolean | undefined;
  #detected = false;
  #filter = "";
  #fold = false;
  #shaper: LineShaper | undefined;
  #noticed: () => void;
  #failed: (why: string) => void;
  #waits = false;
  /** Whether everything is to be drawn again once the code is there. */
  #due = false;

  /**
   * `chosen`: whether structured lines are shown as such; undefined lets the lines decide. `noticed` is
   * called when they do, and when what is needed has come: everything has to be drawn again. `failed`
   * is told why that does not come.
   */
  constructor(
    chosen: boolean | undefined,
    noticed: () => void,
    failed: (why: string) => void = () => {},
  ) {
    this.#chosen = chosen;
    this.#noticed = noticed;
    this.#failed = failed;
  }

  /** Whether lines are to be shown in another way than they are now, because the code is on its way. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Return the history without the lines of these streams that are not to be shown. */
  filtered(history: History, streams: readonly Stream[]): History {
    const lines = this.#filter ? second.now<Lines>("lines") : undefined;
    return lines?.filterHistory(history, streams, lines.readFilter(this.#filter)) ?? history;
  }

  /** Whether structured lines are shown as such. */
  get structured(): boolean {
    return this.#chosen ?? this.#detected;
  }

  set structured(on: boolean) {
    this.#chosen = on;
  }

  /** What is to be shown; "" is everything. */
  get filter(): string {
    return this.#filter;
  }

  set filter(typed: string) {
    this.#filter = typed.trim();
  }

  get fold(): boolean {
    return this.#fold;
  }

  set fold(on: boolean) {
    this.#fold = on;
  }

  /** The shaper in use; undefined where lines are shown as they come. */
  get shaper(): LineShaper | undefined {
    return this.#shaper;
  }

  /** Make a shape for everything that is to be drawn from now on; undefined if none is needed. */
  begin(): TextShape | undefined {
    const { structured, fold } = this;
    this.#shaper = structured || fold || this.#filter ? this.#make() : undefined;
    return this.#chosen === undefined ? this.#watch() : this.#shaper;
  }

  #make(): LineShaper | undefined {
    const { structured, fold } = this;
    const lines = second.now<Lines>("lines");
    if (!lines) {
      this.#load();
      return undefined;
    }
    return new lines.LineShaper({ structured, fold, filter: this.#filter });
  }

  #load(): void {
    if (this.#waits) return;
    this.#waits = this.#due = true;
    void second.load<Lines>("lines", this.#tell).then(() => {
      this.#waits = false;
      if (!this.#due) return; // there were several attempts
      this.#due = false;
      this.#noticed();
    });
  }

  #tell = (why: string): void => {
    this.#waits = false;
    this.#failed(why);
  };

  /** Pass text on, and look whether it is structured until that is known. */
  #watch(): TextShape {
    const detector = new Detector();
    const shaper = this.#shaper;
    return {
      get holds() {
        return shaper?.holds ?? false;
      },
      push: (stream, text, at): ShapedText => {
        if (!this.#detected) {
          detector.look(stream, text);
          if (detector.structured) {
            this.#detected = true;
            this.#load(); // and no sooner: it is in the middle of drawing
          }
        }
        return shaper?.push(stream, text, at) ?? { text, whole: false };
      },
      release: (stream) => shaper?.release(stream) ?? "",
      restart: (stream) => shaper?.restart(stream) ?? "",
    };
  }
}
