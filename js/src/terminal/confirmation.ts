// A question that the user answers before something is done, such as a paste of several lines.
// Types only: a terminal asks, and a view shows the question. No DOM, no xterm.

export interface Choice {
  label: string;
  /** Where the choice leads: it opens in a new tab. */
  href?: string;
  chosen?: () => void;
}

export interface Confirmation {
  /** A sentence that ends with a question mark. */
  title: string;
  /** What the question is about, shown as it is. */
  detail: string;
  choices: Choice[];
}

/** Where questions are shown. */
export interface Confirmer {
  /** Ask; this replaces a question that is still open. */
  ask(confirmation: Confirmation): void;
  /** Take the question away, as if nothing had been chosen. */
  hide(): void;
}
