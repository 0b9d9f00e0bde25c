// Moves an element to another parent, and keeps the focus and what is scrolled inside it: both are
// lost when an element leaves the document. DOM only.

/** Call `move`, and then bring back the focus and the scrolled positions. */
export function moveKeeping(root: HTMLElement, move: () => void): void {
  const focused = focusedIn(root);
  const scrolled = [...root.querySelectorAll("*")]
    .filter((each) => each.scrollTop !== 0 || each.scrollLeft !== 0)
    .map((each) => ({ each, top: each.scrollTop, left: each.scrollLeft }));
  move();
  for (const { each, top, left } of scrolled) {
    each.scrollTop = top;
    each.scrollLeft = left;
  }
  focused?.focus({ preventScroll: true });
}

/** Return the element inside a root that has the focus. */
export function focusedIn(root: HTMLElement): HTMLElement | undefined {
  const { activeElement } = root.getRootNode() as Document | ShadowRoot;
  return activeElement instanceof HTMLElement && root.contains(activeElement)
    ? activeElement
    : undefined;
}
