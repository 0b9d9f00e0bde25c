// Moves a view between its cell, a floating box, a tab or panel of the front end, and full screen.
// A line stays in the cell, which says where the view is. DOM, no Jupyter.

import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys } from "../elements/shortcuts";
import { DockStage } from "./dock-stage";
import { Floating } from "./floating";
import { FullScreen } from "./full-screen";
import { focusedIn, moveKeeping } from "./moving";
import { type Dock, type Place, type PlaceHost, reasonAgainst, standingOf } from "./place-host";
import { refusalText, whereText } from "./place-items";
import { PlaceMemory } from "./place-memory";
import { leaveButton, moveButtons } from "./place-tools";

/** What holds a cell's output, in the front ends that have cells. */
const CELL = ".jp-Cell, .cell";

const memory = new PlaceMemory();

export interface PlaceOptions {
  /** What the view is called, such as the container's name. */
  name: string;
  /** Whether Esc belongs to a program in the view. */
  tty: boolean;
  /** An element in its header, for the buttons that it has outside of its cell. */
  tools: HTMLElement;
  /** Where the notebook's code wants it. */
  wish: Place;
  /** Make the view as high as that, in pixels; undefined: as high as it is in its cell. */
  fill: (height: number | undefined) => void;
  /** Called with where it is, if that is not where the code wants it. */
  chosen: (place: Place) => void;
}

export class PlaceControl {
  #root: HTMLElement;
  #host: PlaceHost | undefined;
  #options: PlaceOptions;
  #wish: Place;
  #place: Place = "cell";
  /** What it is in, where that is not its cell; and full screen, on top of that. */
  #stage: Floating | DockStage | undefined;
  #full: FullScreen | undefined;
  /** In the cell: the line in the view's stead, and the line that says why it is there. */
  #line: HTMLElement;
  #where = element("span", "hj-elsewhere-text", { role: "status" });
  #refusal: HTMLElement | undefined;
  #refused = false;
  /** The cell, or the view's parent where there are no cells. */
  #cell: HTMLElement | undefined;
  #height: ResizeObserver;
  #prepare: () => void;
  #begun = false;
  #closed = false;
  #beginning: (() => void) | undefined;

  /**
   * `root`: the view. It is moved from the first time that it can be seen, and shows something. `start`
   * is called before it is moved first.
   */
  constructor(
    root: HTMLElement,
    host: PlaceHost | undefined,
    options: PlaceOptions,
    start: () => void,
  ) {
    this.#prepare = start;
    this.#root = root;
    this.#host = host;
    this.#options = options;
    this.#wish = options.wish;
    const back = element("button", "hj-stage-button", { type: "button" }, "Put back");
    keepKeys(back);
    back.addEventListener("click", () => this.#putBack());
    // The saved output below stays hidden, as for a view that is in its cell (styles/saved.css).
    this.#line = element("div", "hj-elsewhere hj-live", {}, this.#where, back);
    this.#height = new ResizeObserver(() => {
      const height = root.parentElement?.clientHeight;
      if (height) options.fill(height); // a tab that cannot be seen has none
    });
    this.#watchBegin();
  }

  get place(): Place {
    return this.#place;
  }

  /** Move it, because the notebook's code says so. */
  set wish(place: Place) {
    this.#wish = place;
    if (this.#begun) this.#obey(place);
  }

  /** Whether it fills the window. */
  get full(): boolean {
    return this.#full !== undefined;
  }

  /** Fill the window, or go back to where it was. */
  fill(on: boolean): void {
    if (on) this.#enterFull();
    else this.#leaveFull();
  }

  /** Move it to where the user wants it. */
  choose(place: Place): void {
    if (place === "cell") this.#putBack();
    else this.#choose(place);
  }

  /** Leave the cell for good: what comes next in it may go where this view was. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#beginning?.();
    this.#height.disconnect();
    this.#refusal?.remove();
    this.#full?.close();
    this.#full = undefined;
    const stage = this.#stage;
    this.#stage = undefined;
    if (this.#line.isConnected || this.#line.parentNode) this.#line.replaceWith(this.#root);
    const dock = stage instanceof DockStage ? stage.dock : undefined;
    if (this.#begun && this.#cell) {
      const place = this.#refused ? this.#wish : this.#place;
      const left = { wish: this.#wish, place, ...(dock ? { dock } : {}) };
      memory.leave(this.#cell, this.#options.name, left);
    }
    if (stage instanceof DockStage) stage.vacate(`${this.#options.name}: its cell has no view now`);
    else stage?.close();
  }

  /** Wait until the view is in the document, and has something to show. */
  #watchBegin(): void {
    const look = () => this.#begin();
    const size = new ResizeObserver(look);
    const classes = new MutationObserver(look);
    this.#beginning = () => {
      size.disconnect();
      classes.disconnect();
    };
    size.observe(this.#root);
    classes.observe(this.#root, { attributeFilter: ["class"] });
  }

  #begin(): void {
    const live = this.#root.classList.contains("hj-live");
    if (this.#begun || !live || !this.#root.isConnected || !this.#root.clientWidth) return;
    this.#start();
    const { place, dock } = memory.take(this.#near, this.#options.name, this.#wish);
    if (place === this.#wish) this.#obey(place, dock);
    else if (!reasonAgainst(place, this.#host)) this.#choose(place, dock);
  }

  #start(): void {
    this.#begun = true;
    this.#prepare();
    this.#beginning?.();
    this.#cell = this.#root.closest<HTMLElement>(CELL) ?? this.#root.parentElement ?? this.#root;
  }

  get #near(): HTMLElement {
    return this.#cell ?? this.#root;
  }

  /** Move to where the code wants it, or say why not, and let the code know where it is. */
  #obey(wish: Place, dock?: Dock): void {
    this.#refusal?.remove();
    const { place, reason } = standingOf(this.#place, wish, this.#host);
    this.#refused = reason !== "";
    if (!reason) {
      this.#move(place, dock);
      return;
    }
    this.#options.chosen(place);
    const text = element("span", "hj-elsewhere-text", { role: "status" });
    const refusal = element("div", "hj-elsewhere", {}, text);
    refusal.append(iconButton("close", "hide this line", () => refusal.remove()));
    this.#refusal = refusal;
    (this.#line.parentNode ? this.#line : this.#root).before(refusal);
    setText(text, refusalText(wish, reason));
  }

  /** Move to where the user wants it. */
  #choose(place: Place, dock?: Dock): void {
    if (!this.#begun) this.#start();
    this.#refusal?.remove();
    this.#refused = false;
    this.#move(place, dock);
    this.#options.chosen(place);
  }

  #putBack(): void {
    this.#choose("cell");
    this.#root.scrollIntoView({ block: "nearest" });
  }

  #move(place: Place, dock?: Dock): void {
    if (place === this.#place && !this.#full) return;
    const before = this.#stage;
    const full = this.#full;
    this.#full = undefined;
    if (place !== this.#place) {
      this.#stage = this.#open(place, dock);
      this.#place = place;
    }
    full?.uncover();
    this.#settle();
    full?.close();
    if (before !== this.#stage) before?.close();
  }

  #open(place: Place, dock: Dock | undefined): Floating | DockStage | undefined {
    if (place === "cell") return undefined;
    const { name } = this.#options;
    if (place === "float") return new Floating(this.#near, name);
    const lent = dock ?? this.#host?.open(place, this.#near, name);
    if (!lent) return undefined;
    lent.onClose = (byUser) => this.#lost(byUser);
    return new DockStage(lent);
  }

  /** The front end takes the tab or panel away. */
  #lost(byUser: boolean): void {
    if (byUser) this.#choose("cell");
    else this.#move("cell");
  }

  #enterFull(): void {
    if (this.#full) return;
    if (!this.#begun) this.#start();
    this.#full = new FullScreen(this.#near, this.#options.name, () => this.#leaveFull());
    this.#settle();
    if (!focusedIn(this.#root)) focusFirst(this.#options.tools);
  }

  #leaveFull(): void {
    const full = this.#full;
    if (!full) return;
    this.#full = undefined;
    full.uncover();
    this.#settle();
    full.close();
    if (!this.#stage) this.#root.scrollIntoView({ block: "nearest" });
  }

  /** Put the view into what it belongs in now. */
  #settle(): void {
    const node = this.#full?.node ?? this.#stage?.node;
    this.#height.disconnect();
    moveKeeping(this.#root, () => {
      if (!node) {
        this.#line.replaceWith(this.#root);
        return;
      }
      if (!this.#line.parentNode) this.#root.replaceWith(this.#line);
      node.replaceChildren(this.#root);
    });
    this.#root.classList.toggle("hj-placed", node !== undefined);
    this.#showTools();
    setText(this.#where, whereText(this.#options.name, this.#full ? "full" : this.#place));
    if (!node) {
      this.#options.fill(undefined);
      return;
    }
    this.#height.observe(node);
    // A line in its header needs room, too.
    for (const part of this.#root.children) this.#height.observe(part);
  }

  #showTools(): void {
    const { tools, tty } = this.#options;
    const focused = focusedIn(tools);
    const move = () =>
      moveButtons(
        () => this.#enterFull(),
        () => this.#putBack(),
      );
    if (this.#full) tools.replaceChildren(leaveButton(tty, () => this.#leaveFull()));
    else if (this.#stage instanceof Floating) tools.replaceChildren(this.#stage.grip, ...move());
    else tools.replaceChildren(...(this.#stage ? move() : []));
    tools.hidden = tools.childElementCount === 0;
    // The button that was pressed is gone.
    if (focused) focusFirst(tools.childElementCount ? tools : this.#root);
  }
}

function focusFirst(inside: HTMLElement): void {
  inside.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
}
