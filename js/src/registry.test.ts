import { expect, test } from "vitest";
import { Registry } from "./registry";

test("a part that is there before its session gets it later", async () => {
  const registry = new Registry<string>();
  const found = registry.find("uid");
  registry.add("uid", "model");
  expect(await found).toBe("model");
});

test("a part that comes after its session gets it too", async () => {
  const registry = new Registry<string>();
  registry.add("uid", "model");
  expect(await registry.find("uid")).toBe("model");
});
