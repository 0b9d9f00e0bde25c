// Shortens pauses: from the time in a recording to the time in its playing, and back. No DOM.
//
// Strategy: both times grow together, except in a pause that is longer than the limit, which is
// played faster. So the relation is a line with bends, and only the bends are kept.

export class Timeline {
  /** The bends, in order: seconds in the recording, and seconds of playing. */
  #recorded: number[] = [0];
  #played: number[] = [0];

  /**
   * `moments`: the times of all events, in order. `limit`: the longest pause in seconds; null is no
   * limit.
   */
  constructor(moments: Float64Array, duration: number, limit: number | null) {
    let last = 0;
    for (const moment of limit === null ? [] : [...moments, duration]) {
      if (limit !== null && moment - last > limit) {
        this.#bend(last, last - this.#end(this.#recorded) + this.#end(this.#played));
        this.#bend(moment, this.#end(this.#played) + limit);
      }
      last = moment;
    }
    this.#bend(duration, duration - this.#end(this.#recorded) + this.#end(this.#played));
  }

  /** Seconds that playing takes at normal speed. */
  get length(): number {
    return this.#end(this.#played);
  }

  /** Return when a time of the recording is played. */
  played(recorded: number): number {
    return convert(recorded, this.#recorded, this.#played);
  }

  /** Return which time of the recording is played at a time. */
  recorded(played: number): number {
    return convert(played, this.#played, this.#recorded);
  }

  #end(bends: number[]): number {
    return bends[bends.length - 1] ?? 0;
  }

  #bend(recorded: number, played: number): void {
    if (recorded <= this.#end(this.#recorded)) return;
    this.#recorded.push(recorded);
    this.#played.push(played);
  }
}

function convert(value: number, from: readonly number[], to: readonly number[]): number {
  let low = 0;
  let high = from.length - 1;
  if (value <= 0 || high < 1) return 0;
  if (value >= (from[high] ?? 0)) return to[high] ?? 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((from[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  const [a = 0, b = 0, c = 0, d = 0] = [from[low], from[high], to[low], to[high]];
  return c + ((value - a) * (d - c)) / (b - a);
}
