// A small plot as inline SVG. DOM, no Jupyter.

import { HEIGHT, linePath, type Sample, spanOf, WIDTH } from "../../model/watch/sparkline";

const SVG = "http://www.w3.org/2000/svg";

export class Sparkline {
  readonly root = document.createElementNS(SVG, "svg");
  #line = document.createElementNS(SVG, "path");
  #path = "";

  constructor(kind: string) {
    this.root.setAttribute("class", `hj-plot hj-plot-${kind}`);
    this.root.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.root.setAttribute("preserveAspectRatio", "none");
    this.root.setAttribute("role", "img");
    this.#line.setAttribute("class", "hj-plot-line");
    this.root.append(this.#line);
  }

  /** Draw samples below a top that fits them. */
  draw(samples: readonly Sample[], top: number, label: string): void {
    const path = linePath(samples, spanOf(samples), top);
    if (path !== this.#path) this.#line.setAttribute("d", path);
    this.#path = path;
    this.root.setAttribute("aria-label", label);
  }
}
