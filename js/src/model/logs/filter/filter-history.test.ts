import { expect, test } from "vitest";
import type { History } from "../../messages";
import { readFilter } from "./filter";
import { filterHistory } from "./filter-history";

const NONE: History = {
  type: "history",
  page: "p",
  number: 1,
  lines: [],
  left_out: 0,
  joints: { "1": "", "2": "", both: "" },
};

test("a filter chooses among the lines of a pane's streams, and keeps those around", () => {
  const lines: History["lines"] = [
    [1, 1, "a"],
    [2, 2, "not here"],
    [3, 1, "b"],
    [4, 1, '{"level":"error"}'],
    [5, 1, "c"],
  ];
  const texts = (typed: string, ...streams: (1 | 2)[]) =>
    filterHistory({ ...NONE, lines }, streams, readFilter(typed)).lines.map(([, , text]) => text);
  expect(texts("level=error", 1)).toEqual(['{"level":"error"}']);
  expect(texts("level=error around:1", 1)).toEqual(["b", '{"level":"error"}', "c"]);
  expect(texts("stream:stderr", 1, 2)).toEqual(["not here"]);
});
