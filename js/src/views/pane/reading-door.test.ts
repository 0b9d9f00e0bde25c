import { expect, test } from "vitest";
import { paneWithErrors } from "./reading-door";

const pane = (errors: number) => ({ reading: { errors } });

test("errors are looked for in the other panes, from one pane on and round", () => {
  const [stdout, stderr, third] = [pane(0), pane(40), pane(1)];
  const panes = [stdout, stderr, third];
  expect(paneWithErrors(panes, stdout)).toBe(stderr);
  expect(paneWithErrors(panes, stderr)).toBe(third);
  expect(paneWithErrors(panes, third)).toBe(stderr);
});

test("no other pane may have errors", () => {
  const only = pane(3);
  expect(paneWithErrors([only], only)).toBeUndefined();
  expect(paneWithErrors([only, pane(0), { reading: undefined }], only)).toBeUndefined();
});
