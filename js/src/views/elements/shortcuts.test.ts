import { expect, test } from "vitest";
import { plainKeys } from "./shortcuts";

const NOTHING = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

function keeps(key: string, held: Partial<typeof NOTHING> = {}, altGraph = false): boolean {
  const getModifierState = (name: string) => name === "AltGraph" && altGraph;
  return plainKeys({ ...NOTHING, ...held, key, getModifierState } as unknown as KeyboardEvent);
}

test.each([
  ["d", {}], // twice, it would cut a cell in command mode
  ["Enter", { ctrlKey: true }],
  ["Enter", { shiftKey: true }],
  ["ArrowLeft", { ctrlKey: true }],
  ["a", { metaKey: true }],
  ["C", { ctrlKey: true }], // with Caps Lock
  ["Escape", {}],
])("a control keeps %s %o", (key, held) => {
  expect(keeps(key, held)).toBe(true);
});

test.each([
  ["s", { ctrlKey: true }],
  ["s", { metaKey: true }],
  ["S", { ctrlKey: true, shiftKey: true }],
  ["C", { ctrlKey: true, shiftKey: true }], // the command palette
  ["b", { ctrlKey: true }],
  ["F11", {}],
])("the page gets %s %o", (key, held) => {
  expect(keeps(key, held)).toBe(false);
});

test("a character that is typed with AltGr is no shortcut", () => {
  expect(keeps("@", { ctrlKey: true, altKey: true }, true)).toBe(true);
});
