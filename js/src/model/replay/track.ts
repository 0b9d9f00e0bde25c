// What one pane shows of a recording: texts for its terminal, each with its time. No DOM, no xterm.

import { STDERR, type Stream } from "../messages";
import { clock, RED, STDERR_MARK, STDOUT_MARK } from "../output/feed";
import { LinePrefix } from "../output/line-prefix";
import type { Recording } from "./recording";

export interface Track {
  /** Seconds since the start, in order. */
  times: Float64Array;
  texts: string[];
  /** Sizes that the terminal gets before a text: rows and columns. */
  sizes: ReadonlyMap<number, readonly [rows: number, columns: number]>;
  /** Characters of all texts. */
  length: number;
}

/** `times`: put the time in front of every line. */
export function trackOf(
  recording: Recording,
  shown: Stream | "merged",
  times: boolean,
  begin = "",
): Track {
  const merged = shown === "merged";
  const started = recording.header.startedAt ?? 0;
  const prefix =
    merged || times
      ? new LinePrefix((stream, at) => {
          const time = times ? `\x1b[2m${clock(at)}\x1b[0m ` : "";
          if (!merged) return { text: time, base: "" };
          return stream === STDERR
            ? { text: `${time}${RED}${STDERR_MARK}`, base: RED }
            : { text: `${time}${STDOUT_MARK}`, base: "" };
        })
      : undefined;
  const found: number[] = [0];
  const texts = [begin];
  const sizes = new Map<number, readonly [number, number]>();
  const { resizes } = recording;
  let next = 0;
  let length = begin.length;
  const resizeUntil = (output: number) => {
    for (let resize = resizes[next]; resize && resize.before <= output; resize = resizes[next]) {
      sizes.set(texts.length, [resize.rows, resize.columns]);
      found.push(resize.time);
      texts.push("");
      next += 1;
    }
  };
  for (const [n, text] of recording.texts.entries()) {
    const stream = recording.streams[n] as Stream;
    if (!merged && stream !== shown) continue;
    resizeUntil(n);
    const time = recording.times[n] ?? 0;
    const drawn = prefix ? prefix.push(stream, text, started + time) : text;
    found.push(time);
    texts.push(drawn);
    length += drawn.length;
  }
  resizeUntil(Number.POSITIVE_INFINITY);
  return { times: Float64Array.from(found), texts, sizes, length };
}
