// Turns one stream, or both in the order of their arrival, into text for a screen. No DOM, no xterm.
//
// Strategy: a single stream whose lines have no prefix is written as it comes. Otherwise `StreamMerge`
// says what comes next, and what it holds counts as shown.

import type { Mark, MarkKind, Stream } from "../messages";
import type { Runs, Sink } from "../stream-record";
import { Asides } from "./asides";
import { prefixOf } from "./line-label";
import type { LinePrefix } from "./line-prefix";
import { MarkPlaces } from "./mark-places";
import { type Skip, StreamMerge } from "./stream-merge";
import { StreamTexts } from "./stream-texts";
import type { ShapedText, TextPart, TextShape } from "./text-shape";
import type { Times } from "./times";

/** Where a feed writes to. */
export interface FeedTarget {
  /** `whole`: the text is whole lines, each of which leaves the terminal as it found it. */
  write(text: string, replay: boolean, done: () => void, whole?: boolean): void;
  skip(bytes: number, lost: number, offset: number, stream: Stream): void;
  /** Show a line of our own, at the start of a line or within one. */
  mark(mark: Mark): void;
  /** Show words of ours between two lines; they are no part of the output. */
  aside(words: string): void;
  /** A mark came after what follows it was shown: everything has to be drawn again. */
  late(): void;
  visible(): boolean;
  /** As of a sink. */
  sleeps?(wake: () => void): boolean;
}

/** Where a feed gets its streams from. */
export interface FeedSource {
  subscribe(stream: Stream, sink: Sink, from: number): () => void;
}

/** Marks within a line of which the rest may follow; after the others a new line begins. */
const GOES_ON: ReadonlySet<MarkKind> = new Set(["cut", "note"]);

export class Feed {
  #target: FeedTarget;
  #streams: readonly Stream[];
  #prefix: LinePrefix | undefined;
  #sinks: Partial<Record<Stream, Sink>> = {};
  #texts: StreamTexts;
  /** With prefixes: what waits for what comes before it. */
  #merge: StreamMerge;
  /** Without prefixes: where marks can be. */
  #places = new MarkPlaces<Mark>();
  #asides: Asides;
  #skips: Partial<Record<Stream, Skip>> = {};
  #subscriptions: (() => void)[] = [];
  /** The number of the newest mark that was taken. */
  #marked = 0;

  /**
   * `times`: what to put in front of every line. `pauses`: say between the lines for how long nothing
   * came.
   */
  constructor(
    target: FeedTarget,
    streams: readonly Stream[],
    times: Times,
    shape?: TextShape,
    pauses = false,
  ) {
    this.#target = target;
    this.#streams = streams;
    this.#merge = new StreamMerge(streams);
    this.#asides = new Asides(times, pauses);
    this.#texts = new StreamTexts(shape, () => this.#release(true));
    this.#prefix = prefixOf(streams.length > 1, times, () => this.#asides.before);
    for (const stream of streams) this.#sinks[stream] = this.#sink(stream);
  }

  /** The sink for a stream. */
  sink(stream: Stream): Sink | undefined {
    return this.#sinks[stream];
  }

  /** Show the streams from these offsets on: first what the page has kept of them. */
  subscribe(source: FeedSource, from: Partial<Record<Stream, number>> = {}): void {
    for (const stream of this.#streams) {
      const sink = this.#sinks[stream];
      if (sink) this.#subscriptions.push(source.subscribe(stream, sink, from[stream] ?? 0));
    }
    this.#texts.schedule();
  }

  /** Show nothing more, until the next `subscribe`. */
  unsubscribe(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    this.#texts.unschedule();
  }

  /** The view was cleared: the next text begins a line. */
  restart(): void {
    this.#prefix?.restart();
    this.#asides.explain(true);
  }

  #sink(stream: Stream): Sink {
    return {
      visible: () => this.#target.visible(),
      sleeps: (wake) => this.#target.sleeps?.(wake) ?? false,
      skip: (bytes, lost, offset) => {
        this.#skips[stream] = { bytes, lost, offset };
      },
      write: (data, replay, done, runs) => this.#take(stream, data, replay, done, runs),
      mark: (mark, late) => this.#mark(mark, late),
      advance: (through) => {
        this.#merge.advance(stream, through);
        this.#pump();
      },
    };
  }

  #take(stream: Stream, data: Uint8Array, replay: boolean, done: () => void, runs: Runs): void {
    const skip = this.#skips[stream];
    delete this.#skips[stream];
    if (this.#prefix) {
      this.#merge.push(stream, data, runs, { replay, skip, done });
      this.#pump();
      this.#merge.settle(stream);
    } else {
      if (skip) this.#skip(stream, skip);
      this.#takeAlone(stream, data, replay, done, runs);
    }
  }

  /** Show a stream's next bytes without prefixes. */
  #takeAlone(
    stream: Stream,
    data: Uint8Array,
    replay: boolean,
    done: () => void,
    runs: Runs,
  ): void {
    let text = "";
    let whole = true;
    const write = (then: () => void) => {
      this.#write(text, replay, then, whole);
      text = "";
      whole = true;
    };
    for (const { bytes, first, last } of this.#asides.cut(data, runs, !!this.#texts.shape)) {
      const shaped = this.#texts.push(stream, bytes, last);
      for (const part of partsOf(shaped, stream, first)) {
        const aside = part.aside || this.#asides.next(part);
        if (aside) {
          if (text) write(() => {});
          this.#showAside(aside);
        }
        text += part.text;
        this.#asides.wrote(part, shaped.parts ? part.at : last);
      }
      whole &&= shaped.whole;
    }
    write(done);
  }

  /** Show what comes next in order, as far as that is known. */
  #pump(): void {
    let text = "";
    let replay = false;
    let dones: (() => void)[] = [];
    const flush = () => {
      if (!dones.length && !text) return;
      const shown = dones;
      this.#target.write(text, replay, () => {
        for (const done of shown) done();
      });
      text = "";
      dones = [];
    };
    for (let next = this.#merge.next(); next; next = this.#merge.next()) {
      if ("kind" in next) {
        flush();
        this.#release(GOES_ON.has(next.kind));
        this.#showMark(next);
        continue;
      }
      const { stream, at, skip } = next;
      if (next.replay !== replay || skip) flush();
      replay = next.replay;
      if (skip) this.#skip(stream, skip);
      for (const part of partsOf(this.#texts.push(stream, next.data, at), stream, at)) {
        const aside = part.aside || this.#asides.next(part);
        if (aside) {
          flush();
          this.#showAside(aside);
        }
        if (part.aside) continue; // it is of no stream
        text += this.#prefix?.push(part.stream, part.text, part.at) ?? part.text;
        this.#asides.wrote(part, part.at);
      }
      dones.push(next.done);
    }
    flush();
  }

  #showAside(words: string): void {
    if (this.#places.within) return; // what has begun goes on in the next line
    this.#prefix?.interrupt();
    this.#target.aside(words);
  }

  /** Write text without prefixes, and marks that waited for the end of a control sequence. */
  #write(data: string, replay: boolean, done: () => void, whole: boolean): void {
    const apart = whole && !this.#places.within;
    const { before, marks, text } = this.#places.push(data);
    if (before) this.#target.write(before, replay, () => {});
    for (const mark of marks) this.#showMark(mark);
    this.#target.write(text, replay, done, apart);
  }

  #mark(mark: Mark, late: boolean): void {
    if (mark.number <= this.#marked) return; // both streams have it, and a view that was paused
    this.#marked = mark.number;
    if (late) {
      this.#target.late();
      return;
    }
    if (this.#prefix) {
      this.#merge.addMark(mark);
      this.#pump();
      return;
    }
    this.#release(GOES_ON.has(mark.kind));
    for (const each of this.#places.add(mark)) this.#showMark(each);
  }

  #showMark(mark: Mark): void {
    this.#prefix?.interrupt();
    this.#asides.explain(!GOES_ON.has(mark.kind));
    this.#target.mark(mark);
  }

  /** Show what is held back. `goesOn`: the rest of a line may come. */
  #release(goesOn: boolean): void {
    for (const stream of this.#streams) this.#show(this.#texts.release(stream, goesOn));
  }

  /** Show text that was held back. */
  #show(part: TextPart): void {
    const { stream, at, text } = part;
    if (!text) return;
    const aside = this.#asides.next(part);
    if (aside) this.#showAside(aside);
    if (this.#prefix) this.#target.write(this.#prefix.push(stream, text, at), false, () => {});
    else this.#write(text, false, () => {}, false);
    this.#asides.wrote(part, at);
  }

  #skip(stream: Stream, { bytes, lost, offset }: Skip): void {
    this.#show(this.#texts.restart(stream));
    this.#places.restart();
    this.#prefix?.restart();
    this.#asides.restart();
    this.#target.skip(bytes, lost, offset, stream);
  }
}

/** The parts of a text of a stream that came at a time: itself, if it has no others. */
function partsOf({ text, parts }: ShapedText, stream: Stream, at: number): readonly TextPart[] {
  return parts ?? [{ stream, at, text, aside: "" }];
}
