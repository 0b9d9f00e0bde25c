// Which entry of a menu a key leads to, as the ARIA practices say. Pure functions; no DOM.

/**
 * Return the index of the entry that an arrow key, Home or End leads to; undefined for other keys.
 * `at`: the entry that has the focus, -1 if none has.
 */
export function entryByArrow(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

/** Return the index of the next entry whose name starts with a letter, going round at the end. */
export function entryByLetter(
  letter: string,
  at: number,
  names: readonly string[],
): number | undefined {
  for (let step = 1; step <= names.length; step += 1) {
    const index = (at + step) % names.length;
    if (names[index]?.startsWith(letter.toUpperCase())) return index;
  }
  return undefined;
}
