import { expect, test } from "vitest";
import { clock, Days, dayText, momentText, pauseText, sinceText, TIME, zoneText } from "./times";

test("a time has its date unless that is today", () => {
  const at = new Date(2026, 10, 28, 9, 5, 7, 42).getTime() / 1000;
  expect(clock(at, new Date(2026, 10, 28, 23, 0))).toBe("09:05:07.042");
  expect(clock(at, new Date(2026, 10, 29, 0, 1))).toBe("2026-11-28 09:05:07.042");
});

test.each([
  [undefined, "       +"],
  [0, "+0.000 s"],
  [3.2004, "+3.200 s"],
  [9.9996, "+10.00 s"],
  [99.996, "+100.0 s"],
  [999.9, "+999.9 s"],
  [1000, "+ 17 min"],
  [7199, "+120 min"],
  [7200, "+  2.0 h"],
  [86_399, "+ 24.0 h"],
  [86_400, "+  1.0 d"],
  [1e7, "+  116 d"],
  [-5, "+0.000 s"], // two machines, two clocks
])("%s seconds since the line before: %s", (seconds, text) => {
  expect(sinceText(seconds)).toBe(text);
  expect(`${text} `).toMatch(new RegExp(`^${TIME}$`));
});

test.each([
  [120, "2 min"],
  [725, "12 min"],
  [3600, "1 h"],
  [11_100, "3 h 5 min"],
  [86_400, "1 d"],
  [180_000, "2 d 2 h"],
])("%i seconds without output: %s", (seconds, text) => {
  expect(pauseText(seconds)).toBe(text);
});

test("a day has its name and its date", () => {
  expect(dayText(new Date(2026, 11, 1, 23, 59).getTime() / 1000)).toBe("Tuesday 2026-12-01");
});

test("a zone is told by what it is ahead of UTC", () => {
  expect([0, -60, 210, -345].map(zoneText)).toEqual(["UTC", "UTC+01:00", "UTC-03:30", "UTC+05:45"]);
  expect(momentText(new Date(2026, 11, 1, 7, 5, 9))).toMatch(/^2026-12-01 07:05:09 UTC/);
});

test("a day changes at midnight, and the first one is no change", () => {
  const days = new Days();
  const changes = (day: number, hour: number) =>
    days.changes(new Date(2026, 11, day, hour).getTime() / 1000);
  expect([changes(1, 0), changes(1, 23), changes(2, 0), changes(2, 5), changes(1, 23)]).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
});
