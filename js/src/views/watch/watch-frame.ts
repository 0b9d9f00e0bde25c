// What all live views have in common: a header with the state and Stop, and drawing only what can be
// seen. DOM, no Jupyter.

import { type KernelEnd, kernelGone } from "../../model/outcome";
import type {
  EventsNews,
  FramesNews,
  StatsNews,
  WatchStatus,
} from "../../model/watch/watch-messages";
import type { WatchModel } from "../../model/watch/watch-model";
import { ActionButton } from "../elements/action-button";
import { element, setText } from "../elements/dom";
import { watchSeen } from "../elements/seen";
import { keepKeys } from "../elements/shortcuts";

type AnyWatch = WatchModel<StatsNews> | WatchModel<EventsNews> | WatchModel<FramesNews>;

export interface WatchWords {
  state: string;
  word: string;
  /** One sentence about what is wrong; may be empty. */
  detail: string;
}

/** Say where a watch stands, as far as this page knows. */
export function describeWatch(
  status: WatchStatus,
  kernelEnd: KernelEnd | "",
  heard: boolean,
): WatchWords {
  const { state, error } = status;
  if (kernelEnd && !["stopped", "ended", "failed"].includes(state)) {
    const how = kernelGone(kernelEnd).replace("the", "The");
    const detail = `${how}, and nothing changes here any more. Run its cell again for a new view.`;
    return { state: "lost", word: `kernel ${kernelEnd}`, detail };
  }
  switch (state) {
    case "live":
      return heard ? { state, word: "live", detail: "" } : { state, word: "waiting", detail: "" };
    case "gone":
      return {
        state,
        word: "engine gone",
        detail: `The engine does not answer, and is asked again. ${error}`.trim(),
      };
    case "failed":
      return { state, word: "failed", detail: error };
    default:
      return { state, word: state, detail: error };
  }
}

export class WatchFrame {
  readonly root: HTMLElement;
  /** In the header; for what belongs to one kind of view. */
  readonly tools = element("div", "hj-watch-tools");
  #model: AnyWatch;
  #draw: () => void;
  #stops: string;
  #what = element("span", "hj-fact");
  #host = element("span", "hj-fact");
  #state = element("span", "hj-state");
  #word = element("span", "hj-word", { role: "status" });
  #detail = element("div", "hj-notes", { role: "status" });
  #stop: ActionButton;
  #seen = false;
  #stale = true;
  #filled = false;
  #ends: (() => void)[];

  /**
   * `draw` is called when there is something new, and the view can be seen. `stops` says what the button
   * does, `count` how much there is.
   */
  constructor(
    title: string,
    model: AnyWatch,
    content: HTMLElement[],
    draw: () => void,
    { stops = "stop asking the engine", count }: { stops?: string; count?: HTMLElement } = {},
  ) {
    this.#stops = stops;
    this.#model = model;
    this.#draw = draw;
    this.#state.append(element("span", "hj-dot", { ariaHidden: "true" }), this.#word);
    this.#stop = new ActionButton(
      "Stop",
      () => model.stop(),
      () => {},
    );
    keepKeys(this.#stop.root);
    const name = element("strong", "hj-name", {}, title);
    const words = [name, this.#state, this.#what, this.#host];
    const facts = element("div", "hj-facts", {}, ...words, ...(count ? [count] : []));
    const tools = element("div", "hj-head-tools", {}, this.tools, this.#stop.root);
    const head = element("div", "hj-head", {}, facts, tools);
    const header = element("header", "hj-header", {}, head, this.#detail);
    this.root = element("article", "hj-session hj-watch", {}, header, ...content);
    this.#ends = [
      model.onChange(() => this.#changed()),
      watchSeen(this.root, (seen) => {
        this.#seen = seen;
        model.setSeen(this, seen);
        if (seen && this.#stale) this.#update();
      }),
    ];
    this.#describe();
    this.#update();
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#model.setSeen(this, false);
  }

  /** Bring the header up to date; it costs little. The content waits until it can be seen. */
  #changed(): void {
    this.#describe();
    this.#stale = true;
    if (this.#seen || !this.#filled) this.#update();
  }

  #update(): void {
    this.#stale = false;
    this.#filled = this.#model.heard; // before that it has no height of its own
    this.#draw();
  }

  #describe(): void {
    const { status, kernelEnd, heard, stopping, over } = this.#model;
    const { state, word, detail } = describeWatch(status, kernelEnd, heard);
    // style.css hides the saved output beside a view, or the view if it has nothing to show.
    this.root.classList.toggle("hj-live", heard);
    this.root.classList.toggle("hj-unheard", this.#model.unanswered);
    this.#state.dataset.state = state;
    setText(this.#word, stopping && !kernelEnd ? "stopping" : word);
    setText(this.#what, status.what);
    setText(this.#host, status.engine);
    this.#host.title = `engine ${status.engine} at ${status.host}`;
    setText(this.#detail, detail);
    this.#stop.root.hidden = over || kernelEnd !== "";
    this.#stop.explain("", this.#stops);
  }
}
