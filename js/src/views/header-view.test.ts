import { expect, test, vi } from "vitest";
import { STATUS } from "../model/session-bench";
import { kindText, shorten, shownCode, silenceText, stallText, timeText } from "./header-view";

test("a session that was always read says nothing", () => {
  expect(stallText({ count: 0, seconds: 0, recent: [] })).toBe("");
});

test("a stall says when and how long it was", () => {
  const text = stallText({ count: 1, seconds: 3.71, recent: [[43_200, 3.71]] });
  expect(text).toMatch(/stopped output from being read for 3\.7 s at \d+:00:00/);
  expect(text).not.toContain("in total");
});

test("more than one are counted", () => {
  const text = stallText({
    count: 20,
    seconds: 75,
    recent: [
      [0, 1],
      [60, 12.4],
    ],
  });
  expect(text).toContain("for 12 s at");
  expect(text).toContain("20 times, 75 s in total");
});

test("a session that goes on says since when, one that ended how long it was", () => {
  expect(timeText(43_200, null)).toMatch(/^since \d+:00/);
  expect(timeText(43_200, 43_212.4)).toMatch(/^\d+:00[^,]*, 12 s$/);
  expect(timeText(43_200, 43_200 + 125)).toMatch(/^\d+:00.* to \d+:02[^,]*, 2 min 5 s$/);
});

test("times follow the machine into another time zone", () => {
  vi.stubEnv("TZ", "UTC");
  const before = timeText(43_200, null);
  vi.stubEnv("TZ", "Asia/Tokyo");
  expect(timeText(43_200, null)).not.toBe(before);
  vi.stubEnv("TZ", "UTC");
  expect(timeText(43_200, null)).toBe(before);
  vi.unstubAllEnvs();
});

test("a long command is cut", () => {
  expect(shorten("sh -c 'exit 3'")).toBe("sh -c 'exit 3'");
  expect(shorten("x".repeat(41))).toBe(`${"x".repeat(39)}…`);
});

test("a program and a log are named beside the container", () => {
  expect(kindText(STATUS)).toBe("");
  expect(kindText({ ...STATUS, kind: "logs" })).toBe("log");
  expect(kindText({ ...STATUS, kind: "exec", command: "sh -c ls" })).toBe("exec sh -c ls");
});

test("an attached container that has printed nothing is said to", () => {
  expect(silenceText(STATUS, 0)).toBe("no output yet");
  expect(silenceText(STATUS, 1)).toBe("");
  expect(silenceText({ ...STATUS, history: 1 }, 0)).toBe("");
  expect(silenceText({ ...STATUS, state: "exited" }, 0)).toBe("");
});

test.each([
  ["attached", 130, "0"], // it was started again
  ["reconnecting", 3, "0"],
  ["attached", null, "0"],
  ["exited", 3, "3"],
  ["exited", 0, "0"],
  ["exited", null, "0"],
] as const)("a session that is %s, code %s, has the colour of code %s", (state, code, shown) => {
  expect(shownCode({ ...STATUS, state, exit_code: code })).toBe(shown);
});
