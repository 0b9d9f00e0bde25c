import { expect, test } from "vitest";
import { LinePrefix } from "./line-prefix";

/** `1|` before lines of stdout, `2|` before those of stderr, which are red. */
function prefix(): LinePrefix {
  return new LinePrefix((stream) => ({ text: `${stream}|`, base: stream === 2 ? "\x1b[31m" : "" }));
}

const OUT = '\x1b[0m\x1b[1"q1|\x1b[0"q\x1b[0m';
const ERR = '\x1b[0m\x1b[1"q2|\x1b[0"q\x1b[0m\x1b[31m';

test("every line has its prefix, the empty one after the last newline has none", () => {
  expect(prefix().push(1, "a\n\nb\n", 0)).toBe(`${OUT}a\n${OUT}\n${OUT}b\n`);
});

test("a line that comes in pieces has one prefix", () => {
  const lines = prefix();
  expect(lines.push(1, "a", 0) + lines.push(1, "b\n", 0)).toBe(`${OUT}ab\n`);
});

test("the other stream begins a line of its own", () => {
  const lines = prefix();
  expect(lines.push(1, "prompt> ", 0)).toBe(`${OUT}prompt> `);
  expect(lines.push(2, "oops\n", 0)).toBe(`\n${ERR}oops\n`);
  expect(lines.push(1, "$ ", 0)).toBe(`${OUT}$ `);
});

test("a progress bar gets its prefix again with every turn", () => {
  expect(prefix().push(1, "10 %\r20 %\r\n", 0)).toBe(`${OUT}10 %\r${OUT}20 %\r\n`);
});

test("colours continue after a prefix, and each stream has its own", () => {
  const lines = prefix();
  expect(lines.push(1, "\x1b[1m\x1b[32mgreen\n", 0)).toBe(`${OUT}\x1b[1m\x1b[32mgreen\n`);
  expect(lines.push(2, "red\n", 0)).toBe(`${ERR}red\n`);
  expect(lines.push(1, "still\x1b[m not\nplain", 0)).toBe(
    `${OUT}\x1b[1m\x1b[32mstill\x1b[0m not\n${OUT}plain`,
  );
});

test("a sequence that two pieces split is held until it is whole", () => {
  const lines = prefix();
  expect(lines.push(1, "a\x1b[3", 0)).toBe(`${OUT}a`);
  expect(lines.push(2, "b\n", 0)).toBe(`\n${ERR}b\n`);
  expect(lines.push(1, "1mc", 0)).toBe(`${OUT}\x1b[31mc`);
});

test("a title and a cursor movement are not text of a line", () => {
  expect(prefix().push(1, "\x1b]0;title\x07\x1b[2Aup", 0)).toBe(`\x1b]0;title\x07\x1b[2A${OUT}up`);
});

test("a sequence without an end is kept up to a limit", () => {
  const lines = prefix();
  expect(lines.push(1, `\x1b]0;${"x".repeat(5000)}`, 0)).toContain("xxx");
});
