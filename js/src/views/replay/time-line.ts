// The time line of a player: a slider with the markers on it. DOM only.

import { formatClock } from "../../model/quantities";
import type { ReplayModel } from "../../model/replay/replay-model";
import { element } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";

/** Markers that are drawn; the keys reach all of them. */
const MARKERS = 500;

export class TimeLine {
  readonly root: HTMLElement;
  #model: ReplayModel;
  #bar = element("div", "hj-time-bar");
  #done = element("div", "hj-time-done");
  #marks = element("div", "hj-time-marks", { ariaHidden: "true" });
  #length = Number.NaN;

  constructor(model: ReplayModel) {
    this.#model = model;
    this.#bar.append(this.#done, this.#marks);
    this.root = element("div", "hj-time-line", { tabIndex: 0, role: "slider" }, this.#bar);
    this.root.ariaLabel = "position";
    keepKeys(this.root);
    this.root.addEventListener("pointerdown", (event) => this.#drag(event));
    this.update();
    this.draw();
  }

  /** Say where it stands. Not while it plays: a screen reader would say every change. */
  update(): void {
    const { length, position } = this.#model;
    if (length !== this.#length) {
      this.#length = length;
      this.#drawMarks();
    }
    this.root.ariaValueMin = "0";
    this.root.ariaValueMax = String(Math.round(length));
    this.root.ariaValueNow = String(Math.round(position));
    this.root.ariaValueText = `${formatClock(position)} of ${formatClock(length)}`;
  }

  /** Draw the position. */
  draw(): void {
    const { position, length } = this.#model;
    this.#done.style.width = `${length ? (100 * position) / length : 100}%`;
  }

  #drawMarks(): void {
    const { length } = this.#model;
    const marks = this.#model.markers.slice(0, MARKERS).map((marker) => {
      const mark = element("div", "hj-time-mark");
      mark.dataset.kind = marker.kind;
      const position = this.#model.positionOf(marker.time);
      mark.style.left = `${length ? (100 * position) / length : 0}%`;
      mark.title = `${marker.text || marker.kind} (${formatClock(position)})`;
      mark.addEventListener("pointerdown", (event) => {
        event.stopPropagation();
        this.#model.seekTime(marker.time);
        this.root.focus();
      });
      return mark;
    });
    this.#marks.replaceChildren(...marks);
  }

  #drag(down: PointerEvent): void {
    if (down.button) return;
    const { left, width } = this.#bar.getBoundingClientRect();
    const go = (event: PointerEvent) => {
      this.#model.seek((this.#model.length * (event.clientX - left)) / Math.max(1, width));
    };
    this.root.setPointerCapture(down.pointerId);
    const listening = new AbortController();
    const { signal } = listening;
    this.root.addEventListener("pointermove", go, { signal });
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.root.addEventListener(end, () => listening.abort(), { signal });
    }
    go(down);
  }
}
