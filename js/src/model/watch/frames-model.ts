// The frames of a session, as this page knows them, and what their bytes say. No DOM, no Jupyter.

import type { FrameRow, FramesNews } from "./watch-messages";
import { WatchModel } from "./watch-model";

/** Frames that are kept. */
export const KEPT_FRAMES = 500;

export interface Frame {
  number: number;
  /** Seconds since the epoch. */
  time: number;
  stream: string;
  header: Uint8Array;
  length: number;
  /** The beginning of the payload. */
  payload: Uint8Array;
  /** How many frames before it this page did not get, or no longer has. */
  missed: number;
}

export class FramesModel extends WatchModel<FramesNews> {
  /** Oldest first. */
  frames: Frame[] = [];
  #last = 0;

  protected take(news: FramesNews): void {
    for (const row of news.frames) {
      const [number] = row;
      if (number <= this.#last) continue;
      this.frames.push(frameOf(row, number - this.#last - 1));
      this.#last = number;
    }
    this.frames = this.frames.slice(-KEPT_FRAMES);
  }
}

function frameOf(row: FrameRow, missed: number): Frame {
  const [number, time, stream, header, length, payload] = row;
  return { number, time, stream, header: bytes(header), length, payload: bytes(payload), missed };
}

function bytes(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Write a byte as two hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

const ESCAPES: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e", 92: "\\\\" };

/** Write bytes as text in which everything can be seen. */
export function escapedText(data: Uint8Array): string {
  let text = "";
  for (const character of new TextDecoder("utf-8", { ignoreBOM: true }).decode(data)) {
    const code = character.codePointAt(0) ?? 0;
    const shown = code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code < 0xa0);
    text += ESCAPES[code] ?? (shown ? character : `\\x${hex(code)}`);
  }
  return text;
}

/** Write bytes in rows of 16: offset, hexadecimal digits, ASCII. */
export function hexDump(data: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const digits = row.map(hex).join(" ").padEnd(47);
    const ascii = row.map((b) => (b > 0x1f && b < 0x7f ? String.fromCharCode(b) : ".")).join("");
    rows.push(`${at.toString(16).padStart(4, "0")}  ${digits}  ${ascii}`);
  }
  return rows.join("\n");
}
