// Decodes the bytes of streams, and has their text shaped. No DOM, no xterm.

import type { Stream } from "../messages";
import type { ShapedText, TextPart, TextShape } from "./text-shape";

/** Milliseconds after which text that is held back is shown as it is. */
const RELEASE_AFTER = 400;

export class StreamTexts {
  readonly shape: TextShape | undefined;
  #decoders: Record<Stream, TextDecoder> = { 1: new TextDecoder(), 2: new TextDecoder() };
  /** When the newest text of each stream arrived. */
  #at: Record<Stream, number> = { 1: 0, 2: 0 };
  #late: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `late` is called when text was held back for too long. */
  constructor(shape: TextShape | undefined, late: () => void) {
    this.shape = shape;
    this.#late = late;
  }

  /** Return what to show of a stream's next bytes, the last of which came at this time. */
  push(stream: Stream, bytes: Uint8Array, at: number): ShapedText {
    this.#at[stream] = at;
    const text = this.#decoders[stream].decode(bytes, { stream: true });
    if (!this.shape) return { text, whole: false };
    const shaped = this.shape.push(stream, text, at);
    this.schedule();
    return shaped;
  }

  /** Return what is held back of a stream. `goesOn`: the rest of a line may come. */
  release(stream: Stream, goesOn: boolean): TextPart {
    const text = (goesOn ? this.shape?.release(stream) : this.shape?.restart(stream)) ?? "";
    return { stream, at: this.#at[stream], text, aside: "" };
  }

  /** Bytes are left out, among which the rest of a character may be. Return what was held back. */
  restart(stream: Stream): TextPart {
    this.#decoders[stream] = new TextDecoder();
    return this.release(stream, false);
  }

  /** See to it that what is held back is shown in time, whether or not its rest comes. */
  schedule(): void {
    this.unschedule();
    if (this.shape?.holds) this.#timer = setTimeout(this.#late, RELEASE_AFTER);
  }

  unschedule(): void {
    clearTimeout(this.#timer);
  }
}
