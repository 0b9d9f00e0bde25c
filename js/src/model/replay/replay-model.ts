// What is played, from where, and how fast. No DOM: a view calls `tick` as often as it draws.
//
// Strategy: playing is no chain of timers. The position is worked out from a clock whenever somebody
// asks, and panes draw what is due until then. So a page that was busy, or hidden, is never behind.

import { countUntil, type Marker, type Recording, SAME } from "./recording";
import { Timeline } from "./timeline";

export const SPEEDS = [0.5, 1, 1.5, 2, 3, 5, 10] as const;

/** Seconds within which "previous marker" during playing means the one before. */
const GRACE = 1;

export class ReplayModel {
  readonly recording: Recording;
  #now: () => number;
  #timeline: Timeline;
  #limit: number | null;
  #position = 0;
  /** The exact time in the recording, where it was sought by that. */
  #time: number | undefined = 0;
  #since = 0;
  #playing = false;
  #speed = 1;
  #listeners = new Set<() => void>();

  /** `now` returns milliseconds of a clock that never goes back. */
  constructor(recording: Recording, now: () => number = () => performance.now()) {
    this.recording = recording;
    this.#now = now;
    this.#limit = recording.header.idleLimit;
    this.#timeline = this.#makeTimeline();
  }

  /** Call back after anything but the position has changed, and after each jump. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** Seconds that playing takes at normal speed, with pauses shortened. */
  get length(): number {
    return this.#timeline.length;
  }

  /** Seconds from the start, with pauses shortened. */
  get position(): number {
    if (!this.#playing) return this.#position;
    const elapsed = ((this.#now() - this.#since) / 1000) * this.#speed;
    return Math.min(this.length, this.#position + elapsed);
  }

  /** The time in the recording, in seconds from its start. */
  get time(): number {
    if (!this.#playing && this.#time !== undefined) return this.#time;
    return this.#timeline.recorded(this.position);
  }

  get atEnd(): boolean {
    return this.position >= this.length;
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    if (!(speed >= 0.1 && speed <= 100)) return;
    this.#settle();
    this.#speed = speed;
    this.#changed();
  }

  /** The longest pause that is played, in seconds; null is no limit. */
  get idleLimit(): number | null {
    return this.#limit;
  }

  set idleLimit(limit: number | null) {
    const { time } = this;
    this.#limit = limit !== null && limit > 0 ? limit : null;
    this.#timeline = this.#makeTimeline();
    this.#jump(time);
  }

  play(): void {
    if (this.#playing) return;
    if (this.atEnd) this.#jump(0);
    this.#since = this.#now();
    this.#playing = true;
    this.#changed();
  }

  pause(): void {
    if (!this.#playing) return;
    this.#settle();
    this.#playing = false;
    this.#changed();
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  /** Go to a position, with pauses shortened. */
  seek(position: number): void {
    this.#position = Math.min(this.length, Math.max(0, position));
    this.#time = this.#position >= this.length ? this.recording.duration : undefined;
    this.#since = this.#now();
    this.#changed();
  }

  /** Go to a time of the recording. */
  seekTime(time: number): void {
    this.#jump(Math.min(this.recording.duration, Math.max(0, time)));
  }

  /** Go to the next output, or (-1) to the previous one, and stay there. */
  step(direction: 1 | -1): void {
    this.pause();
    const { times } = this.recording;
    const { time } = this;
    if (direction > 0) this.seekTime(times[countUntil(times, time)] ?? this.recording.duration);
    else this.seekTime(times[countUntil(times, time - 2 * SAME) - 1] ?? 0);
  }

  get markers(): readonly Marker[] {
    return this.recording.markers;
  }

  /** When a time of the recording is played. */
  positionOf(time: number): number {
    return this.#timeline.played(time);
  }

  /** Which time of the recording is played at a position. */
  timeOf(position: number): number {
    return this.#timeline.recorded(position);
  }

  /** Go to the next marker, or (-1) to the previous one. Returns it; undefined if there is none. */
  toMarker(direction: 1 | -1): Marker | undefined {
    const { time } = this;
    const before = time - (this.#playing ? GRACE : 0) - SAME;
    const found =
      direction > 0
        ? this.markers.find((marker) => marker.time > time + SAME)
        : this.markers.filter((marker) => marker.time < before).at(-1);
    if (found) this.seekTime(found.time);
    return found;
  }

  /** Stop where everything has been played. */
  tick(): void {
    if (!this.#playing || !this.atEnd) return;
    this.#playing = false;
    this.seek(this.length);
  }

  #makeTimeline(): Timeline {
    const { moments, duration } = this.recording;
    return new Timeline(moments, duration, this.#limit);
  }

  #jump(time: number): void {
    this.#position = this.#timeline.played(time);
    this.#time = time;
    this.#since = this.#now();
    this.#changed();
  }

  #settle(): void {
    if (!this.#playing) return;
    this.#position = this.position;
    this.#time = undefined;
    this.#since = this.#now();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
