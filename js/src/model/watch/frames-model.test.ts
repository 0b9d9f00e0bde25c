import { expect, test } from "vitest";
import { escapedText, FramesModel, hexDump, KEPT_FRAMES } from "./frames-model";
import type { FrameRow } from "./watch-messages";

const STATUS = { state: "live", error: "", engine: "docker", host: "", what: "web" } as const;
const encode = (text: string) => new TextEncoder().encode(text);
const row = (number: number): FrameRow => [number, 0, "stdout", "0100000000000003", 3, "6f6e65"];

function bench() {
  const model = new FramesModel({ send: () => {} }, STATUS);
  const news = (after: number, ...numbers: number[]) =>
    model.receive({
      type: "news",
      page: model.page,
      seq: 1,
      after,
      revision: numbers.at(-1) ?? after,
      frames: numbers.map(row),
    });
  return { model, news };
}

test("frames come with their bytes, each once", () => {
  const { model, news } = bench();
  news(0, 1, 2);
  news(1, 2, 3);
  expect(model.frames.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(model.frames[0]?.header).toEqual(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 3]));
  expect(escapedText(model.frames[0]?.payload ?? new Uint8Array())).toBe("one");
});

test("frames that the page did not get are counted where they were", () => {
  const { model, news } = bench();
  news(0, 1);
  news(1, 11);
  expect(model.frames.map(({ missed }) => missed)).toEqual([0, 9]);
});

test("only the newest are kept", () => {
  const { model, news } = bench();
  news(0, ...Array.from({ length: KEPT_FRAMES + 5 }, (_, n) => n + 1));
  expect([model.frames.length, model.frames[0]?.number]).toEqual([KEPT_FRAMES, 6]);
});

test("bytes are written so that all of them can be seen", () => {
  expect(escapedText(encode("a\t\r\n\x1b[0m\\\x00é\x7f"))).toBe("a\\t\\r\\n\\e[0m\\\\\\x00é\\x7f");
  expect(escapedText(new Uint8Array([0xff]))).toBe("\ufffd");
  expect(hexDump(encode("0123456789abcdef\n"))).toBe(
    "0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n" +
      `0010  ${"0a".padEnd(47)}  .`,
  );
});
