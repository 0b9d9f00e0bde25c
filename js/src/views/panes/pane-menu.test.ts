import { expect, test } from "vitest";
import { type PaneCallbacks, type PaneState, paneMenu } from "./pane-menu";

const PANE: PaneState = {
  tty: false,
  streams: [1],
  names: ["stdout"],
  wrap: true,
  times: "",
  pauses: true,
  selected: false,
  structured: false,
  fold: false,
  links: [],
  escapeLeaves: true,
};

/** The menu of a pane, and what its entries call. */
function bench(pane: Partial<PaneState> = {}) {
  const called: unknown[][] = [];
  const call = (name: string) => (value?: unknown) => {
    called.push(value === undefined ? [name] : [name, value]);
  };
  const callbacks: PaneCallbacks = {
    wrap: call("wrap"),
    showTimes: call("showTimes"),
    showPauses: call("showPauses"),
    showStructured: call("showStructured"),
    fold: call("fold"),
    copy: call("copy"),
    copyAs: call("copyAs"),
    download: call("download"),
    clear: call("clear"),
    openLink: call("openLink"),
    setEscapeLeaves: call("setEscapeLeaves"),
  };
  const items = paneMenu({ ...PANE, ...pane }, callbacks);
  return { items, called, labels: items.map(({ label }) => label) };
}

test("a log can be wrapped, timed, copied, saved and cleared", () => {
  const { items, called, labels } = bench();
  expect(labels).toEqual([
    "Wrap lines",
    "Timestamps",
    "Time since the line before",
    "Pauses between lines",
    "Structured lines",
    "Fold stack traces",
    "Copy all",
    "Copy as Markdown",
    "Copy as a quote",
    "Download stdout",
    "Clear view",
  ]);
  expect(items.map(({ checked }) => checked)).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  for (const { run } of items) run();
  expect(called).toEqual([
    ["wrap", false],
    ["showTimes", "clock"],
    ["showTimes", "since"],
    ["showPauses", false],
    ["showStructured", true],
    ["fold", true],
    ["copy", 0],
    ["copyAs", "markdown"],
    ["copyAs", "quote"],
    ["download", 1],
    ["clear"],
  ]);
});

test("a merged pane saves each of its streams", () => {
  const { items, called, labels } = bench({ streams: [1, 2] });
  expect(labels.slice(9, 11)).toEqual(["Download stdout", "Download stderr"]);
  items[10]?.run();
  expect(called).toEqual([["download", 2]]);
});

test("a terminal wraps by itself, and says how its keys are left", () => {
  const { items, called, labels } = bench({ tty: true, escapeLeaves: false });
  expect(labels).toEqual([
    "Copy all",
    "Copy as Markdown",
    "Copy as a quote",
    "Download transcript",
    "Clear view",
    "Esc Esc leaves the terminal",
  ]);
  expect(items.at(-1)?.checked).toBe(false);
  items.at(-1)?.run();
  expect(called).toEqual([["setEscapeLeaves", true]]);
});

test("the newest five addresses can be opened, each once and cut to what fits", () => {
  const long = `https://example.org/${"x".repeat(60)}`;
  const links = ["a", "b", "c", "d", "b", "e", "f", long];
  const { items, called, labels } = bench({ links });
  expect(labels.slice(11)).toEqual([
    "Open c",
    "Open d",
    "Open e",
    "Open f",
    `Open ${long.slice(0, 40)}…`,
  ]);
  items.at(-1)?.run();
  expect(called).toEqual([["openLink", long]]);
});

test("what is selected can be copied instead", () => {
  const { items, called, labels } = bench({ selected: true });
  const copies = labels.filter((label) => label.startsWith("Copy"));
  expect(copies).toEqual([
    "Copy selection",
    "Copy all",
    "Copy selection as Markdown",
    "Copy selection as a quote",
  ]);
  items[labels.indexOf("Copy selection")]?.run();
  expect(called).toEqual([["copyAs", "text"]]);
});
