import { expect, test } from "vitest";
import { safeLink } from "./links";

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "blob:https://example.org/x",
  "mailto:a@example.org",
  "//example.org/",
  "example.org",
  "",
])("what is no link to the web is not opened: %j", (text) => {
  expect(safeLink(text)).toBeNull();
});

test.each([
  ["https://example.org", "https://example.org/", "example.org"],
  ["HTTP://EXAMPLE.org/A", "http://example.org/A", "example.org"],
  ["https://bank.example@evil.example/", "https://bank.example@evil.example/", "evil.example"],
  ["https://b\u0430nk.example/", "https://xn--bnk-6cd.example/", "xn--bnk-6cd.example"],
  ["https://bank.example/\u202emoc", "https://bank.example/%E2%80%AEmoc", "bank.example"],
])("the question names the host that a link really leads to: %s", (text, href, host) => {
  expect(safeLink(text)?.href).toBe(href);
  expect(safeLink(text)?.host).toBe(host);
});
