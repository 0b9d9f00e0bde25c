// The lines around those that match a filter: how many, and which. Apart from the filter, which is
// loaded when there is one. No DOM.

/** Lines that one may keep before and after a match. */
export const MOST_AROUND = 100;

const TERM = /(^|\s)around:(\S*)(?=\s|$)/g;

/** Return how many lines around each match what was typed asks for. */
export function aroundOf(typed: string): number {
  const [, , lines = ""] = [...typed.matchAll(TERM)].at(-1) ?? [];
  return /^\d+$/.test(lines) ? Math.min(Number(lines), MOST_AROUND) : 0;
}

/** Return what was typed with another number of lines around each match. */
export function withAround(typed: string, lines: number): string {
  const others = typed.replace(TERM, "").trim();
  return lines ? `${others} around:${lines}`.trim() : others;
}

/** Return which of some lines to keep: those that match, and those around them. */
export function keptAround(matches: readonly boolean[], around: number): boolean[] {
  const kept = matches.map(() => false);
  let after = -1; // the last line that is kept because of a match before it
  matches.forEach((matched, at) => {
    if (matched) {
      for (let n = Math.max(0, at - around); n <= at; n += 1) kept[n] = true;
      after = at + around;
    }
    if (at <= after) kept[at] = true;
  });
  return kept;
}
