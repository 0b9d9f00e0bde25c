import { expect, test } from "vitest";
import { lookOf, lookUp } from "./line-lookup";
import { LineShaper, NOTHING } from "./line-shaper";

const shaper = (text: string, options = {}) => {
  const made = new LineShaper({ ...NOTHING, structured: true, ...options });
  made.push(1, text);
  return made;
};
const folded = (value: string, more: string) => `{"msg":"m","x":{"${value}":1}${more}}\n`;

test("lines that look the same are known by how many are below", () => {
  const made = shaper(folded("a", "") + folded("b", "") + folded("c", ""));
  const raw = (below: string[]) => lookUp(made, "m x={1}", [], below, "")?.line.raw;
  expect(raw([])).toContain('"c"');
  expect(raw(["m x={1}"])).toContain('"b"');
  expect(raw(["other", "m x={1}", "m x={1}"])).toContain('"a"');
});

test("times and marks in front do not count where the pane has them", () => {
  const made = shaper(folded("a", ""));
  expect(lookUp(made, "01:02:03.004 ▌ m x={1}", [], [], "mark")?.line.raw).toContain('"a"');
  expect(lookUp(made, "01:02:03.004 ▌ m x={1}", [], [], "")).toBeUndefined();
});

test("a line comes with those that belong to it", () => {
  const made = shaper("one\nERROR x\n  at a\n  at b\ntwo\n");
  const group = lookUp(made, "  at a", [], ["  at b", "two"], "")?.group;
  expect(group?.map(({ raw }) => raw)).toEqual(["ERROR x", "  at a", "  at b"]);
});

test("the line that stands for folded ones has all of them", () => {
  const made = shaper(`E\n${"  at x\n".repeat(8)}next\n`, { fold: true });
  const found = lookUp(made, "    … 5 more lines", ["  at x"], ["next"], "");
  expect(found?.group.length).toBe(9);
});

test("blanks and colours do not change how a line looks", () => {
  expect(lookOf("\x1b[1ma\tb \r")).toBe("a b");
  expect(lookOf("10 %\r20 %")).toBe("20 %");
});

test("what is not remembered is not found", () => {
  expect(lookUp(shaper("x\n"), "y", [], [], "")).toBeUndefined();
});

test.each(["tw", "o"])("a line that a mark has cut is found by any part of it: %s", (part) => {
  const made = shaper("one\n");
  made.push(1, "tw");
  made.release(1); // as a mark does it
  made.push(1, "o\n");
  const [above, below] =
    part === "o" ? [["— mark —", "tw", "one"], []] : [["one"], ["— mark —", "o"]];
  const raw = lookUp(made, part, above, below, "")?.line.raw;
  expect(raw).toBe("two");
});

test("a line next to a mark that has cut nothing is itself", () => {
  const made = shaper("one\ntwo\none\n");
  const found = lookUp(made, "one", [], ["— mark —", "two", "one"], "");
  expect(found?.line).toBe([...made.newest()].at(-1));
});
