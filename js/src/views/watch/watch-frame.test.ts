import { expect, test } from "vitest";
import { STATUS } from "../../model/watch/watch-bench";
import type { WatchState } from "../../model/watch/watch-messages";
import { describeWatch } from "./watch-frame";

function words(state: WatchState, error = "", kernelGone = false, heard = true): string[] {
  const found = describeWatch({ ...STATUS, state, error }, kernelGone, heard);
  return [found.state, found.word, found.detail];
}

test("each state has its words", () => {
  expect(words("live")).toEqual(["live", "live", ""]);
  expect(words("live", "", false, false)).toEqual(["live", "waiting", ""]);
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

test("without a kernel nothing changes any more, unless it was over before", () => {
  expect(words("live", "", true).slice(0, 2)).toEqual(["lost", "no kernel"]);
  expect(words("gone", "refused", true).slice(0, 2)).toEqual(["lost", "no kernel"]);
  expect(words("stopped", "", true)).toEqual(["stopped", "stopped", ""]);
});
