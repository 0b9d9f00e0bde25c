// The buttons for the panes of a view: find, filter, pause and a menu. What they change holds for all
// of its panes. DOM, no Jupyter.

import type { Stream } from "../../model/messages";
import { isLive } from "../../model/outcome";
import type { CopyForm } from "../../model/output/copied";
import { formatBytes } from "../../model/quantities";
import { second } from "../../model/second-modules";
import type { SessionModel } from "../../model/session-model";
import { escapeLeaves, setEscapeLeaves } from "../../terminal/tty-input";
import { copy } from "../elements/clipboard";
import { element } from "../elements/dom";
import { iconButton, relabel } from "../elements/icons";
import { type MenuItem, MenuView } from "../elements/menu-view";
import type { PaneView } from "../pane/pane-view";
import { paneWithErrors } from "../pane/reading-door";
import type { Settings, ViewSettings } from "../pane/view-settings";
import type * as reading from "../reading/reading";
import { FilterView } from "./filter-view";
import { type PaneCallbacks, paneMenu } from "./pane-menu";

/** What the user can change of what panes draw. */
type Drawn = Pick<Settings, "times" | "pauses" | "structured" | "fold">;

const NEXT_ERROR = "next error (F8)";

export interface PaneToolsOptions {
  model: SessionModel;
  settings: ViewSettings;
  /** The panes; one that is not in front is hidden. */
  panes: () => PaneView[];
  /** Bring a pane to the front. */
  reveal?: (pane: PaneView) => void;
  /** Show the result of something for some seconds. */
  say: (text: string) => void;
  /** Show what holds for as long as it does; "" for nothing. */
  note: (text: string) => void;
  /** Entries of the menu that are not for the panes. */
  entries?: () => MenuItem[];
}

export class PaneTools {
  readonly root = element("span", "hj-tools");
  /** The bar with the filter, above the panes. */
  readonly filter: FilterView;
  #options: PaneToolsOptions;
  #pause: HTMLButtonElement;
  #menu: MenuView;
  #error: HTMLButtonElement;
  #tty: boolean;
  /** The pane that had the focus last, or whose error is shown. */
  #current: PaneView | undefined;

  constructor(options: PaneToolsOptions) {
    this.#options = options;
    const { model, settings } = options;
    this.#tty = model.status.tty;
    this.filter = new FilterView(
      (typed) => this.#showMatching(typed),
      () => this.#pane?.focus(),
    );
    if (!this.#tty) this.filter.restore(settings.searches.get("filter") ?? "");
    this.#pause = iconButton("pause", "pause this view", () => this.#togglePause());
    this.#menu = new MenuView("more", () => this.#items());
    const find = iconButton("find", "find (Ctrl+F)", () => this.#pane?.showSearch());
    const filter = iconButton("filter", "filter lines", () => this.filter.show());
    this.#error = iconButton("error", NEXT_ERROR, () => {
      const pane = this.#failing;
      if (pane) options.reveal?.(pane);
      pane?.reading?.showError(1);
    });
    this.#error.hidden = true;
    for (const event of ["pointerenter", "focus"]) {
      this.#error.addEventListener(event, () => this.#countErrors());
    }
    const filters = this.#tty ? [] : [filter];
    this.root.append(find, ...filters, this.#error, this.#pause, this.#menu.root);
  }

  /** Remember which pane has the focus. */
  focused(target: EventTarget | null): void {
    const inside = (pane: PaneView) => target instanceof Node && pane.root.contains(target);
    this.#current = this.#panes.find(inside) ?? this.#current;
  }

  update(): void {
    const panes = this.#panes;
    const outputs = panes.map(({ output }) => output);
    const paused = outputs.some((output) => output.paused);
    const waiting = outputs.reduce((sum, output) => sum + output.waiting, 0);
    this.#options.note(paused ? `paused, ${formatBytes(waiting)} waiting` : "");
    const does = paused ? "resume" : "pause";
    relabel(this.#pause, does, `${does} this view`);
    this.#pause.ariaPressed = String(paused);
    const { status, kernelEnd } = this.#options.model;
    this.#pause.hidden = (kernelEnd !== "" || !isLive(status)) && !paused;
    this.#error.hidden = !panes.some(({ reading }) => reading?.failing);
    const matching = outputs.map((output) => output.matching);
    this.filter.update(
      matching.reduce((sum, { shown }) => sum + shown, 0),
      matching.reduce((sum, { total }) => sum + total, 0),
      matching.find(({ error }) => error)?.error ?? "",
    );
  }

  close(): void {
    this.filter.close();
    this.#menu.close();
  }

  get #panes(): PaneView[] {
    return this.#options.panes();
  }

  /** The pane that find is for. */
  get #pane(): PaneView | undefined {
    const panes = this.#panes.filter(({ root }) => !root.hidden);
    return panes.find((pane) => pane === this.#current) ?? panes[0];
  }

  /** The pane whose errors are gone through. */
  get #failing(): PaneView | undefined {
    return [this.#pane, ...this.#panes].find((pane) => pane?.reading?.failing);
  }

  /** Go to an error of another pane, with the focus if it has that, as `PaneHost.elsewhere`. */
  showErrorElsewhere(from: PaneView, step: number, through: boolean): boolean {
    const pane = paneWithErrors(this.#panes, from);
    if (!pane) return false;
    const focused = from.root.contains(document.activeElement);
    this.#options.reveal?.(pane);
    if (focused) pane.focus();
    this.#current = pane;
    pane.reading?.showError(step, through);
    return true;
  }

  /** Name the number of errors where one looks for it: counting looks at all lines. */
  #countErrors(): void {
    const errors = this.#failing?.reading?.errors ?? 0;
    this.#error.title = `${NEXT_ERROR}, Shift+F8 the one before: ${errors.toLocaleString("en")} here`;
  }

  #togglePause(): void {
    const paused = this.#panes.some(({ output }) => output.paused);
    for (const { output } of this.#panes) output.paused = !paused;
    this.update();
  }

  #showMatching(typed: string): void {
    this.#options.settings.searches.set("filter", typed);
    for (const { output } of this.#panes) output.filter = typed;
    this.update();
  }

  #items(): MenuItem[] {
    const panes = this.#panes;
    const [first] = panes;
    if (!first) return this.#options.entries?.() ?? [];
    const { settings, entries } = this.#options;
    const { output } = first;
    const set = <K extends keyof Drawn>(key: K, value: Drawn[K]) => {
      settings.kept.set(key, value);
      for (const pane of panes) {
        const drawn: Drawn = pane.output;
        drawn[key] = value;
      }
      this.update();
    };
    const state = {
      tty: this.#tty,
      streams: [...new Set(panes.flatMap((pane) => pane.output.streams))],
      names: panes.map(({ name }) => name),
      wrap: first.wrap,
      times: output.times,
      pauses: output.pauses,
      selected: panes.some(({ selection }) => selection.length > 0),
      structured: panes.some((pane) => pane.output.structured),
      fold: output.fold,
      links: panes.flatMap((pane) => pane.links),
      escapeLeaves: escapeLeaves(),
    };
    const callbacks: PaneCallbacks = {
      wrap: (on) => {
        settings.kept.set("wrap", on);
        for (const pane of panes) pane.wrap = on;
      },
      showTimes: (times) => set("times", times),
      showPauses: (on) => set("pauses", on),
      showStructured: (on) => set("structured", on),
      fold: (on) => set("fold", on),
      copy: (n) => void this.#copy((panes[n] ?? first).output.text.join("\n")),
      copyAs: (form) => void this.#copyAs(form),
      download: (stream) => void this.#download(stream),
      clear: () => {
        for (const pane of panes) pane.clear();
      },
      openLink: (address) => {
        const pane = panes.find(({ links }) => links.includes(address)) ?? first;
        pane.openLink(address);
      },
      setEscapeLeaves,
    };
    return [...paneMenu(state, callbacks), ...(entries?.() ?? [])];
  }

  /** Copy what is selected, or else all, in a form. */
  async #copyAs(form: CopyForm): Promise<void> {
    const panes = this.#panes;
    const selecting = panes.filter(({ selection }) => selection.length > 0);
    const parts = (selecting.length ? selecting : panes).map((pane) => ({
      lines: selecting.length ? pane.selection : pane.output.text,
      stream: pane.title,
    }));
    const at = new Date();
    const { name } = this.#options.model.status;
    const { copied } = await this.#load();
    const texts = parts
      .filter(({ lines }) => lines.length > 0)
      .map(({ lines, stream }) => copied(lines, form, { name, stream, at }));
    await this.#copy(texts.join("\n"));
  }

  async #download(stream: Stream): Promise<void> {
    const { model, say } = this.#options;
    const { download } = await this.#load();
    await download(model, stream, say);
  }

  /** Return the code that is not needed before the user asks for something. */
  #load(): Promise<typeof reading> {
    return second.load<typeof reading>("reading", this.#options.say);
  }

  async #copy(text: string): Promise<void> {
    const done = await copy(text);
    this.#options.say(done ? "copied" : "the browser did not allow copying");
  }
}
