import { expect, test } from "vitest";
import { scrollByKey } from "./scroll-keys";

/** Press a key; returns how the terminal scrolled and what became of the event. */
function press(key: string, more: Partial<KeyboardEvent> = {}) {
  const scrolled: unknown[][] = [];
  const scroll =
    (name: string) =>
    (...by: unknown[]) =>
      scrolled.push([name, ...by]);
  const terminal = {
    scrollLines: scroll("lines"),
    scrollPages: scroll("pages"),
    scrollToTop: scroll("top"),
    scrollToBottom: scroll("bottom"),
  };
  const event = { type: "keydown", key, ...more } as KeyboardEvent;
  const kept: string[] = [];
  event.preventDefault = () => kept.push("prevented");
  event.stopPropagation = () => kept.push("stopped");
  const taken = scrollByKey(terminal, event);
  return { scrolled, kept, taken };
}

test.each([
  ["ArrowUp", ["lines", -1]],
  ["ArrowDown", ["lines", 1]],
  ["PageUp", ["pages", -1]],
  ["PageDown", ["pages", 1]],
  ["Home", ["top"]],
  ["End", ["bottom"]],
])("%s scrolls and is kept from the page and the terminal", (key, scroll) => {
  const { scrolled, kept, taken } = press(key);
  expect([scrolled, kept, taken]).toEqual([[scroll], ["prevented", "stopped"], false]);
});

test.each([
  ["Tab", {}],
  ["Escape", {}],
  ["a", {}],
  ["ArrowUp", { ctrlKey: true }],
  ["ArrowUp", { altKey: true }],
  ["ArrowUp", { metaKey: true }],
  ["ArrowUp", { type: "keyup" }],
])("%s with %o stays the page's", (key, more) => {
  const { scrolled, kept, taken } = press(key, more as Partial<KeyboardEvent>);
  expect([scrolled, kept, taken]).toEqual([[], [], false]);
});
