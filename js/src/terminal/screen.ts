// What a terminal shows of a feed: writes, marks of skipped bytes, silence towards queries, plain
// lines. Uses only the part of xterm that also runs headless. No DOM, no Jupyter.

import type { IBuffer, IMarker } from "@xterm/xterm";
import type { Mark, Stream } from "../model/messages";
import type { FeedTarget } from "../model/output/feed";
import { nameOf } from "../model/output/shown";
import { CANCEL, type MarkText, markDrawing, markRows } from "./replay/mark-lines";
import { cutToScrollback, type QueuedText, queuedText } from "./scrolling/scrollback";
import { type Filtered, SequenceFilter } from "./sequence-filter";
import { goesOn } from "./text-lines";

/** The part of xterm's Terminal that the headless one has too. */
export interface Core extends Filtered {
  readonly buffer: { readonly active: IBuffer };
  readonly cols: number;
  write(data: string | Uint8Array, callback?: () => void): void;
  registerMarker(cursorYOffset?: number): IMarker | undefined;
}

/** What a screen asks the pane around it, and reports to it. */
export interface ScreenCallbacks {
  /** Whether this terminal may answer queries in the data. */
  answers(): boolean;
  /** Whether a program may have the mouse. */
  mouse(): boolean;
  /** Something was written. */
  wrote(): void;
  /** Whether the user can see the terminal. */
  visible(): boolean;
  /** Whether nobody can see it soon, so that it may be drawn later: then `wake` is called. */
  sleeps?(wake: () => void): boolean;
  /** A mark has no place between the lines: a program draws on the whole screen. */
  unplaced(text: string): void;
  /** A mark has come after what follows it. */
  late(): void;
  /** How many lines it keeps if a line end returns to the first column; infinity if it does not. */
  keeps(): number;
}

/** Where bytes are left out. */
export interface Skipped {
  marker: IMarker;
  stream: Stream;
  /** The offset of the first byte that is left out. */
  offset: number;
}

/** A text or a mark that waits until xterm has written what is before it. */
interface Entry extends QueuedText {
  write(text: string, written: () => void): void;
}

/** How words of ours look. */
const ASIDE = /^— .* —$/;
/** Characters per write: xterm parses one without looking at the clock, and would hold up the page. */
const PIECE = 4096;

export class Screen implements FeedTarget {
  #core: Core;
  #callbacks: ScreenCallbacks;
  #several: boolean;
  #replaying = false;
  #queuedReplay = false;
  #skips: Skipped[] = [];
  /** Where words of ours are between the lines. */
  #asides: IMarker[] = [];
  #filter: SequenceFilter;
  #queue: Entry[] = [];
  #writing = false;
  /** The end of the last line, written with what comes next: else the last row would be an empty one. */
  #lineEnd = "";
  #unwatch: { dispose(): void };

  /** `several`: it shows more than one stream, so its marks name the stream. */
  constructor(core: Core, callbacks: ScreenCallbacks, several = false) {
    this.#several = several;
    this.#core = core;
    this.#callbacks = callbacks;
    this.#filter = new SequenceFilter(core, {
      mayAnswer: () => !this.#replaying && callbacks.answers(),
      mayHaveMouse: () => callbacks.mouse(),
    });
    // A reset empties the buffer, and xterm leaves its markers as they were, on other lines.
    this.#unwatch = core.parser.registerEscHandler({ final: "c" }, () => {
      for (const marker of [...this.#asides, ...this.#skips.map((skip) => skip.marker)]) {
        marker.dispose();
      }
      this.#asides = [];
      this.#skips = [];
      return false; // xterm does the rest
    });
  }

  /** The last addresses of links that were given a text (OSC 8), oldest first. */
  get links(): readonly string[] {
    return this.#filter.links;
  }

  /** Whether data that the terminal wants to send is an answer that it must not give. */
  isUnwantedAnswer(data: string): boolean {
    return this.#filter.isUnwantedAnswer(data);
  }

  visible(): boolean {
    return this.#callbacks.visible();
  }

  sleeps(wake: () => void): boolean {
    return this.#callbacks.sleeps?.(wake) ?? false;
  }

  /** Return what is left out at a line of the buffer, if that is such a place. */
  skippedAt(line: number): Skipped | undefined {
    this.#skips = this.#skips.filter(({ marker }) => !marker.isDisposed);
    const buffer = this.#core.buffer.active;
    let last = line;
    while (goesOn(buffer, last + 1)) last += 1;
    return this.#skips.find(({ marker }) => marker.line === last);
  }

  /** Write a text after those before it, without lines that the scrollback would lose at once. */
  write(text: string, replay: boolean, done: () => void, whole = false): void {
    this.#add(
      queuedText(text, this.#callbacks.keeps() < Number.POSITIVE_INFINITY, whole),
      (rest, written) =>
        this.#write(rest, replay, () => {
          this.#callbacks.wrote();
          done();
          written();
        }),
    );
  }

  skip(bytes: number, lost: number, offset: number, stream: Stream): void {
    this.#add({ text: "", lines: -1 }, (_text, written) => {
      this.#skip(bytes, lost, offset, stream, written);
    });
  }

  /** Write a line of our own after everything that was written. */
  note(text: string): void {
    this.#add({ text: "", lines: -1 }, (_text, written) => {
      // Only once what is before it is drawn is it known where the cursor is.
      this.#core.write(this.#rest(), () => {
        const line = this.#ownLine(text, "0;2");
        this.#core.write(line, () => this.#callbacks.wrote());
        written();
      });
    });
  }

  /** Write a mark as a line of its own, where it is among the output. */
  mark(mark: Mark): void {
    this.#draw(mark, () => {});
  }

  /** Write words of ours between the lines; `lines` can leave them out. */
  aside(words: string): void {
    this.#draw({ kind: "aside", text: words }, () => {
      const marker = this.#core.registerMarker(0);
      if (marker) this.#asides.push(marker);
    });
  }

  /** Draw a line of our own after everything that was written. `drawn` is called in that line. */
  #draw(mark: MarkText, drawn: () => void): void {
    this.#add({ text: "", lines: -1 }, (_text, written) => {
      // Only once what is before it is drawn is it known where the cursor is.
      this.#core.write(this.#rest() + CANCEL, () => {
        const drawing = markDrawing(this.#core, mark, this.#lines);
        if (!drawing) this.#callbacks.unplaced(mark.text);
        else {
          this.#core.write(this.#textOf(drawing.text), () => {
            drawn();
            drawing.restore();
            this.#callbacks.wrote();
          });
        }
        written();
      });
    });
  }

  late(): void {
    this.#callbacks.late();
  }

  /** The view was cleared by other means: the next text begins at its top. */
  restart(): void {
    this.#lineEnd = "";
  }

  /** Whether a line end returns to the first column. */
  get #lines(): boolean {
    return this.#callbacks.keeps() < Number.POSITIVE_INFINITY;
  }

  /** Hold the end of the last line back, and write the one that was held back. */
  #textOf(received: string): string {
    if (!this.#lines) return received;
    if (!received) return "";
    const text = this.#rest() + received;
    [this.#lineEnd = ""] = /\r?\n$/.exec(received) ?? [];
    return text.slice(0, text.length - this.#lineEnd.length);
  }

  /** Return what was held back, to be written before it is asked where the cursor is. */
  #rest(): string {
    const rest = this.#lineEnd;
    this.#lineEnd = "";
    return rest;
  }

  /** Return a line of our own, which begins a line and ends it. */
  #ownLine(text: string, look: string): string {
    const line = `\x1b[${look}m${markRows(this.#core, text).join("\r\n")}\x1b[0m`;
    if (!this.#lines) return `\r\n${line}\r\n`;
    this.#lineEnd = "\r\n";
    return `${this.#core.buffer.active.cursorX ? "\r\n" : ""}${line}`;
  }

  #add(what: QueuedText, write: Entry["write"]): void {
    this.#queue.push({ ...what, write });
    if (!this.#writing) this.#pump();
  }

  #pump(): void {
    cutToScrollback(this.#queue, this.#callbacks.keeps());
    const next = this.#queue.shift();
    this.#writing = next !== undefined;
    next?.write(next.text, () => this.#pump());
  }

  #write(received: string, replay: boolean, written: () => void): void {
    const text = this.#textOf(received);
    // Parsing is asynchronous, so the switch goes through the same queue as the bytes. It is queued
    // only when it changes, because xterm parses the first write after a key at once, others later.
    if (replay !== this.#queuedReplay) {
      this.#queuedReplay = replay;
      this.#core.write("", () => {
        this.#replaying = replay;
      });
    }
    const last = Math.max(0, Math.ceil(text.length / PIECE) - 1);
    for (let n = 0; n < last; n += 1) this.#core.write(text.slice(n * PIECE, (n + 1) * PIECE));
    this.#core.write(text.slice(last * PIECE), written);
  }

  #skip(bytes: number, lost: number, offset: number, stream: Stream, written: () => void): void {
    const look = lost < bytes ? "0;2;4" : "0;2"; // underlined if a click opens the transcript
    const said = skipText(bytes, lost, this.#several ? stream : undefined);
    this.#core.write(this.#rest(), () => {
      const line = this.#ownLine(said, look);
      const [shown, end] = this.#lines ? [line, ""] : [line.slice(0, -2), "\r\n"];
      this.#core.write(shown, () => {
        const marker = this.#core.registerMarker(0);
        this.#skips = this.#skips.filter((skip) => !skip.marker.isDisposed);
        if (marker) this.#skips.push({ marker, stream, offset: offset - bytes });
        this.#core.write(end, () => this.#callbacks.wrote());
        written();
      });
    });
  }

  /**
   * Return the last lines as plain text: wrapped ones joined, empty ones at the end left out. `asides`:
   * with the words of ours between them.
   */
  lines(limit: number, asides = true): string[] {
    const buffer = this.#core.buffer.active;
    const apart = asides ? undefined : this.#asideRows();
    const lines: string[] = [];
    let row = buffer.baseY + buffer.cursorY;
    for (let last = buffer.length - 1; last > row; last -= 1) {
      if (buffer.getLine(last)?.translateToString(true)) row = last;
    }
    let tail = "";
    let ours = false;
    let cut = false;
    for (; row >= 0 && lines.length < limit; row -= 1) {
      const line = buffer.getLine(row);
      if (!line) break;
      // Without the empty cells at its end: a wide character did not fit there. Blanks are kept.
      const text = line.translateToString(true);
      tail = (cut ? text.slice(0, -1) : text) + tail;
      ours ||= apart?.has(row) ?? false;
      cut = !line.isWrapped && goesOn(buffer, row); // within a mark: its rows have a sign at their ends
      if (cut) tail = tail.slice(1);
      if (cut || line.isWrapped) continue;
      // A program may have moved the cursor there, and written over it.
      const left = ours && ASIDE.test(tail);
      if (!left && (tail || lines.length)) lines.push(tail);
      tail = "";
      ours = false;
    }
    return lines.reverse();
  }

  #asideRows(): ReadonlySet<number> {
    this.#asides = this.#asides.filter(({ isDisposed }) => !isDisposed);
    return new Set(this.#asides.map(({ line }) => line));
  }

  close(): void {
    this.#unwatch.dispose();
    this.#filter.close();
  }
}

/** Say how many bytes a view leaves out, and whether the transcript has them. */
export function skipText(bytes: number, lost: number, stream?: Stream): string {
  const count = (value: number) => value.toLocaleString("en");
  const of = stream ? ` of ${nameOf(stream)}` : "";
  if (!lost) return `${count(bytes)} bytes${of} skipped, all in the transcript`;
  if (lost === bytes) return `${count(bytes)} bytes${of} skipped, no longer kept`;
  return `${count(bytes)} bytes${of} skipped, ${count(lost)} of them no longer kept`;
}
