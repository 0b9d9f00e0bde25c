import { expect, test } from "vitest";
import { Registry } from "./registry";

const NOTEBOOK = {};
const CONSOLE = {};

test("a part that is there before its session gets it later", async () => {
  const registry = new Registry<string>();
  const found = registry.find(NOTEBOOK, "uid");
  registry.add(NOTEBOOK, "uid", "model");
  expect(await found).toBe("model");
});

test("a part that comes after its session gets it too", async () => {
  const registry = new Registry<string>();
  registry.add(NOTEBOOK, "uid", "model");
  expect(await registry.find(NOTEBOOK, "uid")).toBe("model");
});

test("each widget manager has its own model of a session", async () => {
  const registry = new Registry<string>();
  registry.add(NOTEBOOK, "uid", "notebook's");
  registry.add(CONSOLE, "uid", "console's");
  expect(await registry.find(NOTEBOOK, "uid")).toBe("notebook's");
});

test("the newest model of a session is found, also after the older one went away", async () => {
  const registry = new Registry<string>();
  registry.add(NOTEBOOK, "uid", "old");
  registry.add(NOTEBOOK, "uid", "new");
  registry.remove(NOTEBOOK, "uid", "old");
  expect(await registry.find(NOTEBOOK, "uid")).toBe("new");
});

test("a session that went away is waited for", async () => {
  const registry = new Registry<string>();
  registry.add(NOTEBOOK, "uid", "old");
  registry.remove(NOTEBOOK, "uid", "old");
  const found = registry.find(NOTEBOOK, "uid");
  registry.add(NOTEBOOK, "uid", "new");
  expect(await found).toBe("new");
});
