// Choices of the user that this browser remembers, by name. DOM only.

const KEY = "hyper-jupyter:choices";
/** Choices that are remembered; the oldest is forgotten. */
const MOST = 100;

/** Return what was chosen under a name; undefined if nothing was. */
export function remembered(name: string): boolean | undefined {
  return read().find(([known]) => known === name)?.[1];
}

export function remember(name: string, on: boolean): void {
  const others = read().filter(([known]) => known !== name);
  try {
    localStorage.setItem(KEY, JSON.stringify([...others, [name, on]].slice(-MOST)));
  } catch {
    // The browser keeps nothing for this page.
  }
}

function read(): [name: string, on: boolean][] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? (value as [string, boolean][]) : [];
  } catch {
    return [];
  }
}
