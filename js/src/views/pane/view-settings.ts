// How the user wants a container's views: for the panes that are made anew, for the next run of the
// cell, and for the next day. No Jupyter.

import type { Times } from "../../model/output/times";
import { Remembered } from "../elements/remembered";

export const LAYOUTS = ["split", "merged", "tabs"] as const;

/** Panes side by side; one pane with both streams in the order of arrival; one pane at a time. */
export type Layout = (typeof LAYOUTS)[number];

/** Rows that panes may have; the kernel's traits have the same bounds. */
export const MIN_ROWS = 2;
export const MAX_ROWS = 200;

/** What the user has chosen instead of what the cell asks for. It holds while the cell asks the same. */
export type Instead<T> = [chosen: T, asked: T];

/** Remembered for good. What is undefined was not chosen. */
export interface Settings {
  layout: Instead<Layout>;
  /** Lines that the panes show, whatever there is; else they grow with the output. */
  rows: Instead<number>;
  /** Percent of the width that stdout has. */
  share: number;
  wrap: boolean;
  times: Times;
  pauses: boolean;
  structured: boolean;
  fold: boolean;
  /** Whether a terminal has a line for input below. */
  inputLine: boolean;
}

/** Remembered until the tab is closed: a filter of last week would hide lines of today. */
export interface Searches {
  filter: string;
  find: string;
}

export class ViewSettings {
  readonly kept: Remembered<Settings>;
  readonly searches: Remembered<Searches>;

  constructor(container: string) {
    const name = `view ${container}`;
    this.kept = new Remembered(name, true);
    this.searches = new Remembered(name, false);
  }

  /** What was chosen instead of what a cell asks for; undefined if nothing was. */
  instead<K extends "layout" | "rows">(key: K, asked: Settings[K][0]): Settings[K][0] | undefined {
    const found = this.kept.get(key);
    return found?.[1] === asked ? found[0] : undefined;
  }
}
