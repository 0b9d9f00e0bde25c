// What a terminal shows of one stream: writes, skip marks, silence towards queries, plain lines.
// Knows the part of xterm that also runs headless. No DOM, no Jupyter.

import type { IBuffer, IDisposable, IParser } from "@xterm/xterm";
import type { Sink } from "./session-model";

/** Of xterm's Terminal, what both the browser's and the headless one have. */
export interface Core {
  readonly parser: IParser;
  readonly buffer: { readonly active: IBuffer };
  write(data: string | Uint8Array, callback?: () => void): void;
}

export class Screen implements Sink {
  #core: Core;
  #answers: () => boolean;
  #wrote: () => void;
  #replaying = false;
  #disposables: IDisposable[] = [];

  /** `answers`: whether this terminal may answer queries in the data; `wrote`: after each write. */
  constructor(core: Core, answers: () => boolean, wrote: () => void) {
    this.#core = core;
    this.#answers = answers;
    this.#wrote = wrote;
    this.#muteQueries();
  }

  write(data: Uint8Array, replay: boolean, done: () => void): void {
    // Parsing is asynchronous: the switch travels in the same queue as the bytes.
    this.#core.write("", () => {
      this.#replaying = replay;
    });
    this.#core.write(data, () => {
      this.#wrote();
      done();
    });
  }

  skip(bytes: number, lost: number): void {
    this.#core.write(`\r\n\x1b[0;2m— ${skipText(bytes, lost)} —\x1b[0m\r\n`, this.#wrote);
  }

  /** The last lines as plain text, wrapped ones joined, without empty ones at the end. */
  lines(limit: number): string[] {
    const buffer = this.#core.buffer.active;
    const lines: string[] = [];
    let row = buffer.baseY + buffer.cursorY;
    for (let last = buffer.length - 1; last > row; last -= 1) {
      if (buffer.getLine(last)?.translateToString(true)) row = last;
    }
    let tail = "";
    for (; row >= 0 && lines.length < limit; row -= 1) {
      const line = buffer.getLine(row);
      if (!line) break;
      tail = line.translateToString(!tail) + tail;
      if (line.isWrapped) continue;
      if (tail || lines.length) lines.push(tail);
      tail = "";
    }
    return lines.reverse();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Swallow queries that a terminal would answer through onData, unless it may. */
  #muteQueries(): void {
    const { parser } = this.#core;
    const muted = () => this.#replaying || !this.#answers();
    for (const id of [
      { final: "c" },
      { prefix: ">", final: "c" },
      { prefix: "=", final: "c" },
      { prefix: ">", final: "q" },
      { final: "n" },
      { prefix: "?", final: "n" },
      { intermediates: "$", final: "p" },
      { prefix: "?", intermediates: "$", final: "p" },
    ]) {
      this.#disposables.push(parser.registerCsiHandler(id, muted));
    }
    this.#disposables.push(
      parser.registerDcsHandler({ intermediates: "$", final: "q" }, muted),
      parser.registerDcsHandler({ intermediates: "+", final: "q" }, muted),
    );
    for (const color of [4, 10, 11, 12]) {
      const query = (data: string) => muted() && data.split(";").includes("?");
      this.#disposables.push(parser.registerOscHandler(color, query));
    }
  }
}

/** How bytes that a view leaves out are named. */
export function skipText(bytes: number, lost: number): string {
  const count = (value: number) => value.toLocaleString("en");
  if (!lost) return `${count(bytes)} bytes skipped, all in the transcript`;
  if (lost === bytes) return `${count(bytes)} bytes skipped, no longer kept`;
  return `${count(bytes)} bytes skipped, ${count(lost)} of them no longer kept`;
}
