// Shows a track at any of its texts: a terminal that can go forwards and back. No DOM, no Jupyter.
//
// Strategy: a second terminal, which nobody sees, is written to whenever there is time, and a keyframe
// of it is kept every so many characters. A jump restores the last keyframe before its target, and
// writes what is left. If that is much, as long as there are no keyframes, most of it is left out where
// nothing of it would remain. Else the jump makes keyframes on its way, and the second terminal goes on
// after them. A track that is plain needs no keyframes: a jump writes its last lines only, first those
// of the screen, and the scrollback when the screen has been drawn. Terminals are written to at once, not
// by xterm's queue: so what a terminal shows is always known, and a jump that follows another one has
// nothing to wait for.

import { type Shortcut, Shortcuts } from "../../model/replay/shortcut";
import type { Track } from "../../model/replay/track";
import {
  type Drawable,
  type Keyframe,
  keepsLines,
  restoreKeyframe,
  takeKeyframe,
  writeNow,
} from "./keyframe";
import { CANCEL, type Marked, markDrawing } from "./mark-lines";

/** Lines that a replay keeps above the screen; a keyframe has them too. */
export const REPLAY_SCROLLBACK = 1000;

/** Characters between two keyframes, at least. */
const INTERVAL = 64 * 1024;
/** How many times farther apart they are where a jump makes them: somebody waits for it. */
const ON_THE_WAY = 4;
/** Keyframes that a terminal has, at most. */
const MOST = 64;
/** Characters of a plain track that are written rather than left out, at most. */
const NEAR = 32 * 1024;
/** Characters that are written at once. */
const PIECE = 16 * 1024;

export interface ReplayTerminal extends Drawable, Marked {
  readonly options: {
    readonly convertEol?: boolean | undefined;
    readonly scrollback?: number | undefined;
  };
  scrollToBottom(): void;
  dispose(): void;
}

interface Entry {
  /** Texts of the track that are drawn in it. */
  at: number;
  frame: Keyframe;
}

export class ReplayScreen {
  #terminal: ReplayTerminal;
  #make: (cols: number, rows: number) => ReplayTerminal;
  #track: Track;
  #least: number;
  /** Characters between two keyframes. */
  #interval = 0;
  #at = 0;
  #target = 0;
  #keyframes: Entry[] = [];
  #scanner: ReplayTerminal | undefined;
  #scanned = 0;
  /** Whether the terminal has all that was before, in its size: else no keyframe is made of it. */
  #whole = true;
  /** Whether it shows the screen only, not yet the lines that belong above it. */
  #bare = false;
  /** How far those lines were drawn by the second terminal, and for where. */
  #filled = 0;
  #filling = Number.POSITIVE_INFINITY;
  /** Characters before each text. */
  #offsets = new Float64Array();
  #shortcuts: Shortcuts | undefined;

  /** `make` returns a terminal as `terminal` was when it was new, to work in the background. */
  constructor(
    terminal: ReplayTerminal,
    make: (cols: number, rows: number) => ReplayTerminal,
    track: Track,
    interval = INTERVAL,
  ) {
    this.#terminal = terminal;
    this.#make = make;
    this.#track = track;
    this.#least = interval;
    this.#take(track);
    this.reset();
  }

  /** How many texts are drawn. */
  get at(): number {
    return this.#at;
  }

  get keyframes(): number {
    return this.#keyframes.length;
  }

  /** Show the track up to a text. `work` does it. */
  set target(target: number) {
    this.#target = Math.min(Math.max(0, target), this.#track.texts.length);
  }

  /** Whether the screen shows something else than it is to show. */
  get due(): boolean {
    return this.#at !== this.#target;
  }

  /** The same, with the lines above the screen. */
  get busy(): boolean {
    return this.due || this.#bare;
  }

  /** Go on towards the target for some milliseconds. Returns whether something was drawn. */
  work(milliseconds: number): boolean {
    const until = performance.now() + milliseconds;
    if (!this.due) return this.#bare && this.#fill(until);
    if (!this.#jumpPlain() && !this.#jump(until)) return false;
    while (this.#at < this.#target) {
      this.#at = this.#write(this.#terminal, this.#at, this.#target);
      if (this.#whole && !this.#track.plain)
        this.#keep(this.#terminal, this.#at, ON_THE_WAY * this.#interval);
      if (performance.now() >= until) break;
    }
    return true;
  }

  /** Make keyframes for some milliseconds. Returns whether there is more to make. */
  scan(milliseconds: number): boolean {
    const { texts, length, plain } = this.#track;
    if (plain) return false;
    if (this.#scanned >= texts.length || length <= this.#interval) return this.#endScan();
    const until = performance.now() + milliseconds;
    if (!this.#shortcuts?.prepare(until)) return true;
    this.#scanner ??= this.#make(this.#terminal.cols, this.#terminal.rows);
    const last = this.#keyframes.at(-1);
    if (last && last.at > this.#scanned) {
      restoreKeyframe(this.#scanner, last.frame);
      this.#scanned = last.at;
    }
    while (this.#scanned < texts.length) {
      this.#scanned = this.#write(this.#scanner, this.#scanned, texts.length);
      this.#keep(this.#scanner, this.#scanned, this.#interval);
      if (performance.now() >= until) return true;
    }
    return this.#endScan();
  }

  /** Forget the keyframes: the terminal has another size now, or another track. */
  reset(track = this.#track): void {
    this.#endScan();
    if (track !== this.#track) {
      this.#at = Number.POSITIVE_INFINITY; // so that the next jump begins anew
      this.#take(track);
    }
    this.#scanned = 0;
    this.#filling = Number.POSITIVE_INFINITY;
    this.#whole = this.#at === 0; // in another size lines wrap in other places
    const blank = this.#make(this.#terminal.cols, this.#terminal.rows);
    const frame = takeKeyframe(blank);
    blank.dispose();
    this.#keyframes = frame ? [{ at: 0, frame }] : [];
  }

  close(): void {
    this.#endScan();
  }

  #take(track: Track): void {
    this.#track = track;
    this.#interval = Math.max(this.#least, Math.ceil(track.length / MOST));
    this.#offsets = new Float64Array(track.texts.length + 1);
    for (const [n, text] of track.texts.entries()) {
      this.#offsets[n + 1] = (this.#offsets[n] ?? 0) + text.length;
    }
    const returns = this.#terminal.options.convertEol === true;
    this.#shortcuts = new Shortcuts(track, this.#offsets, returns, this.#interval / 4);
  }

  /** Keep a keyframe of a terminal that is beyond the last one by so many characters. */
  #keep(terminal: ReplayTerminal, at: number, interval: number): void {
    const since = this.#between(this.#keyframes.at(-1)?.at ?? 0, at);
    const frame = since >= interval ? takeKeyframe(terminal) : undefined;
    if (frame) this.#keyframes.push({ at, frame });
  }

  #endScan(): false {
    this.#scanner?.dispose();
    this.#scanner = undefined;
    return false;
  }

  /**
   * Go to a target that is far away in a track that is plain, without the lines above the screen. Returns
   * whether it did.
   */
  #jumpPlain(): boolean {
    if (!this.#track.plain || !keepsLines(this.#terminal)) return false;
    if (!this.#at) this.#at = this.#write(this.#terminal, 0, 1);
    if (this.#at <= this.#target && this.#between(this.#at, this.#target) < this.#near)
      return false;
    const { rows } = this.#terminal;
    const found = this.#shortcuts?.findPlain(this.#target, 2 * rows);
    if (!found || !this.#shortcuts?.findPlain(this.#target, this.#lines)) {
      this.#dropBare();
      return false;
    }
    this.#begin(found);
    this.#bare = true;
    return true;
  }

  /** Draw the lines above the screen, out of sight, and then show both. Returns whether it has. */
  #fill(until: number): boolean {
    const ended = this.#at < this.#filling || this.#between(this.#filling, this.#at) >= this.#near;
    if (!this.#scanner || ended) {
      const found = this.#shortcuts?.findPlain(this.#at, this.#lines);
      if (!found) {
        this.#dropBare();
        return false;
      }
      this.#filling = this.#at;
      this.#scanner ??= this.#make(this.#terminal.cols, this.#terminal.rows);
      this.#write(this.#scanner, 0, 1);
      this.#filled = writeFrom(this.#scanner, this.#track, found);
    }
    const scanner = this.#scanner;
    while (this.#filled < this.#at) {
      this.#filled = this.#write(scanner, this.#filled, this.#at);
      if (this.#filled < this.#at && performance.now() >= until) return false;
    }
    const frame = takeKeyframe(scanner);
    if (!frame) this.#dropBare();
    else restoreKeyframe(this.#terminal, frame);
    this.#bare = false;
    this.#filling = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Begin anew where the lines above the screen cannot be had otherwise. */
  #dropBare(): void {
    if (this.#bare) this.#at = Number.POSITIVE_INFINITY;
    this.#bare = false;
  }

  /**
   * Restore a keyframe if it is nearer to the target than what is drawn, and leave out what can be.
   * Returns whether it is known by then what can be.
   */
  #jump(until: number): boolean {
    const forward = this.#at <= this.#target;
    const best = this.#keyframes.filter(({ at }) => at <= this.#target).at(-1);
    const restore = best && !(forward && best.at <= this.#at) ? best : undefined;
    const from = restore?.at ?? this.#at;
    const least = this.#track.plain ? this.#near : ON_THE_WAY * this.#interval;
    const far = this.#between(from, this.#target) >= least;
    if (far && !this.#shortcuts?.prepare(until)) return false;
    if (restore) {
      restoreKeyframe(this.#terminal, restore.frame);
      this.#whole = true;
      this.#at = restore.at;
    }
    if (far) this.#shorten();
    return true;
  }

  #shorten(): void {
    if (!keepsLines(this.#terminal)) return;
    const found = this.#shortcuts?.find(this.#at, this.#target, this.#lines);
    if (found) this.#begin(found);
  }

  /** Go on from a place that makes what is drawn unimportant. */
  #begin(found: Shortcut): void {
    this.#terminal.scrollToBottom();
    this.#at = writeFrom(this.#terminal, this.#track, found);
    this.#whole = false; // keyframes of what was left out have to be made yet
  }

  /** Line ends after which nothing is left of what a terminal had. */
  get #lines(): number {
    const { rows, options } = this.#terminal;
    return 2 * rows + (options.scrollback ?? REPLAY_SCROLLBACK);
  }

  /** Characters that are written rather than left out. */
  get #near(): number {
    return Math.min(NEAR, this.#least);
  }

  /** How many characters are between two texts. */
  #between(from: number, to: number): number {
    return (this.#offsets[to] ?? 0) - (this.#offsets[from] ?? 0);
  }

  /** Write some texts, of `PIECE` characters or one text. Returns the number of the next one. */
  #write(terminal: ReplayTerminal, from: number, to: number): number {
    const { texts, sizes, marks } = this.#track;
    const own = (at: number) => sizes.has(at) || marks.has(at);
    let text = "";
    let next = from;
    while (next < to && (next === from || !own(next))) {
      const size = sizes.get(next);
      if (size) terminal.resize(size[1], size[0]);
      const mark = marks.get(next);
      if (mark) drawMark(terminal, mark);
      text += texts[next] ?? "";
      next += 1;
      if (text.length >= Math.min(PIECE, this.#interval)) break;
    }
    if (text) writeNow(terminal, text);
    return next;
  }
}

/** Write the rest of the text in which a shortcut leads. Returns the number of the next one. */
function writeFrom(
  terminal: ReplayTerminal,
  track: Track,
  { at, offset, settings }: Shortcut,
): number {
  writeNow(terminal, CANCEL + settings + (track.texts[at]?.slice(offset) ?? ""));
  return at + 1;
}

/** Draw a mark where a live session would; not where a program draws on the whole screen. */
function drawMark(terminal: ReplayTerminal, mark: { kind: string; text: string }): void {
  writeNow(terminal, CANCEL);
  const drawing = markDrawing(terminal, mark, terminal.options.convertEol === true);
  if (!drawing) return;
  writeNow(terminal, drawing.text);
  drawing.restore();
}
