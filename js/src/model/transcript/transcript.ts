// Reads everything that the kernel keeps of a stream, part by part. No DOM, no Jupyter.

import type { Stream } from "../messages";
import type { TranscriptPart } from "../session-model";

/** Bytes per request; the kernel sends no more. */
export const PART = 256 * 1024;

/** Where transcripts are read from. */
export interface TranscriptSource {
  /** Read bytes from an offset on. Resolves to null if no answer comes. */
  read(stream: Stream, offset: number, size: number): Promise<TranscriptPart | null>;
}

/**
 * Read a stream's transcript. What comes meanwhile is left out, or a flood would have no end.
 * `progress` gets the percentage after each part except the last one. Resolves to the parts, or to
 * null if the kernel does not answer.
 */
export async function readTranscript(
  source: TranscriptSource,
  stream: Stream,
  progress: (percent: number) => void,
): Promise<Uint8Array[] | null> {
  const parts: Uint8Array[] = [];
  let offset = 0;
  let end = Number.POSITIVE_INFINITY;
  while (offset < end) {
    const answer = await source.read(stream, offset, PART);
    if (!answer) return null;
    end = Math.min(end, answer.range.end);
    if (!answer.data.length) break;
    const data = answer.data.slice(0, end - answer.range.offset);
    parts.push(data);
    offset = answer.range.offset + data.length;
    if (offset < end) progress(Math.floor((100 * offset) / end));
  }
  return parts;
}
