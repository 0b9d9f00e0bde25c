// What a pane asks of what is around it, and reports to it. Types only: no DOM, no Jupyter.

import type { ViewSettings } from "./view-settings";

export interface PaneHost {
  readonly settings: ViewSettings;
  /** Lines that it shows at first. */
  readonly rows: number;
  /** Show the result of something for some seconds; a failure, until the next one. */
  say(text: string, failed?: boolean): void;
  /** It uses more lines than before, or what waits or matches is something else. */
  changed(): void;
  /**
   * Go to an error of another pane: the newest one, or, `through` all errors of this one, the first in
   * that direction. Returns whether one has any.
   */
  elsewhere?(step: number, through: boolean): boolean;
}
