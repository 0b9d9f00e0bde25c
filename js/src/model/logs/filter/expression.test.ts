import { expect, test } from "vitest";
import { mayTakeForever } from "./expression";

// These are read, never used. Nothing stands behind the repeats, so that they could do no harm either.
test.each([
  "(y+)+",
  "(y*)*",
  "(?:y+)*",
  "(?<name>y+)+",
  "((y+))+",
  "(y+){2,}",
  "(y|y)*",
  "(y|yy)*",
  "(yy?)*",
  "(y?y?)*",
  "(y+b?)*",
  "(b?y+)*",
  "(y+by+)*",
  "(,\\d+|\\d)*",
  "(\\s*\\w+)*",
  "([a-z]+|[x-z]+)*",
  "(\\w+|\\d+)*",
  "(.+)+",
  "(.*,)*",
  "(x(y+)+)?",
  "(?=(y+)+)",
  "(y+)\\1(\\1y)*",
  "([\u0430-\u044f]+[\u0430-\u044f])*",
  "[(]([)y]+)+",
])("%s may take forever", (source) => {
  expect(() => new RegExp(source)).not.toThrow();
  expect(mayTakeForever(source, "")).toBe(true);
});

test.each([
  "error",
  "a.*b.*c",
  "(\\d+\\.)+\\d+",
  "(\\d{1,3}\\.){3}\\d{1,3}",
  "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
  "(\\S+\\s+){3}GET",
  "(\\s*,\\s*\\w+)*;",
  "(\\w+=\\d+,)*",
  "([^,]*,)*x",
  "(x(?:\\.\\d+)?)*",
  "(GET|POST|PUT)+",
  "(foo|far)+",
  '"(?:[^"\\\\]|\\\\.)*"',
  "(a|b|[cd])*",
  "(\\d+,|x)*",
  "(?:ab)+c",
  "^\\[(\\w+)\\] \\b(a+)$",
  "(?<!x)(y+)",
  "\\((y+)\\)+",
  "[(y+)]+",
  "a{,2}{",
  "(\\u0041+-)+",
  "(a+)?b",
  "",
])("%s is taken", (source) => {
  expect(() => new RegExp(source)).not.toThrow();
  expect(mayTakeForever(source, "")).toBe(false);
});

test("the flags of an expression count", () => {
  expect(mayTakeForever("(a+A)*", "")).toBe(false);
  expect(mayTakeForever("(a+A)*", "i")).toBe(true);
  expect(mayTakeForever("(.+\\n)*", "")).toBe(false);
  expect(mayTakeForever("(.+\\n)*", "s")).toBe(true);
  expect(mayTakeForever("(\\p{L}+,)*[[a-z]--[q]]", "v")).toBe(false);
});
