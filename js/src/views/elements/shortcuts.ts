// Divides the keys between our controls and the page's shortcuts. DOM only.
//
// JupyterLab and Notebook 7 look at every key before the element that has the focus does, and leave
// it alone if the element, or one around it, has data-lm-suppress-shortcuts. That would also take
// Ctrl+S from the page. So the attribute is set or removed at each key, before the page looks.

/** Which keys of a control are not the page's. */
export type KeyFilter = (event: KeyboardEvent) => boolean;

const ATTRIBUTE = "data-lm-suppress-shortcuts";
/** What an editor or a pane does with Ctrl or Cmd: select all, copy, find, paste, cut, undo, redo. */
const CHORDS = new Set(["a", "c", "f", "v", "x", "y", "z"]);
/** Keys that move or delete by words, or send a line, with Ctrl or Cmd. */
const MOVES = /^(Arrow\w+|Home|End|Backspace|Delete|Enter|Page\w+)$/;
const FUNCTION_KEY = /^F\d+$/;

const filters = new WeakMap<EventTarget, KeyFilter>();
let watching = false;

/** The keys of a field, a button or a pane: typing, moving, editing. */
export const plainKeys: KeyFilter = (event) => {
  if (FUNCTION_KEY.test(event.key)) return false;
  const chord = (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (!chord) return true;
  if (MOVES.test(event.key)) return true;
  return !event.shiftKey && !event.altKey && CHORDS.has(event.key.toLowerCase());
};

/** Keep an event from everybody else, the browser included. */
export function take(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Whether a key goes to an error of a pane: F8, with Shift the other way. */
export function isErrorKey(event: KeyboardEvent): boolean {
  return event.key === "F8" && !event.ctrlKey && !event.metaKey && !event.altKey;
}

/**
 * Let a control, with all that is in it, get its keys, above all Enter. Notebook 7 does not look at
 * the elements around the one that has the focus, so call this for each control that takes keys.
 */
export function keepKeys(control: HTMLElement, filter: KeyFilter = plainKeys): void {
  filters.set(control, filter);
  control.toggleAttribute(ATTRIBUTE, true);
  if (watching) return;
  watching = true;
  // The window comes before the document, where the page listens.
  window.addEventListener("keydown", divide, { capture: true });
}

function divide(event: KeyboardEvent): void {
  for (const target of event.composedPath()) {
    const filter = filters.get(target);
    if (filter) (target as HTMLElement).toggleAttribute(ATTRIBUTE, filter(event));
  }
}
