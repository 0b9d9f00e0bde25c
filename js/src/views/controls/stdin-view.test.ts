import { expect, test } from "vitest";
import { describeSent } from "./stdin-view";

test("what was sent is said in a few words", () => {
  expect(describeSent("ls", true)).toBe("sent: ls");
  expect(describeSent("", true)).toBe("sent an empty line");
  expect(describeSent("y", false)).toBe("sent without a newline: y");
  expect(describeSent("a\nb", true)).toBe("sent 2 lines");
  expect(describeSent("x".repeat(70), true)).toBe(`sent: ${"x".repeat(60)}…`);
});
