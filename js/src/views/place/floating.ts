// A view that floats in front of the notebook: it is dragged at its header and sized at its edges, or
// both with the arrow keys, and begins where the last one was. DOM only.

import { element } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { take } from "../elements/shortcuts";
import {
  type Box,
  besideOthers,
  type Edges,
  firstBox,
  fitBox,
  movedBox,
  parseBox,
  type Room,
  sizedBox,
} from "./float-box";
import { makePageLayer, type PageLayer } from "./page-layer";

const KEY = "hyper-jupyter:float";
const EDGES: readonly Edges[] = ["n", "e", "s", "w", "ne", "se", "sw", "nw"];
/** Pixels that an arrow key moves or grows it by. */
const STEP = 24;
/** Where a press begins a drag, and what in it is for something else. */
const HANDLE = ".hj-header";
const NO_HANDLE = "button:not(.hj-grip), input, a, [popover]";
const ARROWS: Record<string, [right: number, down: number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

const open = new Set<Floating>();

export class Floating {
  /** Where the view goes. */
  readonly node = element("div", "hj-stage");
  /** A button that moves it by the keyboard. */
  readonly grip: HTMLButtonElement;
  #layer: PageLayer;
  #box: Box;
  #wanted: Box;
  #refit = () => this.#put(this.#wanted);

  constructor(near: Node, name: string) {
    this.#layer = makePageLayer(near, "hj-float");
    const { root } = this.#layer;
    const label = `move ${name} with the arrow keys; with Shift they change its size`;
    this.grip = iconButton("move", label, () => {});
    this.grip.classList.add("hj-grip");
    this.grip.addEventListener("keydown", (event) => this.#press(event));
    root.role = "region";
    root.ariaLabel = `${name}, kept in view`;
    root.append(this.node, ...EDGES.map((edges) => this.#edge(edges)));
    this.node.addEventListener("pointerdown", (down) => {
      const pressed = down.target as Element;
      const handle = pressed.closest<HTMLElement>(HANDLE);
      if (!handle || pressed.closest(NO_HANDLE)) return;
      this.#drag(handle, down, (from, right, down) => movedBox(from, right, down, room()));
    });
    const others = [...open].map((each) => each.#box);
    this.#wanted = besideOthers(readBox() ?? firstBox(room()), others, room());
    this.#box = this.#wanted;
    this.#put(this.#wanted);
    open.add(this);
    window.addEventListener("resize", this.#refit);
  }

  close(): void {
    open.delete(this);
    window.removeEventListener("resize", this.#refit);
    this.#layer.close();
  }

  /** Show it as far as the window allows. A larger window later shows it as it was wanted. */
  #put(box: Box): void {
    this.#wanted = box;
    this.#box = fitBox(box, room());
    const { style } = this.#layer.root;
    for (const side of ["left", "top", "width", "height"] as const) {
      style[side] = `${this.#box[side]}px`;
    }
  }

  #keep(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#box));
    } catch {
      // The browser keeps nothing for this page.
    }
  }

  #press(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    take(event);
    const [right, down] = arrow;
    this.#put(
      event.shiftKey
        ? sizedBox(this.#box, "se", right, down, room())
        : movedBox(this.#box, right, down, room()),
    );
    this.#keep();
  }

  #edge(edges: Edges): HTMLElement {
    const handle = element("div", `hj-float-edge hj-float-${edges}`, { ariaHidden: "true" });
    handle.addEventListener("pointerdown", (down) => {
      this.#drag(handle, down, (from, right, down) => sizedBox(from, edges, right, down, room()));
    });
    return handle;
  }

  #drag(
    handle: HTMLElement,
    down: PointerEvent,
    change: (from: Box, right: number, down: number) => Box,
  ): void {
    if (down.button !== 0) return;
    down.preventDefault();
    handle.setPointerCapture(down.pointerId);
    const from = this.#box;
    const move = (event: PointerEvent) => {
      this.#put(change(from, event.clientX - down.clientX, event.clientY - down.clientY));
    };
    const listening = new AbortController();
    const { signal } = listening;
    const up = () => {
      listening.abort();
      this.#keep();
    };
    handle.addEventListener("pointermove", move, { signal });
    handle.addEventListener("pointerup", up, { signal });
    handle.addEventListener("pointercancel", up, { signal });
  }
}

function room(): Room {
  return { width: document.documentElement.clientWidth, height: innerHeight };
}

function readBox(): Box | undefined {
  try {
    return parseBox(localStorage.getItem(KEY));
  } catch {
    return undefined; // the browser keeps nothing for this page
  }
}
