import { expect, test } from "vitest";
import type { Place } from "./place-host";
import { reasonAgainst } from "./place-host";
import { placeItems, refusalText, whereText } from "./place-items";

function items(place: Place, full = false, against: (place: Place) => string = () => "") {
  const done: unknown[] = [];
  const made = placeItems(
    { place, full, against },
    { full: (on) => done.push(["full", on]), move: (to) => done.push(to) },
  );
  return { done, made, labels: made.map(({ label }) => label) };
}

const FULL = "Full screen (Ctrl+Shift+Enter)";
const FLOAT = "Keep in view while scrolling";
const TAB = "Show in a tab beside the notebook";
const PANEL = "Show in the side panel";
const BACK = "Put back into the cell";

test.each([
  ["cell", [FULL, FLOAT, TAB, PANEL]],
  ["float", [FULL, TAB, PANEL, BACK]],
  ["tab", [FULL, FLOAT, PANEL, BACK]],
  ["panel", [FULL, FLOAT, TAB, BACK]],
] as const)("in the %s the menu offers the other places", (place, labels) => {
  expect(items(place).labels).toEqual(labels);
});

test("in full screen the menu offers to leave it, and every place but the cell that it is in", () => {
  const leave = "Leave full screen (Ctrl+Shift+Enter)";
  expect(items("cell", true).labels).toEqual([leave, FLOAT, TAB, PANEL]);
  expect(items("tab", true).labels).toEqual([leave, FLOAT, TAB, PANEL, BACK]);
});

test("each entry does what it says", () => {
  const { made, done } = items("tab");
  for (const { run } of made) run();
  expect(done).toEqual([["full", true], "float", "panel", "cell"]);
});

test("an entry for what the front end does not have is off, with the reason", () => {
  const { made } = items("cell", false, (place) => reasonAgainst(place, undefined));
  expect(made.map(({ off }) => off ?? "")).toEqual([
    "",
    "",
    "needs JupyterLab, with hyper_jupyter installed beside its server",
    "needs JupyterLab or Notebook 7, with hyper_jupyter installed beside its server",
  ]);
});

test("the line in the cell says where the view is, or why it is not elsewhere", () => {
  expect(whereText("web", "tab")).toBe("web is shown in a tab");
  expect(whereText("web", "full")).toBe("web fills the window");
  expect(refusalText("panel", "needs JupyterLab")).toBe(
    "The side panel needs JupyterLab. So it is shown here.",
  );
});
