import { expect, test } from "vitest";
import { caretAfter, InputHistory, isAtEdge } from "./input-history";

test("older and newer walk through what was typed and come back to what is written", () => {
  const history = new InputHistory();
  const typed = ["one", "two"];
  expect(history.step("newer", "half", typed)).toBeNull();
  expect(history.step("older", "half", typed)).toBe("two");
  expect(history.step("older", "two", typed)).toBe("one");
  expect(history.step("older", "one", typed)).toBeNull();
  expect(history.step("newer", "one", typed)).toBe("two");
  expect(history.step("newer", "two", typed)).toBe("half");
});

test("after something was sent the steps begin at the newest entry", () => {
  const history = new InputHistory();
  history.step("older", "", ["one", "two"]);
  history.step("older", "two", ["one", "two"]);
  history.reset();
  expect(history.step("older", "", ["one", "two", "one"])).toBe("one");
  expect(history.step("newer", "one", ["one", "two", "one"])).toBe("");
});

test("within several lines the arrows move the caret", () => {
  const text = "one\ntwo";
  expect(isAtEdge("older", text, 2, 2)).toBe(true);
  expect(isAtEdge("older", text, 5, 5)).toBe(false);
  expect(isAtEdge("newer", text, 2, 2)).toBe(false);
  expect(isAtEdge("newer", text, 5, 5)).toBe(true);
  expect(isAtEdge("older", text, 0, 2)).toBe(false);
});

test("after a step the caret is where the next arrow key makes another step", () => {
  for (const direction of ["older", "newer"] as const) {
    const caret = caretAfter(direction, "one\ntwo");
    expect(isAtEdge(direction, "one\ntwo", caret, caret)).toBe(true);
  }
});
