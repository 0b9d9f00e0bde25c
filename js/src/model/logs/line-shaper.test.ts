import { expect, test } from "vitest";
import type { Stream } from "../messages";
import { readFilter } from "./filter/filter";
import { FOLDED, LineShaper, NOTHING, type ShapeOptions } from "./line-shaper";

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");
const shaper = (options: Partial<ShapeOptions>) => new LineShaper({ ...NOTHING, ...options });
const shown = (options: Partial<ShapeOptions>, ...texts: string[]) => {
  const made = shaper(options);
  return plain(texts.map((text) => made.push(1, text).text).join(""));
};
const LINE = '{"level":"info","msg":"up"}';
const TRACE = `ERROR bad\nTraceback (most recent call last):\n  File "a.py"\nValueError: deep\n`;

test("a structured line is shown once it is whole, however it is cut", () => {
  for (let cut = 1; cut < LINE.length; cut += 1) {
    expect(shown({ structured: true }, LINE.slice(0, cut), `${LINE.slice(cut)}\nx\n`)).toBe(
      "INFO  up\nx\n",
    );
  }
});

test.each([
  ['level=warn msg="a b"', "WARN  a b"],
  ["E1128 10:00:00.123456 1 a.go:1] no", "11-28 10:00:00.123456 ERROR no thread=1 source=a.go:1"],
])("%s is found however it is cut", (line, text) => {
  for (let cut = 1; cut < line.length; cut += 1) {
    expect(shown({ structured: true }, line.slice(0, cut), `${line.slice(cut)}\n`)).toBe(
      `${text}\n`,
    );
  }
});

test("what cannot become a structured line is passed on at once", () => {
  const made = shaper({ structured: true });
  expect(made.push(1, "name? ").text).toBe("name? ");
  expect(made.push(1, "10 %\r20 %").text).toBe("10 %\r20 %");
  expect(made.push(1, `\n${LINE}\r\n`).text).toContain("up");
  expect([...made.newest()].map(({ raw }) => raw)).toEqual([`${LINE}\r`, "name? 10 %\r20 %"]);
});

test("a line that does not end is shown as it is when it is released", () => {
  const made = shaper({ structured: true });
  expect(made.push(1, '{"a":').text).toBe("");
  expect(made.holds).toBe(true);
  expect(made.release(1)).toBe('{"a":');
  expect(made.holds).toBe(false);
  expect(made.push(1, "1}\n").text).toBe("1}\n");
});

test("raw lines stay as they came, byte for byte", () => {
  const raw = "\x1b[31mred\x1b[0m\r\n\tx \n\n";
  expect(shaper({ structured: true }).push(1, raw)).toEqual({ text: raw, whole: false });
});

test("lines that leave the terminal as it was are known as such", () => {
  expect(shaper({ structured: true }).push(1, `${LINE}\nplain\n`).whole).toBe(true);
  expect(shaper({ structured: true }).push(1, "no end").whole).toBe(false);
});

test("streams do not mix", () => {
  const made = shaper({ structured: true });
  made.push(1, LINE.slice(0, 9));
  expect(made.push(2, "err\n").text).toBe("err\n");
  expect(plain(made.push(1, `${LINE.slice(9)}\n`).text)).toBe("INFO  up\n");
});

test("a filter shows the lines that match, counts them, and waits for whole ones", () => {
  const made = shaper({ filter: "b" });
  expect(made.push(1, "a\nb\nab").text).toBe("b\n");
  expect(made.push(1, "c\n").text).toBe("abc\n");
  expect([made.shown, made.total]).toEqual([2, 3]);
});

test("a filter keeps a stack trace together, whichever of its lines matches", () => {
  const text = `first\n${TRACE}last\n`;
  expect(shown({ filter: "bad" }, text)).toBe(TRACE);
  expect(shown({ filter: "deep" }, text)).toBe(TRACE);
  expect(shown({ filter: "bad deep" }, text)).toBe(TRACE);
  expect(shown({ filter: "-deep -first" }, ...text.split(/(?<=ValueError: deep\n)/))).toContain(
    "last\n",
  );
});

test("a filter does not see colours", () => {
  expect(shown({ filter: '"one two"' }, "one \x1b[1mtwo\x1b[0m\n")).toBe("one two\n");
});

test("fields can be asked for in a pane that shows lines as they came", () => {
  expect(shown({ filter: "level>=info" }, `${LINE}\nother\n`)).toBe(`${LINE}\n`);
});

test("a long stack trace is folded, and says by how much once it is over", () => {
  const made = shaper({ fold: true });
  const lines = Array.from({ length: 9 }, (_, n) => `  at line ${n}\n`);
  const text = made.push(1, `Error: x\n${lines.join("")}`).text;
  expect(text).toBe(`Error: x\n${lines.slice(0, FOLDED - 1).join("")}`);
  expect(made.holds).toBe(true);
  expect(plain(made.push(1, "next\n").text)).toBe("    … 6 more lines\nnext\n");
  made.push(1, lines.join(""));
  expect(plain(made.release(1))).toBe("    … 6 more lines\n");
});

test("all lines of a group are kept, with its number", () => {
  const made = shaper({ fold: true });
  made.push(1, `${TRACE}next\n`);
  const groups = [...made.newest()].map(({ group }) => group);
  expect(groups).toEqual([2, 1, 1, 1, 1]);
});

test("what is kept has a bound", () => {
  const made = shaper({ structured: true });
  for (let n = 0; n < 30; n += 1) made.push(1, "x\n".repeat(1000));
  expect([...made.newest()].length).toBe(10_000);
  const large = shaper({ structured: true });
  for (let n = 0; n < 700; n += 1) large.push(1, `${"y".repeat(16_000)}\n`);
  expect([...large.newest()].length).toBeLessThan(300);
});

test("bytes that are left out end the line before them", () => {
  const made = shaper({ structured: true });
  made.push(1, '{"a"');
  expect(made.restart(1)).toBe('{"a"');
  expect(plain(made.push(1, `${LINE}\n`).text)).toBe("INFO  up\n");
});

test("a filter shows a line without an end in time, if it matches by then", () => {
  const made = shaper({ filter: "name" });
  expect(made.push(1, "a\nyour \x1b[1mname: ").text).toBe("");
  expect(made.holds).toBe(true);
  expect(made.release(1)).toBe("your \x1b[1mname: ");
  expect(made.push(1, "ann\nb\n").text).toBe("ann\n");
  expect([made.shown, made.total]).toEqual([1, 3]);
  made.push(1, "another prompt: ");
  expect(made.release(1)).toBe("");
  expect(made.push(1, "name\n").text).toBe("another prompt: name\n");
});

/** What is shown of lines that come one by one, a second apart: with its stream and time, and asides. */
function around(filter: string, ...lines: (string | [stream: Stream, line: string])[]) {
  const made = shaper({ filter });
  const out = lines.flatMap((line, second) => {
    const [stream, text] = typeof line === "string" ? ([1, line] as const) : line;
    const { parts, text: all } = made.push(stream, `${text}\n`, second);
    const own = all ? [{ stream, at: second, text: all, aside: "" }] : [];
    return (parts ?? own).map((part) =>
      part.aside
        ? `(${part.aside})`
        : `${part.stream}@${part.at} ${part.text.trimEnd().replaceAll("\x1b", "^")}`,
    );
  });
  return { out, made };
}

test("lines around a match are shown dimmed, with their own times, and the others counted", () => {
  const { out, made } = around("bad around:1", "a", "b", "bad", "c", "d", "e", "bad", "f", "g");
  expect(out).toEqual([
    "1@1 ^[2mb^[0m",
    "1@2 bad",
    "1@3 ^[2mc^[0m",
    "(1 line left out)",
    "1@5 ^[2me^[0m",
    "1@6 bad",
    "1@7 ^[2mf^[0m",
  ]);
  expect([made.shown, made.total]).toEqual([2, 9]);
});

test("lines around a match are of both streams, in the order of their arrival", () => {
  const { out } = around("bad around:1", [1, "a"], [1, "b"], [2, "bad"], [1, "c"], [2, "d"]);
  expect(out).toEqual(["1@1 ^[2mb^[0m", "2@2 bad", "1@3 ^[2mc^[0m"]);
});

test("a line that was shown around another one is not shown again when its group matches", () => {
  const { out, made } = around("bad around:1", "bad", "Error: x", "  at bad", "next");
  expect(out).toEqual(["1@0 bad", "1@1 ^[2mError: x^[0m", "1@2   at bad", "1@3 ^[2mnext^[0m"]);
  expect(made.shown).toBe(3);
});

test("a line with colours of its own is shown around others as it is", () => {
  expect(around("bad around:1", "\x1b[31mred", "bad").out[0]).toBe("1@0 ^[31mred");
});

test("a stack trace that matches late is shown with the times of its lines", () => {
  expect(around("deep", "Error: x", "  at deep").out).toEqual(["1@0 Error: x", "1@1   at deep"]);
});

test("a filter may ask for a stream", () => {
  expect(around("stream:stderr", [1, "a"], [2, "b"]).out).toEqual(["2@1 b"]);
});

test("where a filter is given up, that is said, and all lines are shown from there on", () => {
  let at = 0;
  const now = () => {
    at += 400;
    return at;
  };
  const filter = "/b/";
  const made = new LineShaper({ ...NOTHING, filter }, readFilter(filter, now));
  const { text, parts = [] } = made.push(1, "a\na\nb\na\nc\nd\n");
  expect(text).toBe("b\na\nc\nd\n");
  const said = parts.findIndex(({ aside }) => aside.startsWith("the filter is too slow"));
  expect(
    parts
      .slice(said + 1)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
  expect(made.filter.error).toMatch(/^too slow/);
  expect([made.shown, made.total]).toEqual([4, 6]);
});
