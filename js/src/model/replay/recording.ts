// A recording as a page has it: what was printed and when, read from our asciicast (version 3). No DOM.
//
// hyper_jupyter/recording/cast/ writes the text, and says what each event means. Lines that are no
// events, and codes that are not known, are passed over.

import { STDERR, STDOUT, type Stream } from "../messages";

/** What a recording is of. Texts are empty, and numbers null, where nothing is known. */
export interface RecordingHeader {
  title: string;
  command: string;
  container: string;
  image: string;
  engine: string;
  kind: string;
  /** Seconds since the epoch. */
  startedAt: number | null;
  rows: number;
  columns: number;
  /** Whether it is the output of a terminal; if not, there are two streams. */
  tty: boolean;
  complete: boolean | null;
  /** The longest pause that a player should show, in seconds. */
  idleLimit: number | null;
}

/** Where something is among the output: before the output with this index. */
interface Place {
  /** Seconds since the start. */
  time: number;
  before: number;
  /** Counts all events, because the order of marks and sizes matters too. */
  order: number;
}

/** A mark on the time line. */
export interface Marker extends Place {
  text: string;
  /** "note" for a user's own; else what happened. */
  kind: string;
}

/** A new size of the terminal. */
export interface Resize extends Place {
  rows: number;
  columns: number;
}

export interface Recording {
  header: RecordingHeader;
  /** Of each output: seconds since the start, in order. */
  times: Float64Array;
  streams: Uint8Array;
  texts: string[];
  /**
   * Whether the output is nothing but lines, in colours: no sequence but those that set colours, or
   * erase within a line.
   */
  plain: boolean;
  resizes: Resize[];
  markers: Marker[];
  exitCode: number | null;
  /** The times of all events. */
  moments: Float64Array;
  /** The time of the last event. */
  duration: number;
}

/** Times are whole microseconds; two that differ by less are the same. */
export const SAME = 5e-7;

const MOST_CELLS = 0xffff;

/**
 * What JSON has of other control characters, and of other sequences. The whole text is looked through at
 * once, which takes a tenth of the time that it takes to look at each output. (A text that only looks
 * like this is taken for it.)
 */
const SPECIAL = /\\(?:f|u(?!0007|001b\[[\d;:]*[mK]))/;

/** Return how many of some times, in order, are not after a moment. */
export function countUntil(times: Float64Array, moment: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= moment + SAME) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Milliseconds for which a page waits for the reading of a long recording, at most. */
const SLICE = 12;

/** Read a recording. A text that is no asciicast of version 3 is an error. */
export function parseCast(cast: string): Recording {
  const reading = new Reading(cast);
  while (!reading.goOn(Number.POSITIVE_INFINITY));
  return reading.recording;
}

/** The same, in slices between which the page can do other things. */
export async function readCast(cast: string): Promise<Recording> {
  const reading = new Reading(cast);
  while (!reading.goOn(performance.now() + SLICE)) await pause();
  return reading.recording;
}

/** Let everything that waits on the page come first, such as keys. Timers would be late. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Reads one recording, line after line. */
class Reading {
  #cast: string;
  #begin: number;
  #header: RecordingHeader;
  #times: number[] = [];
  #streams: number[] = [];
  #texts: string[] = [];
  #resizes: Resize[] = [];
  #markers: Marker[] = [];
  #moments: number[] = [];
  #exitCode: number | null = null;
  #stream: Stream = STDOUT;
  #kind = "note";
  #microseconds = 0;

  constructor(cast: string) {
    const end = cast.indexOf("\n");
    this.#cast = cast;
    this.#header = headerOf(cast.slice(0, end < 0 ? cast.length : end));
    this.#begin = end < 0 ? cast.length : end + 1;
  }

  /** Read on up to a moment of the page's clock. Returns whether everything is read. */
  goOn(until: number): boolean {
    const cast = this.#cast;
    for (let count = 1; this.#begin < cast.length; count += 1) {
      const found = cast.indexOf("\n", this.#begin);
      const stop = found < 0 ? cast.length : found;
      const event = eventOf(cast.slice(this.#begin, stop));
      this.#begin = stop + 1;
      if (event) this.#take(event);
      if (count % 64 === 0 && performance.now() >= until) break;
    }
    return this.#begin >= cast.length;
  }

  get recording(): Recording {
    return {
      header: this.#header,
      times: Float64Array.from(this.#times),
      streams: Uint8Array.from(this.#streams),
      texts: this.#texts,
      plain: !SPECIAL.test(this.#cast),
      resizes: this.#resizes,
      markers: this.#markers,
      exitCode: this.#exitCode,
      moments: Float64Array.from(this.#moments),
      duration: this.#microseconds / 1e6,
    };
  }

  #take([interval, code, data]: CastEvent): void {
    this.#microseconds += Math.round(Math.max(0, interval) * 1e6);
    const time = this.#microseconds / 1e6;
    if (code === "hj") {
      if (data === "stdout") this.#stream = STDOUT;
      else if (data === "stderr") this.#stream = STDERR;
      else if (data.startsWith("mark ")) this.#kind = data.split(" ")[1] ?? "note";
      return;
    }
    const { tty } = this.#header;
    const before = this.#texts.length;
    this.#moments.push(time);
    const order = this.#moments.length;
    if (code === "o") {
      this.#times.push(time);
      this.#streams.push(tty ? STDOUT : this.#stream);
      this.#texts.push(tty ? data : data.replaceAll("\r\n", "\n"));
    } else if (code === "r") {
      const [columns = 0, rows = 0] = data.split("x").map(Number);
      if (isSize(rows) && isSize(columns)) {
        this.#resizes.push({ time, before, order, rows, columns });
      }
    } else if (code === "m") {
      this.#markers.push({ time, before, order, text: data, kind: this.#kind });
      this.#kind = "note";
    } else if (code === "x") {
      const number = Number.parseInt(data, 10);
      this.#exitCode = Number.isNaN(number) ? null : number;
    }
  }
}

function headerOf(line: string): RecordingHeader {
  const found = objectOf(parsed(line));
  const term = objectOf(found.term);
  if (found.version !== 3 || !isSize(term.rows) || !isSize(term.cols)) {
    throw new Error("this is not a recording of hyper_jupyter");
  }
  const own = objectOf(found.hyper_jupyter);
  const limit = numberOf(found.idle_time_limit);
  return {
    title: textOf(found.title),
    command: textOf(found.command),
    container: textOf(own.container),
    image: textOf(own.image),
    engine: textOf(own.engine),
    kind: textOf(own.kind),
    startedAt: numberOf(own.started_at) ?? numberOf(found.timestamp),
    rows: term.rows,
    columns: term.cols,
    tty: own.tty !== false,
    complete: typeof own.complete === "boolean" ? own.complete : null,
    idleLimit: limit !== null && limit > 0 ? limit : null,
  };
}

type CastEvent = [interval: number, code: string, data: string];

function eventOf(line: string): CastEvent | undefined {
  const event = parsed(line);
  if (!Array.isArray(event)) return undefined;
  const [interval, code, data] = event as unknown[];
  if (numberOf(interval) === null || typeof code !== "string" || typeof data !== "string") {
    return undefined;
  }
  return [interval as number, code, data];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an empty line, a comment, or the half of one that a cut left
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_CELLS;
}
