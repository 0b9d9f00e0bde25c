// What one pane shows of a recording: texts for its terminal, each with its time. No DOM, no xterm.

import type { Stream } from "../messages";
import { prefixOf } from "../output/line-label";
import { MarkPlaces } from "../output/mark-places";
import type { Shown } from "../output/shown";
import type { Marker, Recording } from "./recording";

export interface Track {
  /** Seconds since the start, in order. */
  times: Float64Array;
  texts: string[];
  /** Sizes that the terminal gets before a text: rows and columns. */
  sizes: ReadonlyMap<number, readonly [rows: number, columns: number]>;
  /** Marks that are drawn in the place of a text, which is empty. */
  marks: ReadonlyMap<number, Marker>;
  /** Characters of all texts. */
  length: number;
  /** Whether all but the first text is plain, as a recording may be. */
  plain?: boolean;
}

/** `times`: put the time in front of every line. */
export function trackOf(recording: Recording, shown: Shown, times: boolean, begin = ""): Track {
  const merged = shown === "merged";
  const started = recording.header.startedAt ?? 0;
  const prefix = prefixOf(merged, times ? "clock" : "");
  const found: number[] = [0];
  const texts = [begin];
  const sizes = new Map<number, readonly [number, number]>();
  const marks = new Map<number, Marker>();
  const places = new MarkPlaces<Marker>();
  let length = begin.length;
  const add = (time: number, text: string) => {
    found.push(time);
    texts.push(text);
    length += text.length;
  };
  const addMarks = (time: number, some: readonly Marker[]) => {
    for (const marker of some) {
      prefix?.interrupt();
      marks.set(texts.length, marker);
      add(time, "");
    }
  };
  const { resizes, markers } = recording;
  let resized = 0;
  let marked = 0;
  /** Add what comes before the output with a number. */
  const addUntil = (output: number) => {
    for (;;) {
      const [resize, marker] = [resizes[resized], markers[marked]];
      const order = Math.min(resize?.order ?? Infinity, marker?.order ?? Infinity);
      if (resize?.order === order && resize.before <= output) {
        sizes.set(texts.length, [resize.rows, resize.columns]);
        add(resize.time, "");
        resized += 1;
      } else if (marker?.order === order && marker.before <= output) {
        addMarks(marker.time, prefix ? [marker] : places.add(marker));
        marked += 1;
      } else return;
    }
  };
  for (const [n, text] of recording.texts.entries()) {
    const stream = recording.streams[n] as Stream;
    if (!merged && stream !== shown) continue;
    addUntil(n);
    const time = recording.times[n] ?? 0;
    if (prefix) add(time, prefix.push(stream, text, started + time));
    else if (markers.length) {
      const placed = places.push(text);
      if (placed.before) add(time, placed.before);
      addMarks(time, placed.marks);
      add(time, placed.text);
    } else add(time, text);
  }
  addUntil(Number.POSITIVE_INFINITY);
  const plain = recording.plain && !sizes.size && !marks.size;
  return { times: Float64Array.from(found), texts, sizes, marks, length, plain };
}
