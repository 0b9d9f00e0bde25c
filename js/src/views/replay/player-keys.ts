// The keys of a player. DOM events only.

import type { ReplayModel } from "../../model/replay/replay-model";
import { SPEEDS } from "../../model/replay/replay-model";

/** Seconds of playing that an arrow key moves. */
const SKIP = 5;

/** Elements that have keys of their own. */
const OWN_KEYS = "button, select, input, [role=separator], [role=menu]";

/**
 * Do what a key means for a player, and return words for it; "" if there is nothing to say, undefined
 * if the key is not the player's.
 */
export function pressKey(event: KeyboardEvent, model: ReplayModel): string | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const { key } = event;
  const own = event.target instanceof Element && event.target.closest(OWN_KEYS);
  if (own && (key === " " || key === "Enter" || !own.matches("button"))) return undefined;
  if (/^[0-9]$/.test(key)) {
    model.seek((model.length * Number(key)) / 10);
    return "";
  }
  switch (key) {
    case " ":
      model.toggle();
      return "";
    case "ArrowLeft":
      model.seek(model.position - SKIP);
      return "";
    case "ArrowRight":
      model.seek(model.position + SKIP);
      return "";
    case "Home":
      model.seek(0);
      return "";
    case "End":
      model.seek(model.length);
      return "";
    case ".":
      model.step(1);
      return "";
    case ",":
      model.step(-1);
      return "";
    case "]":
      return markerText(model, 1);
    case "[":
      return markerText(model, -1);
    case ">":
      return speedText(model, 1);
    case "<":
      return speedText(model, -1);
    default:
      return undefined;
  }
}

/** Go to a marker, and say which it is. */
export function markerText(model: ReplayModel, direction: 1 | -1): string {
  const marker = model.toMarker(direction);
  if (!marker) return direction > 0 ? "no marker after this" : "no marker before this";
  return `marker: ${marker.text || marker.kind}`;
}

function speedText(model: ReplayModel, direction: 1 | -1): string {
  const faster = SPEEDS.find((speed) => speed > model.speed);
  const slower = SPEEDS.filter((speed) => speed < model.speed).at(-1);
  model.speed = (direction > 0 ? faster : slower) ?? model.speed;
  return `speed ${model.speed}`;
}
