import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bench, STATUS } from "./session-bench";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a size is sent when it changes, or is claimed", () => {
  const { port, model } = bench();
  model.sizes.report(1, 24, 80);
  model.sizes.report(1, 24, 80);
  model.sizes.report(2, 24, 80);
  model.sizes.report(1, 24, 100);
  model.sizes.report(1, 24, 100, true);
  expect(port.sent).toMatchObject([
    { view: 1, cols: 80 },
    { view: 2, cols: 80 },
    { view: 1, cols: 100, claim: false },
    { view: 1, cols: 100, claim: true },
  ]);
});

test("when the kernel asks for the owner of the size, that view is announced", () => {
  const { port, model } = bench();
  model.sizes.report(1, 24, 80);
  model.sizes.report(2, 24, 90);
  model.status = { ...STATUS, size: [24, 90], size_owner: [model.page, 2] };
  port.sent.length = 0;
  model.receive({ type: "who", page: "other" }, new Uint8Array());
  model.receive({ type: "who", page: model.page }, new Uint8Array());
  expect(port.sent).toMatchObject([{ view: 2, cols: 90, claim: false }]);
});

test("a view that is gone is reported once, and not announced any more", () => {
  const { port, model } = bench();
  model.sizes.report(1, 24, 80);
  model.sizes.discard(1);
  model.sizes.discard(1);
  model.receive({ type: "who", page: model.page }, new Uint8Array());
  expect(port.sent).toMatchObject([
    { view: 1, cols: 80 },
    { view: 1, rows: 0, cols: 0 },
  ]);
});
