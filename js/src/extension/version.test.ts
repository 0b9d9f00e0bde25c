import { expect, test } from "vitest";
import { fits, misfit } from "./version";

test.each([
  ["1.2.3", "1.2.0", true],
  ["1.2.0.dev1", "1.2.9", true],
  ["1.2.3", "1.3.3", false],
  ["1.2.3", "2.2.3", false],
  ["", "1.2.3", false],
])("a kernel's %s and a front end's %s: %s", (kernel, front, expected) => {
  expect(fits(kernel, front)).toBe(expected);
});

test("the line names both versions and the command", () => {
  const line = misfit("1.2.3", "1.1.0");
  expect(line).toContain("The kernel has hyper_jupyter 1.2.3");
  expect(line).toContain("the Jupyter server's front end is 1.1.0");
  expect(line).toContain('pip install "hyper_jupyter==1.2.3"');
});
