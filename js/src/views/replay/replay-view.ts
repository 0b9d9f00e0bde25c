// A player: a header, the panes of the recorded session, and the controls. DOM, no Jupyter.

import { STDERR, STDOUT, type Stream } from "../../model/messages";
import { formatClock, formatLength, formatSeconds } from "../../model/quantities";
import { type ReplayModel, SPEEDS } from "../../model/replay/replay-model";
import { copy } from "../elements/clipboard";
import { element, setText } from "../elements/dom";
import { iconButton, relabel } from "../elements/icons";
import { type MenuItem, MenuView } from "../elements/menu-view";
import { watchSeen } from "../elements/seen";
import { keepKeys, take } from "../elements/shortcuts";
import { NoteView } from "../note-view";
import type { Layout } from "../pane/view-settings";
import { PaneArea } from "../panes/pane-area";
import { linkItems } from "../panes/pane-menu";
import { markerText, pressKey } from "./player-keys";
import { ReplayPane } from "./replay-pane";
import { TimeLine } from "./time-line";

/** Longest pauses that a user can choose, in seconds. */
const IDLE_LIMITS = [0.5, 1, 2, 5, 10];
/** A recording whose first output comes later than this begins empty. */
const FIRST_WITHIN = 2;
/** Milliseconds for which jumps are prepared at once. */
const PREPARE = 8;
const IDLE_AFTER = 30;
/** Characters that are counted at once. */
const AT_ONCE = 64 * 1024;
const KEYS =
  "Space plays and pauses; arrows move by 5 seconds, comma and period by one output, Home and End " +
  "to the ends, 0 to 9 by tenths, [ and ] between markers, < and > change the speed.";

export interface ReplayViewOptions {
  rows: number;
  layout: Layout;
  /** Called with the layout that the user has chosen. */
  chosen?: (layout: Layout) => void;
}

export class ReplayView {
  readonly root: HTMLElement;
  #model: ReplayModel;
  #area: PaneArea<ReplayPane>;
  #timeLine: TimeLine;
  #play: HTMLButtonElement;
  #time = element("span", "hj-player-time");
  #speed: HTMLSelectElement;
  #idle: HTMLSelectElement;
  #said = element("span", "hj-hidden", { role: "status" });
  #note = new NoteView();
  #menu = new MenuView("more", () => this.#items());
  /** The pane that had the focus last. */
  #current: ReplayPane | undefined;
  #totals = new Map<Stream, number>();
  #seen = false;
  #request = 0;
  #preparing = false;
  #closed = false;
  #closers: (() => void)[];

  constructor(model: ReplayModel, { rows, layout, chosen = () => {} }: ReplayViewOptions) {
    this.#model = model;
    const { header, streams, times } = model.recording;
    const both = header.tty ? [STDOUT] : [STDOUT, STDERR];
    const used = both.filter((stream) => stream === STDOUT || streams.includes(stream));
    this.#area = new PaneArea({
      streams: used,
      rows,
      layout,
      resizable: !header.tty,
      make: (shown, height) =>
        new ReplayPane(model, shown, height, (why) => this.#note.say(why, true)),
      total: (stream) => this.#total(stream),
      goesOn: () => false,
      chosen: (layout) => {
        this.#wake();
        chosen(layout);
      },
    });
    this.#timeLine = new TimeLine(model);
    this.#play = iconButton("resume", "play (space)", () => model.toggle());
    this.#play.classList.add("hj-play");
    this.#speed = choice(
      "speed",
      SPEEDS.map((speed) => [String(speed), `${speed}×`]),
    );
    this.#idle = choice("longest pause", this.#limits());
    this.#idle.title = "pauses that are longer are shortened to this";
    this.#speed.addEventListener("change", () => {
      model.speed = Number(this.#speed.value);
    });
    this.#idle.addEventListener("change", () => {
      model.idleLimit = Number(this.#idle.value) || null;
    });
    const marks = model.markers.length
      ? [
          iconButton("back", "previous marker ([)", () => this.#say(markerText(model, -1))),
          iconButton("forward", "next marker (])", () => this.#say(markerText(model, 1))),
        ]
      : [];
    const controls = element(
      "div",
      "hj-player",
      { role: "group", ariaLabel: "player" },
      this.#play,
      this.#time,
      this.#timeLine.root,
      ...marks,
      this.#speed,
      this.#idle,
      this.#said,
    );
    this.#timeLine.root.ariaDescription = KEYS;
    this.#timeLine.root.title = KEYS;
    // style.css hides the saved output that stands beside a view.
    this.root = element(
      "article",
      "hj-session hj-replay hj-live",
      { ariaLabel: `recording of ${this.#name()}` },
      this.#header(),
      this.#area.root,
      controls,
    );
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.#area.root.addEventListener("focusin", ({ target }) => {
      const inside = ({ root }: ReplayPane) => target instanceof Node && root.contains(target);
      this.#current = this.#area.panes.find(inside);
    });
    const first = times[0];
    if (first !== undefined && model.positionOf(first) <= FIRST_WITHIN) model.seekTime(first);
    this.#closers = [
      model.onChange(() => this.#changed()),
      watchSeen(this.root, (seen) => {
        this.#seen = seen;
        this.#wake();
      }),
    ];
    this.#changed();
  }

  set layout(layout: Layout) {
    this.#area.layout = layout;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#request);
    this.#model.pause();
    this.#note.close();
    this.#menu.close();
    for (const close of this.#closers) close();
    this.#area.close();
  }

  /** Draw until there is nothing more to draw; again after a change. */
  #wake(): void {
    if (this.#request || !this.#seen) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      if (!this.#seen) return;
      this.#model.tick();
      this.#draw();
      let busy = this.#model.playing;
      for (const pane of this.#area.panes) busy = pane.draw() || busy;
      if (busy) this.#wake();
      this.#prepareSoon();
    });
  }

  /** Prepare jumps in small pieces whenever the page has nothing else to do, as keys. */
  #prepareSoon(): void {
    if (this.#preparing || !this.#seen) return;
    this.#preparing = true;
    whenIdle(() => {
      this.#preparing = false;
      if (this.#closed || !this.#seen) return;
      let more = false;
      for (const pane of this.#area.panes) more = pane.prepare(PREPARE) || more;
      if (more) this.#prepareSoon();
    });
  }

  #draw(): void {
    const { position, length } = this.#model;
    setText(this.#time, `${formatClock(position)} / ${formatClock(length)}`);
    this.#timeLine.draw();
  }

  #changed(): void {
    const { playing, speed, idleLimit } = this.#model;
    if (playing) relabel(this.#play, "pause", "pause (space)");
    else relabel(this.#play, "resume", "play (space)");
    this.root.dataset.playing = String(playing);
    this.#speed.value = String(speed);
    this.#idle.value = String(idleLimit ?? 0);
    this.#timeLine.update();
    this.#draw();
    this.#wake();
  }

  #key(event: KeyboardEvent): void {
    const words = pressKey(event, this.#model);
    if (words === undefined) return;
    take(event);
    this.#say(words);
  }

  #say(words: string): void {
    setText(this.#said, words);
  }

  #total(stream: Stream): number {
    const known = this.#totals.get(stream);
    if (known !== undefined) return known;
    const { streams, texts } = this.#model.recording;
    const encoder = new TextEncoder();
    let bytes = 0;
    let some = "";
    const count = () => {
      bytes += encoder.encode(some).length;
      some = "";
    };
    for (const [n, text] of texts.entries()) {
      if (streams[n] === stream) some += text;
      if (some.length >= AT_ONCE) count(); // a call for each text takes longer than all the rest
    }
    count();
    this.#totals.set(stream, bytes);
    return bytes;
  }

  #limits(): [value: string, label: string][] {
    const own = this.#model.idleLimit;
    const limits = [...new Set([...IDLE_LIMITS, ...(own === null ? [] : [own])])];
    limits.sort((a, b) => a - b);
    const named = limits.map((limit): [string, string] => [
      String(limit),
      `pauses ≤ ${formatSeconds(limit).replace(".0 ", " ")}`,
    ]);
    return [["0", "all pauses"], ...named];
  }

  #name(): string {
    const { title, container, command, tty } = this.#model.recording.header;
    return title || container || command || (tty ? "a terminal" : "output");
  }

  /** The entries of the menu: what they change holds for all panes. */
  #items(): MenuItem[] {
    const { panes } = this.#area;
    const [first] = panes;
    const items: MenuItem[] = [];
    if (!first) return items;
    const { wrap, times } = first;
    const all = (change: (pane: ReplayPane) => void) => () => {
      for (const pane of panes) change(pane);
    };
    if (!this.#model.recording.header.tty) {
      const wraps = all((pane) => {
        pane.wrap = !wrap;
      });
      const clocks = all((pane) => {
        pane.times = !times;
      });
      items.push({ label: "Wrap lines", checked: wrap, run: wraps });
      items.push({ label: "Timestamps", checked: times, run: clocks });
    }
    for (const pane of panes) {
      const label = panes.length > 1 ? `Copy ${pane.name}` : "Copy all";
      items.push({ label, run: () => void this.#copy(pane) });
    }
    const open = (link: string) => {
      (panes.find(({ links }) => links.includes(link)) ?? first).openLink(link);
    };
    return [
      ...items,
      ...linkItems(
        panes.flatMap(({ links }) => links),
        open,
      ),
    ];
  }

  async #copy(pane: ReplayPane): Promise<void> {
    const done = await copy(pane.text.join("\n"));
    this.#note.say(done ? "copied" : "the browser did not allow copying");
  }

  #find(): void {
    const { panes } = this.#area;
    const shown = panes.filter(({ root }) => !root.hidden);
    (shown.find((pane) => pane === this.#current) ?? shown[0])?.showSearch();
  }

  #header(): HTMLElement {
    const { header, exitCode, duration } = this.#model.recording;
    const { container, command, image, engine, startedAt } = header;
    const facts: string[] = [];
    if (container && container !== this.#name()) facts.push(container);
    if (command && command !== this.#name()) facts.push(command);
    if (image) facts.push(engine ? `${image} on ${engine}` : image);
    if (startedAt !== null) facts.push(new Date(startedAt * 1000).toLocaleString());
    facts.push(formatLength(duration));
    const state = element("span", "hj-state", {});
    state.dataset.state = exitCode === null ? "recorded" : "exited";
    if (exitCode !== null) state.dataset.code = String(exitCode);
    const word = exitCode === null ? "recording" : `recording, exit code ${exitCode}`;
    state.append(element("span", "hj-dot", { ariaHidden: "true" }), word);
    // What it was made with is of less interest, and may be cut.
    const words = element("span", "hj-fact hj-after", {}, facts.join(" · "));
    words.title = facts.join("\n");
    const name = element("strong", "hj-name", {}, this.#name());
    const left = element("div", "hj-facts", {}, name, state, words, this.#note.root);
    const find = iconButton("find", "find (Ctrl+F)", () => this.#find());
    const tools = element("span", "hj-tools", {}, find, this.#menu.root);
    const right = element("div", "hj-head-tools", {}, tools, this.#area.bar);
    const head = element("div", "hj-head", {}, left, right);
    return element("header", "hj-header", {}, head, this.#note.line);
  }
}

/** Call back when the page has nothing else to do. Safari cannot tell when that is. */
function whenIdle(callback: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(callback);
  else setTimeout(callback, IDLE_AFTER);
}

function choice(label: string, values: [value: string, label: string][]): HTMLSelectElement {
  const options = values.map(([value, text]) => element("option", "", { value }, text));
  const made = element(
    "select",
    "hj-player-choice",
    { ariaLabel: label, title: label },
    ...options,
  );
  keepKeys(made);
  return made;
}
