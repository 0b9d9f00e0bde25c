import { expect, test } from "vitest";
import { mayTakeForever } from "./expression";

// These are read, never used: no test runs an expression of the first kind.
test.each([
  "(y+)+z",
  "(y*)*z",
  "(?:y+)*z",
  "(?<name>y+)+z",
  "((y+))+z",
  "(y+){2,}z",
  "(y|y)*z",
  "(y|yy)*z",
  "(yy?)*z",
  "(y?y?)*z",
  "(y+b?)*z",
  "(b?y+)*z",
  "(y+by+)*z",
  "(,\\d+|\\d)*z",
  "(\\s*\\w+)*z",
  "([a-z]+|[x-z]+)*z",
  "(\\w+|\\d+)*z",
  "(.+)+z",
  "(.*,)*z",
  "(x(y+)+)?z",
  "(?=(y+)+z)",
  "(y+)\\1(\\1y)*z",
  "([\u0430-\u044f]+[\u0430-\u044f])*z",
  "[(]([)y]+)+z",
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
  expect(mayTakeForever("(a+A)*z", "")).toBe(false);
  expect(mayTakeForever("(a+A)*z", "i")).toBe(true);
  expect(mayTakeForever("(.+\\n)*z", "")).toBe(false);
  expect(mayTakeForever("(.+\\n)*z", "s")).toBe(true);
  expect(mayTakeForever("(\\p{L}+,)*[[a-z]--[q]]", "v")).toBe(false);
});
