import { expect, test, vi } from "vitest";
import { OTHER_BUILD, type SecondModule, SecondModules, type Source } from "./second-modules";

/** A source that is told what to answer. */
class Scripted implements Source {
  readonly late = "late";
  readonly asked: string[] = [];
  #answers: (SecondModule | Error)[];

  constructor(...answers: (SecondModule | Error)[]) {
    this.#answers = answers;
  }

  async fetch(name: string): Promise<SecondModule> {
    this.asked.push(name);
    const answer = this.#answers.shift();
    if (answer instanceof Error) throw answer;
    return answer as SecondModule;
  }
}

const module = (build = "b"): SecondModule => ({ build, make: (core) => ({ given: core("x") }) });

function opened(...answers: (SecondModule | Error)[]) {
  const modules = new SecondModules("b");
  const source = new Scripted(...answers);
  const shared = { name: "x" };
  modules.open(source, { x: shared });
  return { modules, source, shared };
}

test("a module is fetched once, and given the core's modules", async () => {
  const { modules, source, shared } = opened(module());
  const [first, second] = await Promise.all([
    modules.load<{ given: object }>("one"),
    modules.load("one"),
  ]);
  expect(first.given).toBe(shared);
  expect(second).toBe(first);
  expect(modules.now("one")).toBe(first);
  expect(modules.now("other")).toBeUndefined();
  expect(await modules.load("one")).toBe(first);
  expect(source.asked).toEqual(["one"]);
});

test("after a failure the next one that needs it fetches it again, and all go on", async () => {
  const { modules, source } = opened(new Error("no network"), module());
  const told = vi.fn();
  const waiting = modules.load("one", told);
  await vi.waitFor(() => expect(told).toHaveBeenCalledWith("no network"));
  const other = vi.fn();
  const found = await modules.load("one", other);
  expect(await waiting).toBe(found);
  expect(source.asked).toEqual(["one", "one"]);
  expect(told).toHaveBeenCalledTimes(1);
  expect(other).not.toHaveBeenCalled();
});

test("a module of another build is refused, and the line says to reload", async () => {
  const make = vi.fn();
  const { modules } = opened({ build: "c", make });
  const told = vi.fn();
  void modules.load("one", told);
  await vi.waitFor(() => expect(told).toHaveBeenCalledWith(OTHER_BUILD));
  expect(OTHER_BUILD).toContain("Reload this page");
  expect(make).not.toHaveBeenCalled();
});

test("what is there from the start is not fetched", async () => {
  const { modules, source } = opened();
  const exports = {};
  modules.add("one", exports);
  expect(modules.now("one")).toBe(exports);
  expect(await modules.load("one")).toBe(exports);
  expect(source.asked).toEqual([]);
});
