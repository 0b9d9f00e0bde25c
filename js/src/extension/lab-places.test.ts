import { beforeEach, expect, test } from "vitest";
import { LabPlaces, type LuminoWidget, type Shell } from "./lab-places";

/** Lumino's widget, as far as it is used. */
class Widget {
  id = "";
  node = { children: [] as unknown[], contains: (node: unknown) => node === this.inside };
  title = { label: "", caption: "", closable: false };
  isDisposed = false;
  isAttached = false;
  inside: unknown = undefined;
  readonly slots = new Set<() => void>();
  disposed = {
    connect: (slot: () => void) => this.slots.add(slot),
    disconnect: (slot: () => void) => this.slots.delete(slot),
  };
  addClass(): void {}
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.isAttached = false;
    for (const slot of [...this.slots]) slot();
  }
}

const CELL = { name: "cell" } as unknown as HTMLElement;
const lumino = Widget as unknown as new () => LuminoWidget;
let notebook: Widget;
let added: [id: string, area: string, options: unknown][];
let activated: string[];
let shell: Shell;

beforeEach(() => {
  notebook = new Widget();
  notebook.id = "notebook";
  notebook.inside = CELL;
  added = [];
  activated = [];
  shell = {
    mode: "multiple-document",
    add: (widget, area, options) => {
      added.push([widget.id, area, options]);
      (widget as unknown as Widget).isAttached = true;
    },
    activateById: (id) => activated.push(id),
    expandRight: () => {},
    widgets: () => [new Widget(), notebook] as unknown as LuminoWidget[],
  };
});

function closeByUser(widget: LuminoWidget): void {
  (widget as unknown as { onCloseRequest(): void }).onCloseRequest();
}

test("JupyterLab has both places, Notebook 7 no tabs, Voilà none", () => {
  const { mode, expandRight, ...rest } = shell;
  const lacks = (given: Shell) =>
    (["tab", "panel"] as const).map((area) => new LabPlaces(given, lumino).lacks(area));
  expect(lacks(shell)).toEqual(["", ""]);
  expect(lacks({ ...rest, expandRight: () => {} })).toEqual([
    "needs JupyterLab; this page has no tabs",
    "",
  ]);
  expect(lacks(rest)).toEqual([
    "needs JupyterLab; this page has no tabs",
    "needs JupyterLab or Notebook 7, this page has no side panel",
  ]);
  expect([mode, typeof expandRight]).toEqual(["multiple-document", "function"]);
});

test("a tab opens at the right of its notebook, the next one behind it", () => {
  const places = new LabPlaces(shell, lumino);
  const [first, second] = [places.open("tab", CELL, "web"), places.open("tab", CELL, "db")];
  expect(added).toEqual([
    [first.widget.id, "main", { mode: "split-right", ref: "notebook" }],
    [second.widget.id, "main", { mode: "tab-after", ref: first.widget.id }],
  ]);
  expect(first.widget.title).toEqual({ label: "web", caption: "web", closable: true });
  first.close();
  second.close();
  const third = places.open("tab", CELL, "web");
  expect(added[2]).toEqual([third.widget.id, "main", { mode: "split-right", ref: "notebook" }]);
});

test("the side panel is the one at the right, and is brought to the front", () => {
  const dock = new LabPlaces(shell, lumino).open("panel", CELL, "web");
  expect(added).toEqual([[dock.widget.id, "right", { rank: 2000 }]]);
  expect(dock.widget.title.closable).toBe(false);
  dock.show();
  expect(activated).toEqual([dock.widget.id]);
});

test("the notebook of a cell is known while the cell is not in the document", () => {
  const places = new LabPlaces(shell, lumino);
  places.open("panel", CELL, "web");
  notebook.inside = undefined;
  const dock = places.open("tab", CELL, "web");
  expect(added[1]).toEqual([dock.widget.id, "main", { mode: "split-right", ref: "notebook" }]);
});

test("a tab without a notebook is opened all the same", () => {
  const dock = new LabPlaces(shell, lumino).open("tab", {} as HTMLElement, "web");
  expect(added).toEqual([[dock.widget.id, "main", { mode: "split-right" }]]);
});

test("a tab that is closed says so first: what stands in it has to leave", () => {
  const dock = new LabPlaces(shell, lumino).open("tab", CELL, "web");
  const seen: unknown[] = [];
  dock.onClose = (byUser) => seen.push([byUser, dock.closed]);
  closeByUser(dock.widget);
  expect(seen).toEqual([[true, false]]);
  expect(dock.closed).toBe(true);
});

test("a tab ends with its notebook, and one that is closed leaves nothing behind at it", () => {
  const places = new LabPlaces(shell, lumino);
  const [open, closed] = [places.open("tab", CELL, "web"), places.open("panel", CELL, "db")];
  const seen: unknown[] = [];
  open.onClose = (byUser) => seen.push(["open", byUser, open.closed]);
  closed.onClose = () => seen.push("closed");
  closed.close();
  expect(notebook.slots.size).toBe(1);
  notebook.dispose();
  expect(seen).toEqual([["open", false, false]]);
  expect(open.closed).toBe(true);
  expect(notebook.slots.size).toBe(0);
});
