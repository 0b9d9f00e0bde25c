// Turns one stream, or both in the order of their arrival, into text for a screen. No DOM, no xterm.
//
// Strategy: the two streams come in separate messages. Each run of bytes has its position among the
// bytes of both, and each stream is complete up to a known position. What lies before both of these
// positions is shown, the rest is held. What is held counts as shown, or each stream would wait for
// the other one's acknowledgement.

import { type Mark, type MarkKind, STDERR, STDOUT, type Stream } from "../messages";
import type { Runs, Sink } from "../stream-record";
import { prefixOf } from "./line-label";
import type { LinePrefix } from "./line-prefix";
import { MarkPlaces } from "./mark-places";
import { Days, dayText, PAUSE, pauseText, type Times } from "./times";

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
}

/** Where a feed gets its streams from. */
export interface FeedSource {
  subscribe(stream: Stream, sink: Sink, from: number): () => void;
  have(stream: Stream): number;
}

/** Text of one stream that came at one time; or words of ours between lines. */
interface TextPart {
  stream: number;
  at: number;
  text: string;
  aside: string;
}

/** What is shown of a text; in parts if not all of it came now, or from this stream. */
interface ShapedText {
  text: string;
  whole: boolean;
  parts?: readonly TextPart[];
}

/** Changes what is shown of a stream, before lines get their prefixes; see `logs/shaping.ts`. */
export interface TextShape {
  /** Whether something waits for what follows it. */
  readonly holds: boolean;
  /** `at`: when the text came, in seconds since the epoch. */
  push(stream: Stream, text: string, at?: number): ShapedText;
  /** Return what was held back for too long. */
  release(stream: Stream): string;
  /** Bytes are left out, or others begin: return what was held back. */
  restart(stream: Stream): string;
}

interface Skip {
  bytes: number;
  lost: number;
  offset: number;
}

interface Entry {
  stream: Stream;
  position: number;
  at: number;
  data: Uint8Array;
  replay: boolean;
  skip: Skip | undefined;
  done: () => void;
}

/** Marks within a line of which the rest may follow; after the others a new line begins. */
const GOES_ON: ReadonlySet<MarkKind> = new Set(["cut", "note"]);
const NEWLINE = 10;
/** Milliseconds after which text that is held back is shown as it is. */
const RELEASE_AFTER = 400;

export class Feed {
  #target: FeedTarget;
  #streams: readonly Stream[];
  #prefix: LinePrefix | undefined;
  #sinks: Partial<Record<Stream, Sink>> = {};
  #decoders: Record<Stream, TextDecoder> = { 1: new TextDecoder(), 2: new TextDecoder() };
  #queues: Record<Stream, Entry[]> = { 1: [], 2: [] };
  #through: Record<Stream, number>;
  #skips: Partial<Record<Stream, Skip>> = {};
  #subscriptions: (() => void)[] = [];
  #shape: TextShape | undefined;
  #release: ReturnType<typeof setTimeout> | undefined;
  /** When the newest text of each stream arrived. */
  #at: Record<Stream, number> = { 1: 0, 2: 0 };
  /** With prefixes: marks that wait for the bytes before them. */
  #marks: Mark[] = [];
  /** Without prefixes: where marks can be. */
  #places = new MarkPlaces<Mark>();
  /** The number of the newest mark that was taken. */
  #marked = 0;
  #times: Times;
  #pauses: boolean;
  #days = new Days();
  /** The stream of the newest text that was written, and when that came. */
  #written: { stream: Stream; at: number } | undefined;
  /** Whether the next text begins a line. */
  #fresh = true;
  /** When the line before the newest one came; undefined if that is not known. */
  #before: number | undefined;
  /** Whether something was shown since that says itself why nothing came. */
  #explained = false;

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
    this.#times = times;
    this.#pauses = pauses;
    this.#shape = shape;
    this.#target = target;
    this.#streams = streams;
    const merged = streams.length > 1;
    this.#through = { 1: 0, 2: 0 };
    for (const stream of [STDOUT, STDERR] as const) {
      if (!streams.includes(stream)) this.#through[stream] = Number.POSITIVE_INFINITY;
    }
    this.#prefix = prefixOf(merged, times, () => this.#before);
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
    this.#releaseLater();
  }

  /** Show nothing more, until the next `subscribe`. */
  unsubscribe(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    clearTimeout(this.#release);
  }

  /** The view was cleared: the next text begins a line. */
  restart(): void {
    this.#prefix?.restart();
    this.#fresh = this.#explained = true;
  }

  #sink(stream: Stream): Sink {
    return {
      visible: () => this.#target.visible(),
      skip: (bytes, lost, offset) => {
        this.#skips[stream] = { bytes, lost, offset };
      },
      write: (data, replay, done, runs) => this.#take(stream, data, replay, done, runs),
      mark: (mark, late) => this.#mark(mark, late),
      advance: (through) => {
        if (this.#through[stream] >= through) return;
        this.#through[stream] = through;
        this.#pump();
      },
    };
  }

  #take(stream: Stream, data: Uint8Array, replay: boolean, done: () => void, runs: Runs): void {
    const skip = this.#skips[stream];
    delete this.#skips[stream];
    if (!this.#prefix) {
      if (skip) this.#skip(stream, skip);
      this.#takeAlone(stream, data, replay, done, runs);
      return;
    }
    const count = Math.max(1, Math.floor(runs.length / 3));
    let open = count;
    const one = () => {
      open -= 1;
      if (!open) done();
    };
    let begin = 0;
    const entries: Entry[] = [];
    for (let n = 0; n < count; n += 1) {
      const end = n === count - 1 ? data.length : begin + (runs[3 * n + 1] ?? 0);
      entries.push({
        stream,
        position: runs[3 * n] ?? this.#through[stream],
        at: runs[3 * n + 2] ?? 0,
        data: data.subarray(begin, end),
        replay,
        skip: n ? undefined : skip,
        done: one,
      });
      begin = end;
    }
    this.#queues[stream].push(...entries);
    this.#pump();
    for (const entry of this.#queues[stream]) {
      const { done: shown } = entry;
      entry.done = () => {};
      shown();
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
    for (const { bytes, first, last } of this.#pieces(data, runs)) {
      this.#at[stream] = last;
      const decoded = this.#decoders[stream].decode(bytes, { stream: true });
      const shaped = this.#shaped(stream, decoded, last);
      const all = { stream, at: first, text: shaped.text, aside: "" };
      for (const part of shaped.parts ?? [all]) {
        const aside = part.aside || this.#between(part.stream as Stream, part.at, part.text);
        if (aside) {
          if (text) write(() => {});
          this.#showAside(aside);
        }
        text += part.text;
        this.#noteWritten(part.stream as Stream, part === all ? last : part.at, part.text);
      }
      whole &&= shaped.whole;
    }
    write(done);
  }

  /**
   * Cut bytes without prefixes into pieces with the times of their first and last bytes: where their
   * lines are shaped by time, else only where a line begins after a pause.
   */
  *#pieces(
    data: Uint8Array,
    runs: Runs,
  ): Iterable<{ bytes: Uint8Array; first: number; last: number }> {
    let from = 0; // where the piece begins
    let begin = 0; // where the run begins
    let first = runs[2] ?? 0;
    let last = first;
    for (let n = 0; n + 5 < runs.length; n += 3) {
      begin += runs[n + 1] ?? 0;
      const at = runs[n + 5] ?? 0;
      const pause = this.#pauses && at - last >= PAUSE && data[begin - 1] === NEWLINE;
      if (pause || this.#shape) {
        yield { bytes: data.subarray(from, begin), first, last };
        from = begin;
        first = at;
      }
      last = at;
    }
    yield { bytes: data.subarray(from), first, last };
  }

  /** Return what to say before a text, if that begins a line. */
  #between(stream: Stream, at: number, text: string): string {
    if (!text) return "";
    const written = this.#written;
    if (this.#prefix && !this.#fresh && written && written.stream !== stream) {
      this.#fresh = true; // the other stream begins a line of its own
      this.#before = written.at;
    }
    if (!this.#fresh || !at) return "";
    const past = this.#before === undefined || this.#explained ? 0 : at - this.#before;
    const pause = this.#pauses && past >= PAUSE ? pauseText(past) : "";
    const day = this.#times === "clock" && this.#days.changes(at) ? dayText(at) : "";
    return pause && day ? `${pause}, ${day}` : pause || day;
  }

  #noteWritten(stream: Stream, at: number, text: string): void {
    if (!text) return;
    this.#explained = false;
    this.#written = { stream, at };
    this.#fresh = text.endsWith("\n");
    if (this.#fresh || text.includes("\n")) this.#before = at || undefined;
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
      this.#marks.push(mark);
      this.#pump();
      return;
    }
    this.#endHeld(mark);
    for (const each of this.#places.add(mark)) this.#showMark(each);
  }

  /** Show what is held back of the text before a mark. */
  #endHeld({ kind }: Mark): void {
    if (!this.#shape) return;
    for (const stream of this.#streams) {
      const held = GOES_ON.has(kind) ? this.#shape.release(stream) : this.#shape.restart(stream);
      this.#show(stream, held);
    }
  }

  #showMark(mark: Mark): void {
    this.#prefix?.interrupt();
    this.#explained = true;
    if (!GOES_ON.has(mark.kind)) this.#fresh = true;
    this.#target.mark(mark);
  }

  /** Whether everything before a position has been shown. */
  #reached(position: number): boolean {
    return [STDOUT, STDERR].every((stream) => {
      const [head] = this.#queues[stream];
      return (head?.position ?? this.#through[stream]) >= position;
    });
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
    for (;;) {
      const next = this.#next();
      const [mark] = this.#marks;
      if (mark && (!next || next.position >= mark.position) && this.#reached(mark.position)) {
        flush();
        this.#marks.shift();
        this.#endHeld(mark);
        this.#showMark(mark);
        continue;
      }
      if (!next) break;
      this.#queues[next.stream].shift();
      if (next.replay !== replay || next.skip) flush();
      replay = next.replay;
      if (next.skip) this.#skip(next.stream, next.skip);
      this.#at[next.stream] = next.at;
      const decoded = this.#decoders[next.stream].decode(next.data, { stream: true });
      const shaped = this.#shaped(next.stream, decoded, next.at);
      const all = { stream: next.stream, at: next.at, text: shaped.text, aside: "" };
      for (const part of shaped.parts ?? [all]) {
        const from = part.stream as Stream;
        const aside = part.aside || this.#between(from, part.at, part.text);
        if (aside) {
          flush();
          this.#showAside(aside);
        }
        if (part.aside) continue; // it is of no stream
        text += this.#prefix?.push(from, part.text, part.at) ?? part.text;
        this.#noteWritten(from, part.at, part.text);
      }
      dones.push(next.done);
    }
    flush();
  }

  #shaped(stream: Stream, text: string, at: number): ShapedText {
    if (!this.#shape) return { text, whole: false };
    const shaped = this.#shape.push(stream, text, at);
    this.#releaseLater();
    return shaped;
  }

  /** Show what is held back in time, whether or not its rest comes. */
  #releaseLater(): void {
    clearTimeout(this.#release);
    if (!this.#shape?.holds) return;
    this.#release = setTimeout(() => {
      for (const each of this.#streams) this.#show(each, this.#shape?.release(each) ?? "");
    }, RELEASE_AFTER);
  }

  /** Show text that was held back. */
  #show(stream: Stream, text: string): void {
    if (!text) return;
    const at = this.#at[stream];
    const aside = this.#between(stream, at, text);
    if (aside) this.#showAside(aside);
    if (this.#prefix) this.#target.write(this.#prefix.push(stream, text, at), false, () => {});
    else this.#write(text, false, () => {}, false);
    this.#noteWritten(stream, at, text);
  }

  #next(): Entry | undefined {
    const [out] = this.#queues[STDOUT];
    const [err] = this.#queues[STDERR];
    const next = !err || (out && out.position <= err.position) ? out : err;
    if (!next) return undefined;
    const other = next.stream === STDOUT ? STDERR : STDOUT;
    const known = this.#queues[other].length > 0 || next.position <= this.#through[other];
    return known ? next : undefined;
  }

  #skip(stream: Stream, { bytes, lost, offset }: Skip): void {
    this.#decoders[stream] = new TextDecoder(); // the rest of a character may be among the bytes that are left out
    this.#show(stream, this.#shape?.restart(stream) ?? "");
    this.#places.restart();
    this.#prefix?.restart();
    this.#fresh = true;
    this.#before = undefined;
    this.#target.skip(bytes, lost, offset, stream);
  }
}
