// A bar that changes a size: it is dragged, or moved with the arrow keys. DOM only.

import { element } from "./dom";
import { keepKeys, take } from "./shortcuts";

export interface SplitterOptions {
  /** What it changes, for screen readers. */
  label: string;
  /** The direction in which it moves. */
  axis: "x" | "y";
  /** The current size and its bounds. */
  value: () => { now: number; min: number; max: number };
  /** Take a new size. */
  change: (value: number) => void;
  /** How much one pixel of the pointer's movement changes the size. */
  unit: () => number;
  /** How much one press of an arrow key changes it. */
  step: number;
}

/** Make a splitter. */
export function makeSplitter(options: SplitterOptions): HTMLElement {
  const horizontal = options.axis === "x";
  const bar = element("div", `hj-splitter hj-splitter-${options.axis}`, {
    tabIndex: 0,
    role: "separator",
  });
  bar.ariaLabel = options.label;
  bar.ariaOrientation = horizontal ? "vertical" : "horizontal";
  const set = (value: number) => {
    const { min, max } = options.value();
    options.change(Math.min(max, Math.max(min, value)));
    announce();
  };
  const announce = () => {
    const { now, min, max } = options.value();
    bar.ariaValueNow = String(Math.round(now));
    bar.ariaValueMin = String(min);
    bar.ariaValueMax = String(max);
  };
  bar.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    bar.setPointerCapture(down.pointerId);
    const from = options.value().now;
    const at = (event: PointerEvent) => (horizontal ? event.clientX : event.clientY);
    const move = (event: PointerEvent) => set(from + (at(event) - at(down)) * options.unit());
    const up = () => {
      bar.removeEventListener("pointermove", move);
      bar.removeEventListener("pointerup", up);
      bar.removeEventListener("pointercancel", up);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", up);
    bar.addEventListener("pointercancel", up);
  });
  bar.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = horizontal
      ? { ArrowLeft: -1, ArrowRight: 1 }
      : { ArrowUp: -1, ArrowDown: 1 };
    const step = steps[event.key];
    if (!step) return;
    take(event);
    set(options.value().now + step * options.step);
  });
  keepKeys(bar);
  announce();
  return bar;
}
