// Elements, made in one line. DOM only.

/** Make an element of a class, with properties set and children put in. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

/** Set the text only where it differs: selections and screen readers are left in peace. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Have a control get its keys, above all Enter. Notebook 7 looks at every key before the page does,
 * and leaves alone only those of an element that says so itself; what is around it does not count.
 */
export function keepKeys(control: HTMLElement): void {
  control.dataset.lmSuppressShortcuts = "true";
}
