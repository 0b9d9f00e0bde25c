import { expect, test } from "vitest";
import { second } from "../../model/second-modules";
import { paneWithErrors, ReadingDoor } from "./reading-door";

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

test("errors are counted as soon as another pane has loaded the code", () => {
  let made = 0;
  const door = new ReadingDoor(() => {
    made += 1;
    return { errors: { count: () => 7 } } as never;
  });
  expect(door.errors).toBe(0);
  second.add("reading", {});
  expect([door.errors, door.errors, made]).toEqual([7, 7, 1]);
});
