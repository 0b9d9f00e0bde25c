// A page of a transcript as text with the marks among it. No DOM, no Jupyter.

import type { Mark, Range, Stream } from "../messages";
import { MarkPlaces } from "../output/mark-places";

/**
 * Return the texts and marks of a page, in order. `data` begins at an offset of the stream. A mark at
 * the page's end belongs to the next page, if there is one.
 */
export function withMarks(
  data: Uint8Array,
  offset: number,
  { marks = [], end }: Pick<Range, "marks" | "end">,
  stream: Stream,
): (string | Mark)[] {
  const decoder = new TextDecoder();
  const places = new MarkPlaces<Mark>();
  const parts: (string | Mark)[] = [];
  const last = offset + data.length;
  let at = offset;
  const textUntil = (to: number) => {
    const bytes = data.subarray(at - offset, to - offset);
    const { before, marks: waited, text } = places.push(decoder.decode(bytes, { stream: true }));
    parts.push(...[before, ...waited, text].filter((part) => part !== ""));
    at = to;
  };
  for (const mark of marks) {
    const place = mark.offsets[stream] ?? 0;
    if (place < offset || place > last || (place === last && last < end)) continue;
    if (place > at) textUntil(place);
    parts.push(...places.add(mark));
  }
  textUntil(last);
  return parts;
}
