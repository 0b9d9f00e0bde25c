import { expect, test } from "vitest";
import type { History } from "../messages";
import { historyText } from "./history-text";
import { clock } from "./times";

const AT = new Date(2026, 0, 2, 3, 4, 5, 67).getTime() / 1000;
const HISTORY: History = {
  type: "history",
  page: "p",
  number: 1,
  lines: [
    [AT, 1, "one"],
    [null, 2, "two\x1b[2J\x9b2J\r\n\tx"],
  ],
  left_out: 0,
  joints: { "1": "live from here", "2": "", both: "live from here; why" },
};
const TIME = clock(AT);
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");

test("a pane shows its stream's lines with the engine's times, and where live output begins", () => {
  expect(plain(historyText(HISTORY, [1]))).toBe(`${TIME} one\r\n— live from here —\r\n`);
});

test("a merged pane shows both in their order, and marks stderr as live output does", () => {
  const text = plain(historyText(HISTORY, [1, 2])).split("\r\n");
  expect(text[0]).toBe(`${TIME}   one`);
  expect(text[1]).toMatch(/^▌ two/);
  expect(text[2]).toBe("— live from here; why —");
});

test("nothing in a line acts on the terminal, and each line leaves no attribute set", () => {
  const text = historyText(HISTORY, [2]);
  expect(plain(text)).toBe("two [2J 2J  \tx\r\n");
  for (const line of text.split("\r\n").filter(Boolean)) {
    expect(line.startsWith("\x1b[0;2m")).toBe(true);
    expect(line.endsWith("\x1b[0m")).toBe(true);
  }
});

test("lines that the page did not get are counted", () => {
  const text = plain(historyText({ ...HISTORY, left_out: 1234 }, [1]));
  expect(text.split("\r\n")[0]).toBe("— 1,234 earlier lines are in session.history only —");
});

test("a pane without lines and without anything to say shows nothing", () => {
  const joints = { "1": "", "2": "", both: "" };
  expect(historyText({ ...HISTORY, lines: [], joints }, [1])).toBe("");
});
