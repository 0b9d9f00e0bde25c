import { beforeEach, expect, test, vi } from "vitest";
import { type SecondModule, SecondModules } from "../second-modules";
import { readFilter } from "./filter/filter";
import { LineShaper } from "./line-shaper";
import { Shaping } from "./shaping";

const LINES = '{"level":"info","msg":"x"}\n'.repeat(4);
const settled = () => new Promise<void>((done) => setTimeout(done));

const page = vi.hoisted(() => ({ modules: undefined as SecondModules | undefined }));
vi.mock("../second-modules", async (original) => ({
  ...(await original<object>()),
  get second() {
    return page.modules;
  },
}));

beforeEach(() => {
  page.modules = new SecondModules("");
  page.modules.add("lines", { LineShaper, readFilter });
});

/** A page that has not loaded what shapes lines; `answers` are what its attempts to do so find. */
function unloaded(...answers: ("there" | "not there")[]) {
  const make = () => ({ LineShaper, readFilter });
  const fetch = vi.fn(async (_name: string): Promise<SecondModule> => {
    if (answers.shift() === "not there") throw new Error("not there");
    return { build: "", make };
  });
  page.modules = new SecondModules("");
  page.modules.open({ late: "", fetch }, {});
  return fetch;
}

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

test("lines are shown as they come until their code is there, then once again", async () => {
  const fetch = unloaded("there");
  const noticed = vi.fn();
  const shaping = new Shaping(undefined, noticed);
  const shape = shaping.begin();
  expect(shape?.push(1, LINES).text).toBe(LINES);
  expect([shaping.structured, shaping.waits, noticed.mock.calls.length]).toEqual([true, true, 0]);
  expect(shape?.push(1, LINES).text).toBe(LINES);
  await vi.waitFor(() => expect(noticed).toHaveBeenCalledTimes(1));
  expect(shaping.begin()?.push(1, LINES).text).toContain("INFO");
  expect(fetch.mock.calls).toEqual([["lines"]]);
});

test("a choice that is remembered has its code fetched before the first line", async () => {
  const fetch = unloaded("there");
  const noticed = vi.fn();
  const shaping = new Shaping(true, noticed);
  expect(shaping.begin()).toBeUndefined();
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(shaping.waits).toBe(true);
  await vi.waitFor(() => expect(noticed).toHaveBeenCalledTimes(1));
  expect(shaping.waits).toBe(false);
});

test("a pane of text fetches nothing", () => {
  const fetch = unloaded();
  new Shaping(undefined, () => {}).begin()?.push(1, "one\ntwo\nthree\nfour\n");
  expect(fetch).not.toHaveBeenCalled();
});

test("code that does not come is said; when it comes after all, lines are drawn once", async () => {
  unloaded("not there", "not there", "there");
  const [noticed, failed] = [vi.fn(), vi.fn()];
  const shaping = new Shaping(true, noticed, failed);
  for (const times of [1, 2]) {
    expect(shaping.begin()).toBeUndefined();
    await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(times));
    expect(shaping.waits).toBe(false);
  }
  expect(failed).toHaveBeenCalledWith("not there");
  expect(noticed).not.toHaveBeenCalled();
  shaping.begin();
  await vi.waitFor(() => expect(noticed).toHaveBeenCalledTimes(1));
  await settled();
  expect(noticed).toHaveBeenCalledTimes(1);
});
