import { expect, test } from "vitest";
import type { KernelEnd } from "../../model/outcome";
import { STATUS } from "../../model/watch/watch-bench";
import type { WatchState } from "../../model/watch/watch-messages";
import { describeWatch } from "./watch-frame";

function words(
  state: WatchState,
  error = "",
  kernelEnd: KernelEnd | "" = "",
  heard = true,
): string[] {
  const found = describeWatch({ ...STATUS, state, error }, kernelEnd, heard);
  return [found.state, found.word, found.detail];
}

test("each state has its words", () => {
  expect(words("live")).toEqual(["live", "live", ""]);
  expect(words("live", "", "", false)).toEqual(["live", "waiting", ""]);
  expect(words("connecting")).toEqual(["connecting", "connecting", ""]);
  expect(words("gone", "refused")).toEqual([
    "gone",
    "engine gone",
    "The engine does not answer, and is asked again. refused",
  ]);
  expect(words("failed", "403: no")).toEqual(["failed", "failed", "403: no"]);
  expect(words("stopped")).toEqual(["stopped", "stopped", ""]);
  expect(words("ended")).toEqual(["ended", "ended", ""]);
});

test("without its kernel nothing changes any more, unless it was over before", () => {
  expect(words("live", "", "shut down")).toEqual([
    "lost",
    "kernel shut down",
    "The kernel was shut down, and nothing changes here any more. Run its cell again for a new view.",
  ]);
  expect(words("gone", "refused", "restarted").slice(0, 2)).toEqual(["lost", "kernel restarted"]);
  expect(words("live", "", "died")[2]).toMatch(/^The kernel has died, and/);
  expect(words("stopped", "", "shut down")).toEqual(["stopped", "stopped", ""]);
});
