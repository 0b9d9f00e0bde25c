// The line of a small plot. No DOM.

/** The size of a plot, in its own units. */
export const WIDTH = 100;
export const HEIGHT = 24;

/** Seconds without a reading that are drawn as a gap, at least. */
const GAP = 12;

export type Sample = readonly [time: number, value: number | null];

/** The smallest of 1, 2, 5, 10, 20, 50, … that no value is above: the top of a plot of percents. */
export function percentTop(samples: readonly Sample[]): number {
  const highest = highestOf(samples);
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find((each) => each * power >= highest) ?? 10;
  return step * power;
}

/** The smallest power of two, of bytes, that no value is above: the top of a plot of memory. */
export function memoryTop(samples: readonly Sample[]): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1024, highestOf(samples))));
}

function highestOf(samples: readonly Sample[]): number {
  return Math.max(1, ...samples.map(([, value]) => value ?? 0));
}

/**
 * The path of a line through samples, with gaps where there was none for some time. The newest is at
 * the right edge, and `seconds` before it at the left.
 */
export function linePath(samples: readonly Sample[], seconds: number, top: number): string {
  const end = samples.at(-1)?.[0] ?? 0;
  let path = "";
  let before: number | null = null;
  for (const [time, value] of samples) {
    if (value === null || time < end - seconds) continue;
    const x = WIDTH * (1 - (end - time) / seconds);
    const y = HEIGHT - 1 - (HEIGHT - 2) * Math.min(1, value / top);
    const joined = before !== null && time - before <= GAP;
    path += `${joined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = time;
  }
  return path;
}

/** How many seconds a plot shows: two minutes, or as long as there are readings. */
export function spanOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  return Math.max(120, first && last ? last[0] - first[0] : 0);
}
