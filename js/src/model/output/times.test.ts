import { expect, test } from "vitest";
import { clock } from "./times";

test("a time has its date unless that is today", () => {
  const at = new Date(2026, 10, 28, 9, 5, 7, 42).getTime() / 1000;
  expect(clock(at, new Date(2026, 10, 28, 23, 0))).toBe("09:05:07.042");
  expect(clock(at, new Date(2026, 10, 29, 0, 1))).toBe("2026-11-28 09:05:07.042");
});
