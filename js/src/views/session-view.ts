// The whole view of a session: a header of one line with all buttons, the panes, and a line for input where
// something can be typed. This module arranges the other views. DOM, no Jupyter.

import { STDERR, STDOUT, type Stream } from "../model/messages";
import { isLive } from "../model/outcome";
import type { SessionModel } from "../model/session-model";
import { DetachView } from "./controls/detach-view";
import { SignalMenu } from "./controls/signal-menu";
import { type Draft, StdinView } from "./controls/stdin-view";
import { element } from "./elements/dom";
import type { MenuItem } from "./elements/menu-view";
import { HeaderView } from "./header-view";
import { NoteView } from "./note-view";
import { PaneView } from "./pane/pane-view";
import { type Layout, ViewSettings } from "./pane/view-settings";
import { PaneArea } from "./panes/pane-area";
import { PaneTools } from "./panes/pane-tools";
import type { PlaceOptions } from "./place/place-control";
import { PlaceDoor } from "./place/place-door";
import type { Place, PlaceHost } from "./place/place-host";

export interface SessionViewOptions {
  /** Rows of the panes at most. */
  rows: number;
  /** The layout at first, unless the user has chosen another one. */
  layout: Layout;
  /** The layout that the cell asks for. */
  asked: Layout;
  /** Called with the layout that the user has chosen. */
  chosen: (layout: Layout) => void;
  /** What the front end lends for a place beside the notebook. */
  places: PlaceHost | undefined;
  /** The place that the cell asks for. */
  place: Place;
  /** Called with the place that the user has chosen. */
  moved: (place: Place) => void;
}

export class SessionView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #settings: ViewSettings;
  #area: PaneArea<PaneView>;
  #tools: PaneTools;
  #header: HeaderView;
  #note = new NoteView();
  #detach: DetachView;
  #stdin: StdinView;
  /** For a view without a line for input, which has a button for it. */
  #signals: SignalMenu;
  #place: PlaceDoor;
  #parts: { close(): void }[];
  #unsubscribe: () => void;

  constructor(model: SessionModel, options: SessionViewOptions) {
    const { rows, layout, asked, chosen } = options;
    this.#model = model;
    const { name, container, tty, wants } = model.status;
    const streams: Stream[] = [];
    if (wants.includes("stdout") || (tty && wants.includes("stderr"))) streams.push(STDOUT);
    if (wants.includes("stderr") && !tty) streams.push(STDERR);
    this.#settings = new ViewSettings(container);
    const say = (text: string, failed = false) => this.#note.say(text, failed);
    this.#stdin = new StdinView(model, {
      say,
      busy: (text) => {
        this.#note.hold("input", text);
      },
    });
    this.#signals = new SignalMenu((signal) => void this.#signal(signal), say);
    this.#signals.root.classList.add("hj-anchor");
    this.#signals.button.root.tabIndex = -1;
    this.#signals.button.root.ariaHidden = "true";
    let said = "";
    this.#detach = new DetachView(model, (text, failed) => {
      // What has been said since then stays.
      if (text) say(text, failed);
      else this.#note.withdraw(said);
      said = text;
    });
    this.#tools = new PaneTools({
      model,
      settings: this.#settings,
      panes: () => this.#area?.panes ?? [],
      reveal: (pane) => this.#area.reveal(pane),
      say,
      note: (text) => {
        this.#note.hold("pause", text);
      },
      entries: () => this.#entries(),
    });
    this.#area = new PaneArea({
      streams,
      rows,
      layout: this.#settings.instead("layout", asked) ?? layout,
      settings: this.#settings,
      resizable: true,
      make: (shown, height) => {
        const pane: PaneView = new PaneView(model, shown, {
          settings: this.#settings,
          rows: height,
          say,
          changed: () => this.#changed(),
          elsewhere: (...way) => this.#tools.showErrorElsewhere(pane, ...way),
        });
        return pane;
      },
      total: (stream) => model.total(stream),
      recalls: (stream) => model.history?.lines.some(([, of]) => of === stream) ?? false,
      goesOn: () => !this.#over,
      chosen: (choice) => {
        this.#settings.kept.set("layout", [choice, asked]);
        chosen(choice);
      },
    });
    this.#area.root.addEventListener("focusin", ({ target }) => this.#tools.focused(target));
    const placeTools = element("span", "hj-place-tools", { hidden: true });
    const tools = [this.#tools.root, this.#signals.root, this.#area.bar];
    tools.push(this.#detach.controls, placeTools);
    this.#header = new HeaderView(model, this.#note, ...tools);
    this.root = element(
      "article",
      "hj-session",
      { ariaLabel: `session ${name}` },
      this.#header.root,
      this.#tools.filter.root,
      this.#area.root,
      this.#stdin.root,
    );
    const moving: PlaceOptions = {
      name,
      tty,
      tools: placeTools,
      wish: options.place,
      fill: (height) => this.#fill(height),
      chosen: options.moved,
    };
    this.#place = new PlaceDoor(this.root, options.places, moving, (why) => say(why, true));
    this.#parts = [this.#header, this.#detach, this.#stdin, this.#signals, this.#area, this.#tools];
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  /** Change to another layout. Each new pane starts with what the page has kept. */
  set layout(layout: Layout) {
    this.#area.layout = layout;
  }

  /** Move to another place, as far as the front end has it. */
  set place(place: Place) {
    this.#place.wish = place;
  }

  get draft(): Draft {
    return this.#stdin.draft;
  }

  adopt(draft: Draft): void {
    this.#stdin.adopt(draft);
  }

  focus(): void {
    if (this.#stdin.root.hidden) this.#area.panes[0]?.focus();
    else this.#stdin.focus();
  }

  /** Go back to the cell for good: another view takes this one's place. */
  leave(): void {
    this.#place.close();
  }

  close(): void {
    this.leave();
    this.#unsubscribe();
    this.#note.close();
    for (const part of this.#parts) part.close();
  }

  #update(): void {
    const model = this.#model;
    // After the view comes an output that is saved for readers without a kernel. style.css hides the
    // one of the two that has nothing to show. A page that has only the widgets' saved state never
    // hears from a kernel.
    this.root.classList.toggle("hj-live", model.heard);
    this.root.classList.toggle("hj-unheard", !model.heard && model.unanswered);
    const away = this.#stdin.root.hidden;
    this.#stdin.root.hidden = !this.#typable;
    // The button that has attached again is gone by now: typing is what comes next.
    if (away && this.#typable && this.root.contains(document.activeElement)) this.#stdin.focus();
    this.#area.update();
    this.#tools.update();
  }

  /** Be as high as that, in pixels; undefined: as high as the output, as in a cell. */
  #fill(height: number | undefined): void {
    if (height === undefined) this.#area.fill(undefined);
    else this.#area.fill(height - this.root.offsetHeight + this.#area.root.offsetHeight);
  }

  #changed(): void {
    this.#area.fit();
    this.#tools.update();
  }

  /** Whether there is a line for input. A terminal takes keys itself. */
  get #typable(): boolean {
    const { status } = this.#model;
    if (status.controls.typing === false || this.#over) return false;
    return !status.tty || (this.#settings.kept.get("inputLine") ?? false);
  }

  /** Whether nothing can be done to the session any more, and nothing comes. */
  get #over(): boolean {
    return this.#model.kernelEnd !== "" || !isLive(this.#model.status);
  }

  async #signal(signal: string): Promise<void> {
    const error = await this.#model.signal(signal);
    this.#note.say(error ?? `sent SIG${signal}`, error !== null);
  }

  /** The menu's entries for the session. */
  #entries(): MenuItem[] {
    const { controls, tty } = this.#model.status;
    const details: MenuItem = {
      label: "Details",
      checked: this.#header.detailed,
      parted: true,
      run: () => {
        this.#header.detailed = !this.#header.detailed;
      },
    };
    const items = [...this.#place.items(), details];
    if (this.#detach.follows) {
      items.push({ label: "Follow restarts", run: () => this.#detach.follow() });
    }
    if (tty && controls.typing !== false && !this.#over) {
      const on = this.#settings.kept.get("inputLine") ?? false;
      const run = () => {
        this.#settings.kept.set("inputLine", !on);
        this.#update();
      };
      items.push({ label: "Input line", checked: on, run });
    }
    if (!this.#typable && !this.#over) {
      const run = () => this.#signals.open();
      items.push({ label: "Send a signal…", off: controls.signal, run });
    }
    return items;
  }
}
