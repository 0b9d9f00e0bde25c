// Where a floating view is and how large, inside the window. Pure functions; no DOM. All numbers are
// pixels.

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Room {
  width: number;
  height: number;
}

/** The edges that a drag moves: "n", "e", "s", "w" or two of them. */
export type Edges = string;

export const MIN_WIDTH = 260;
export const MIN_HEIGHT = 110;
/** What stays between the first box and the window's edges, and between one box and the next. */
const GAP = 24;

/** Return the box, no larger than the window and all of it inside. */
export function fitBox({ left, top, width, height }: Box, room: Room): Box {
  const wide = Math.min(Math.max(width, MIN_WIDTH), room.width);
  const high = Math.min(Math.max(height, MIN_HEIGHT), room.height);
  return {
    left: between(left, 0, room.width - wide),
    top: between(top, 0, room.height - high),
    width: wide,
    height: high,
  };
}

/** Return where a view begins that never floated: at the bottom right, half as wide as the window. */
export function firstBox({ width, height }: Room): Box {
  const size = { width: Math.round(width / 2), height: Math.round(height / 3) };
  const corner = { left: width - size.width - GAP, top: height - size.height - GAP };
  return fitBox({ ...corner, ...size }, { width, height });
}

/** Return the box, moved so that it hides none of the others' title bars. */
export function besideOthers(box: Box, others: readonly Box[], room: Room): Box {
  let found = fitBox(box, room);
  for (let tries = 0; tries <= others.length; tries += 1) {
    const { left, top } = found;
    const hides = others.some(
      (other) => Math.abs(other.left - left) < GAP && Math.abs(other.top - top) < GAP,
    );
    if (!hides) break;
    const up = top >= GAP ? top - GAP : room.height;
    found = fitBox({ ...found, left: left >= GAP ? left - GAP : room.width, top: up }, room);
  }
  return found;
}

export function movedBox(box: Box, right: number, down: number, room: Room): Box {
  return fitBox({ ...box, left: box.left + right, top: box.top + down }, room);
}

/** Move some edges of the box; the opposite ones stay where they are. */
export function sizedBox(box: Box, edges: Edges, right: number, down: number, room: Room): Box {
  const { left, top, width, height } = box;
  const end = { right: left + width, bottom: top + height };
  const sized = { ...box };
  if (edges.includes("e")) {
    sized.width = between(width + right, MIN_WIDTH, room.width - left);
  } else if (edges.includes("w")) {
    sized.width = between(width - right, MIN_WIDTH, end.right);
    sized.left = end.right - sized.width;
  }
  if (edges.includes("s")) {
    sized.height = between(height + down, MIN_HEIGHT, room.height - top);
  } else if (edges.includes("n")) {
    sized.height = between(height - down, MIN_HEIGHT, end.bottom);
    sized.top = end.bottom - sized.height;
  }
  return fitBox(sized, room);
}

/** Read what was written as JSON; undefined if it is no box. */
export function parseBox(text: string | null): Box | undefined {
  try {
    const value = JSON.parse(text ?? "") as Record<keyof Box, unknown>;
    const [left, top, width, height] = [value.left, value.top, value.width, value.height].map(
      Number,
    ) as [number, number, number, number];
    return [left, top, width, height].every(Number.isFinite)
      ? { left, top, width, height }
      : undefined;
  } catch {
    return undefined;
  }
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
