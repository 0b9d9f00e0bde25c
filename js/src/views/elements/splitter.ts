// A bar that is dragged, or moved with the arrow keys, to change a size. Knows the DOM only.

import { element } from "./dom";

export interface Grip {
  /** What it changes, for those who do not see it. */
  label: string;
  /** The bar lies across this direction of movement. */
  axis: "x" | "y";
  /** The size now, and its bounds. */
  value: () => { now: number; min: number; max: number };
  /** Take a new size; `unit` of it is one pixel of the pointer. */
  change: (value: number) => void;
  /** How much of the size a pixel is, and a press of an arrow key. */
  unit: () => number;
  step: number;
}

export function makeGrip(grip: Grip): HTMLElement {
  const horizontal = grip.axis === "x";
  const bar = element("div", `hj-grip hj-grip-${grip.axis}`, { tabIndex: 0, role: "separator" });
  bar.ariaLabel = grip.label;
  bar.ariaOrientation = horizontal ? "vertical" : "horizontal";
  const set = (value: number) => {
    const { min, max } = grip.value();
    grip.change(Math.min(max, Math.max(min, value)));
    announce();
  };
  const announce = () => {
    const { now, min, max } = grip.value();
    bar.ariaValueNow = String(Math.round(now));
    bar.ariaValueMin = String(min);
    bar.ariaValueMax = String(max);
  };
  bar.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    bar.setPointerCapture(down.pointerId);
    const from = grip.value().now;
    const at = (event: PointerEvent) => (horizontal ? event.clientX : event.clientY);
    const move = (event: PointerEvent) => set(from + (at(event) - at(down)) * grip.unit());
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
    event.preventDefault();
    event.stopPropagation();
    set(grip.value().now + step * grip.step);
  });
  bar.dataset.lmSuppressShortcuts = "true";
  announce();
  return bar;
}
