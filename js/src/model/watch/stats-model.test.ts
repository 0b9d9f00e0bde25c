import { expect, test } from "vitest";
import { type ContainerFigures, KEPT, nextOrder, StatsModel, sortRows } from "./stats-model";
import { figures, recorder, row, STATUS, statsNews } from "./watch-bench";
import type { Point } from "./watch-messages";

function point(number: number): Point {
  return [number, number, number, number];
}

test("rows come, keep their points, and go", () => {
  const model = new StatsModel(recorder(), STATUS);
  model.receive(statsNews(model.page, 2, { after: 0, rows: [row("a", [point(1)]), row("b")] }));
  model.receive(statsNews(model.page, 3, { left_out: 4, rows: [row("a", [point(3)])] }));
  expect([...model.rows.keys()]).toEqual(["a"]);
  expect(model.rows.get("a")?.points.map(([number]) => number)).toEqual([1, 3]);
  expect(model.leftOut).toBe(4);
});

test("points that come twice are kept once, and no more than the newest", () => {
  const model = new StatsModel(recorder(), STATUS);
  const all = Array.from({ length: KEPT + 30 }, (_, n) => point(n + 1));
  model.receive(statsNews(model.page, 60, { after: 0, rows: [row("a", all.slice(0, 60))] }));
  model.receive(statsNews(model.page, 150, { after: 0, rows: [row("a", all)] }));
  const points = model.rows.get("a")?.points ?? [];
  expect([points.length, points[0]?.[0], points.at(-1)?.[0]]).toEqual([KEPT, 31, KEPT + 30]);
});

function named(name: string, more = {}): ContainerFigures {
  return { ...row(name), figures: figures(more) };
}

test("rows are sorted by a column, and those without a figure come last", () => {
  const rows = [
    named("b", { cpu_percent: 9, memory: 1 }),
    named("a", { cpu_percent: 80, memory: 3 }),
    { ...named("c"), figures: null },
    named("D", { cpu_percent: 10, memory: 2 }),
  ];
  const order = (key: "name" | "cpu" | "memory", descending: boolean) =>
    sortRows(rows, { key, descending }).map(({ name }) => name);
  expect(order("name", false)).toEqual(["a", "b", "c", "D"]);
  expect(order("cpu", true)).toEqual(["a", "D", "b", "c"]);
  expect(order("cpu", false)).toEqual(["b", "D", "a", "c"]);
  expect(order("memory", true)).toEqual(["a", "D", "b", "c"]);
  expect(sortRows(rows, null)).toEqual(rows);
});

test("a title sorts, then the other way round, then not at all", () => {
  const first = nextOrder(null, "cpu");
  expect(first).toEqual({ key: "cpu", descending: true });
  const second = nextOrder(first, "cpu");
  expect(second).toEqual({ key: "cpu", descending: false });
  expect(nextOrder(second, "cpu")).toBeNull();
  expect(nextOrder(second, "name")).toEqual({ key: "name", descending: false });
});
