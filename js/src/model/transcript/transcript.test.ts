import { expect, test } from "vitest";
import type { Range, Stream } from "../messages";
import type { TranscriptPart } from "../session-model";
import { PART, readTranscript, type TranscriptSource } from "./transcript";

/** A transcript that the kernel keeps from `start` on, and that may grow with each read. */
class ScriptedTranscript implements TranscriptSource {
  readonly asked: number[] = [];
  silentAfter = Number.POSITIVE_INFINITY;

  constructor(
    public bytes: Uint8Array,
    readonly start = 0,
    readonly grows = 0,
  ) {}

  async read(stream: Stream, offset: number, size: number): Promise<TranscriptPart | null> {
    this.asked.push(offset);
    if (this.asked.length > this.silentAfter) return null;
    const from = Math.max(offset, this.start);
    const data = this.bytes.subarray(from, from + size);
    const end = this.bytes.length;
    const range: Range = { type: "range", page: "", n: 1, stream, offset: from, start: 0, end };
    const more = new Uint8Array(end + this.grows).fill(7);
    more.set(this.bytes);
    this.bytes = more;
    return { range, data };
  }
}

/** Whether the parts are these bytes; a comparison by vitest takes seconds for so many. */
function are(parts: Uint8Array[] | null, bytes: Uint8Array): boolean {
  let at = 0;
  for (const part of parts ?? []) {
    for (const byte of part) {
      if (byte !== bytes[at]) return false;
      at += 1;
    }
  }
  return at === bytes.length;
}

const LONG = Uint8Array.from({ length: PART + 1000 }, (_, n) => n % 251);

test("a transcript is read part by part, and says how far it is", async () => {
  const source = new ScriptedTranscript(LONG);
  const said: number[] = [];
  const parts = await readTranscript(source, 1, (percent) => said.push(percent));
  expect(are(parts, LONG)).toBe(true);
  expect([source.asked, said]).toEqual([[0, PART], [99]]);
});

test("what comes while it is read is left out", async () => {
  const source = new ScriptedTranscript(LONG, 0, 5000);
  const parts = await readTranscript(source, 1, () => {});
  expect(are(parts, LONG)).toBe(true);
});

test("a transcript whose first bytes are not kept begins where it is kept", async () => {
  const parts = await readTranscript(new ScriptedTranscript(LONG, 300), 1, () => {});
  expect(are(parts, LONG.subarray(300))).toBe(true);
});

test("an empty transcript has no parts", async () => {
  expect(await readTranscript(new ScriptedTranscript(new Uint8Array()), 1, () => {})).toEqual([]);
});

test("a kernel that does not answer leaves nothing to save", async () => {
  const source = new ScriptedTranscript(LONG);
  source.silentAfter = 1;
  expect(await readTranscript(source, 1, () => {})).toBeNull();
});
