// What a pane does with lines: as it is set by the user, or by itself where most lines are structured.
// No DOM, no xterm.

import type { TextShape } from "../output/feed";
import { Detector } from "./detector";
import { LineShaper, type Shaped } from "./line-shaper";

export class Shaping {
  #chosen: boolean | undefined;
  #detected = false;
  #filter = "";
  #fold = false;
  #shaper: LineShaper | undefined;
  #noticed: () => void;

  /**
   * `chosen`: whether structured lines are shown as such; undefined lets the lines decide. `noticed` is
   * called when they do: everything has to be drawn again.
   */
  constructor(chosen: boolean | undefined, noticed: () => void) {
    this.#chosen = chosen;
    this.#noticed = noticed;
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
    if (structured || fold || this.#filter) {
      this.#shaper = new LineShaper({ structured, fold, filter: this.#filter });
    } else {
      this.#shaper = undefined;
      if (this.#chosen !== undefined) return undefined;
    }
    return this.#shaper && this.#chosen !== undefined ? this.#shaper : this.#watch();
  }

  /** Pass text on, and look whether it is structured until that is known. */
  #watch(): TextShape {
    const detector = new Detector();
    const shaper = this.#shaper;
    return {
      get holds() {
        return shaper?.holds ?? false;
      },
      push: (stream, text): Shaped => {
        if (!this.#detected) {
          detector.look(stream, text);
          if (detector.structured) {
            this.#detected = true;
            queueMicrotask(this.#noticed); // not now: it is in the middle of drawing
          }
        }
        return shaper?.push(stream, text) ?? { text, whole: false };
      },
      release: (stream) => shaper?.release(stream) ?? "",
      restart: (stream) => shaper?.restart(stream) ?? "",
    };
  }
}
