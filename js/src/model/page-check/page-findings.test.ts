import { expect, test } from "vitest";
import { failedLinkFinding, formatTime, frontFinding } from "./page-findings";

const FACTS = { version: "1.2.3", ipykernel: "7.4.0", subshells: true, link: true, relay: false };

test.each([
  ["silent", false, "near", "note", "nothing answers", "hyper_jupyter.server"],
  ["stranger", false, "near", "note", "another program answers", "hyper_jupyter.server"],
  ["silent", true, "near", "fail", "none comes through", "WebSockets"],
  ["silent", true, "far", "fail", "none comes through", "WebSockets"],
] as const)(
  "a link that fails (%s, relay: %s, %s) says why",
  (why, relay, place, mark, text, step) => {
    const found = failedLinkFinding(why, { ...FACTS, relay }, place);
    expect(found.mark).toBe(mark);
    expect(found.text).toContain(text);
    expect(found.step).toContain(step);
  },
);

test.each([
  [true, "the Jupyter server's extension", "note", "where the Jupyter server runs"],
  [false, "the kernel, through anywidget", "fail", "restart the kernel"],
] as const)(
  "another version than the package's, by the extension or not (%s), says whose it is",
  (extension, source, mark, step) => {
    const found = frontFinding({ version: "1.2.2", hash: "f00d", extension }, FACTS);
    expect(found.mark).toBe(mark);
    expect(found.text).toBe(
      `The front end (${source}) has version 1.2.2, the package has version 1.2.3.`,
    );
    expect(found.step).toContain(step);
  },
);

test.each([
  [0.84, "0.8 ms"],
  [9.99, "10.0 ms"],
  [56.4, "56 ms"],
])("%d milliseconds are %s", (milliseconds, text) => {
  expect(formatTime(milliseconds)).toBe(text);
});
