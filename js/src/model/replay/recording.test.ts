import { expect, test } from "vitest";
import { countUntil, parseCast, readCast } from "./recording";
import { trackOf } from "./track";
import { fromBase64, unpack } from "./unpack";

const HEADER = { version: 3, term: { cols: 80, rows: 24 } };
const FRAMED = { ...HEADER, hyper_jupyter: { tty: false, container: "web", started_at: 1000.5 } };

function cast(header: object, ...events: unknown[]): string {
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join("");
}

test("the output of a terminal is as it was written, with its times added up", () => {
  const text = cast(
    HEADER,
    [0.5, "o", "a\r\n"],
    [0.25, "r", "100x30"],
    [0, "o", "b"],
    [1, "x", "3"],
  );
  const found = parseCast(text);
  expect(found.header).toMatchObject({ tty: true, rows: 24, columns: 80, startedAt: null });
  expect([...found.times]).toEqual([0.5, 0.75]);
  expect(found.texts).toEqual(["a\r\n", "b"]);
  expect(found.resizes).toEqual([{ time: 0.75, before: 1, order: 2, rows: 30, columns: 100 }]);
  expect(found.exitCode).toBe(3);
  expect(found.duration).toBe(1.75);
});

test("streams are apart, and lines end as they did", () => {
  const found = parseCast(
    cast(
      FRAMED,
      [0, "o", "out\r\n"],
      [0, "hj", "stderr"],
      [0, "hj", "bytes AAAA"],
      [1, "o", "err\r\n"],
      [0, "hj", "stdout"],
      [1, "o", "50 %\r100 %\r\r\n"],
    ),
  );
  expect([...found.streams]).toEqual([1, 2, 1]);
  expect(found.texts).toEqual(["out\n", "err\n", "50 %\r100 %\r\n"]);
  expect(found.header).toMatchObject({ tty: false, container: "web", startedAt: 1000.5 });
});

test("a marker has the kind that stands before it", () => {
  const found = parseCast(
    cast(HEADER, [1, "m", "mine"], [0, "hj", "mark gap 5"], [1, "m", "gone"]),
  );
  expect(found.markers).toEqual([
    { time: 1, before: 0, order: 1, text: "mine", kind: "note" },
    { time: 2, before: 0, order: 2, text: "gone", kind: "gap" },
  ]);
});

test("what is no event, and what is not known, is passed over", () => {
  const text = cast(
    HEADER,
    [0, "z", "?"],
    ["x", "o", "?"],
    [0, "o", 5],
    [0, "r", "0x-3"],
    [0, "o", "a"],
  );
  expect(parseCast(`${text}# a comment\n[0, "o", "cut`).texts).toEqual(["a"]);
});

test("a text that is no recording is an error", () => {
  for (const text of ["", "{}", "[]", cast({ version: 2, width: 80, height: 24 })]) {
    expect(() => parseCast(text)).toThrow("not a recording");
  }
});

test("what was packed can be read", async () => {
  const stream = new Blob(["foo\n"]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  expect(await unpack(bytes)).toBe("foo\n");
  expect(fromBase64("H4sIAAAA")).toEqual(Uint8Array.from([31, 139, 8, 0, 0, 0]));
});

test("times that are the same to the microsecond count as that", () => {
  const times = Float64Array.from([0, 1, 1, 2]);
  expect(countUntil(times, 1)).toBe(3);
  expect(countUntil(times, 1 - 1e-9)).toBe(3);
  expect(countUntil(times, 0.99)).toBe(1);
});

test("a pane has its own stream, a merged one both with marks", () => {
  const found = parseCast(
    cast(FRAMED, [0, "o", "out\r\n"], [0, "hj", "stderr"], [1, "o", "err\r\n"]),
  );
  expect(trackOf(found, 2, false).texts).toEqual(["", "err\n"]);
  const merged = trackOf(found, "merged", false);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
  const plain = merged.texts.map((text) => text.replace(/\x1b\[[0-9;]*["m]q?/g, ""));
  expect(plain).toEqual(["", "  out\n", "▌ err\n"]);
  expect([...merged.times]).toEqual([0, 0, 1]);
});

test("a terminal gets its size before what was printed at it", () => {
  const found = parseCast(
    cast(HEADER, [0, "o", "a"], [1, "r", "90x20"], [1, "o", "b"], [1, "r", "9x9"]),
  );
  const { texts, sizes, times } = trackOf(found, 1, false);
  expect(texts).toEqual(["", "a", "", "b", ""]);
  expect([...sizes]).toEqual([
    [2, [20, 90]],
    [4, [9, 9]],
  ]);
  expect([...times]).toEqual([0, 0, 1, 2, 3]);
});

test.each<[text: string, plain: boolean]>([
  ["line\r\n", true],
  ["\x1b[1;31mline\x1b[m\x1b[K\r\n\ttab \x07 \b", true],
  ['a \\\\ backslash, "quotes", 漢字, é\r\n', true],
  ["\x1b[4:3;58:5:9mline\r\n", true],
  ["\x1b[2Jline\r\n", false],
  ["\x1b[?25lline\r\n", false],
  ["\x1b7line\r\n", false],
  ["a sequence that goes on in the next output \x1b[3", false],
  ["\x0e", false],
  ["\f", false],
  ["\x7f", true], // a terminal ignores it
])("whether a recording is plain: %j", (text, plain) => {
  const header = { version: 3, term: { cols: 80, rows: 24 } };
  const cast = `${JSON.stringify(header)}\n[0.1, "o", ${JSON.stringify(text)}]\n`;
  expect(parseCast(cast).plain).toBe(plain);
});

test("reading in slices gives the same", async () => {
  const header = { version: 3, term: { cols: 80, rows: 24 } };
  const events = Array.from({ length: 500 }, (_, n) => `[0.1, "o", "line ${n}\\r\\n"]\n`);
  const cast = `${JSON.stringify(header)}\n${events.join("")}[0.5, "m", "there"]\n`;
  expect(await readCast(cast)).toEqual(parseCast(cast));
});
