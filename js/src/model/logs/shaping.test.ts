import { expect, test } from "vitest";
import { Shaping } from "./shaping";

const LINES = '{"level":"info","msg":"x"}\n'.repeat(4);
const settled = () => new Promise<void>((done) => setTimeout(done));

test("a pane of text is passed on as it is", async () => {
  let noticed = 0;
  const shaping = new Shaping(undefined, () => (noticed += 1));
  expect(shaping.begin()?.push(1, "one\ntwo\nthree\n").text).toBe("one\ntwo\nthree\n");
  await settled();
  expect([shaping.structured, noticed]).toEqual([false, 0]);
});

test("a pane of structured lines is noticed once, and drawn again as such", async () => {
  let noticed = 0;
  const shaping = new Shaping(undefined, () => (noticed += 1));
  const shape = shaping.begin();
  expect(shape?.push(1, LINES).text).toBe(LINES);
  shape?.push(1, LINES);
  await settled();
  expect([shaping.structured, noticed]).toEqual([true, 1]);
  expect(shaping.begin()?.push(1, LINES).text).toContain("INFO");
});

test("what the user has chosen is not looked for", async () => {
  let noticed = 0;
  const shaping = new Shaping(false, () => (noticed += 1));
  expect(shaping.begin()).toBeUndefined();
  shaping.filter = " x ";
  expect(shaping.begin()?.push(1, LINES).text).toBe(LINES);
  await settled();
  expect([shaping.structured, noticed]).toEqual([false, 0]);
});

test("a filter without an effect on the look is used while lines are looked at", async () => {
  const shaping = new Shaping(undefined, () => {});
  shaping.filter = "level>=warn";
  const shape = shaping.begin();
  expect(shape?.push(1, LINES).text).toBe("");
  await settled();
  expect([shaping.structured, shaping.shaper?.total]).toEqual([true, 4]);
});
