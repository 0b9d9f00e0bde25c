// How many columns characters take, alone and together, for xterm: a cluster (an emoji of several parts,
// a letter with its marks, a flag) is one cell of one or two columns. No DOM.
//
// hyper_jupyter/recording/screen/widths.py is the same for saved output, with the same table, and says how it
// works: a change here is a change there.

import type { IUnicodeVersionProvider } from "@xterm/xterm";
import { ENTRIES, RUNS } from "./width-table";

const MAY_WIDEN = 16;
const WIDTH = 32;

enum Kind {
  Other,
  Format,
  Extend,
  Zwj,
  Vs16,
  Regional,
  Modifier,
  Widening,
  Picture,
  Linker,
  Consonant,
}

/** What came last. */
enum Phase {
  None,
  Base,
  Widenable,
  Pictured,
  WidenablePicture,
  PictureZwj,
  Flag,
  Letter,
  Linked,
}

const NO_COLUMN: ReadonlySet<number> = new Set([
  Kind.Format,
  Kind.Extend,
  Kind.Zwj,
  Kind.Vs16,
  Kind.Widening,
  Kind.Linker,
]);

/** What may follow in the same cell, beside marks, and the phase after it. */
const FOLLOWERS: ReadonlyMap<number, readonly [Kind, Phase]> = new Map([
  [Phase.Pictured, [Kind.Modifier, Phase.Pictured] as const],
  [Phase.WidenablePicture, [Kind.Modifier, Phase.Pictured] as const],
  [Phase.PictureZwj, [Kind.Picture, Phase.Pictured] as const],
  [Phase.Flag, [Kind.Regional, Phase.Base] as const],
  [Phase.Linked, [Kind.Consonant, Phase.Letter] as const],
]);

/** The name under which a terminal knows this. */
export const VERSION = "hyper-jupyter";

/** Where a terminal registers it: the part of xterm's Terminal that the headless one has too. */
export interface Registry {
  readonly unicode: { register(provider: IUnicodeVersionProvider): void; activeVersion: string };
  readonly buffer: { readonly active: { readonly cursorX: number } };
}

/** Make a terminal use these widths. It must allow proposed API. */
export function useOurWidths(terminal: Registry): void {
  terminal.unicode.register({
    version: VERSION,
    wcwidth: (code) => (entry(code) >> 5) as 0 | 1 | 2,
    charProperties: (code, before) =>
      properties(code, before, () => terminal.buffer.active.cursorX === 0),
  });
  terminal.unicode.activeVersion = VERSION;
}

/**
 * Return the properties of a character, in xterm's form. `before` are those of the one before it, or 0
 * if something else than a character came last. `firstColumn`: whether no cell is before it, which a
 * mark could join.
 */
export function properties(code: number, before: number, firstColumn: () => boolean): number {
  const found = entry(code);
  const kind = found % MAY_WIDEN;
  const phase = before >> 3;
  const cell = (before >> 1) & 3;
  if (NO_COLUMN.has(kind)) {
    if (phase === Phase.None && firstColumn()) return state(Phase.Base, 1, false);
    return marked(kind, phase, cell);
  }
  const width = Math.floor(found / WIDTH);
  const follower = FOLLOWERS.get(phase);
  if (follower?.[0] === kind) return state(follower[1], Math.min(2, cell + width), true);
  return state(phaseOf(kind, found % WIDTH >= MAY_WIDEN), width, false);
}

/** Return the phase after a character that begins a cell. */
function phaseOf(kind: Kind, mayWiden: boolean): Phase {
  if (kind === Kind.Picture) return mayWiden ? Phase.WidenablePicture : Phase.Pictured;
  if (kind === Kind.Regional) return Phase.Flag;
  if (kind === Kind.Consonant) return Phase.Letter;
  return mayWiden ? Phase.Widenable : Phase.Base;
}

/** Return the properties of a character without a column. */
function marked(kind: Kind, phase: Phase, cell: number): number {
  const picture = phase === Phase.Pictured || phase === Phase.WidenablePicture;
  if (kind === Kind.Widening) return state(Phase.Base, cell ? 2 : 0, true);
  const widenable = phase === Phase.Widenable || phase === Phase.WidenablePicture;
  const width = kind === Kind.Vs16 && widenable ? 2 : cell;
  if (kind === Kind.Format) return state(Phase.Base, width, true);
  if (picture) return state(kind === Kind.Zwj ? Phase.PictureZwj : Phase.Pictured, width, true);
  if (phase === Phase.Letter || phase === Phase.Linked) {
    return state(kind === Kind.Linker ? Phase.Linked : phase, width, true);
  }
  return state(Phase.Base, width, true);
}

function state(phase: Phase, width: number, joins: boolean): number {
  return (phase << 3) | (width << 1) | (joins ? 1 : 0);
}

let table: Uint8Array | undefined;

/** Return what the table says of a code point. */
function entry(code: number): number {
  table ??= unpacked();
  return table[code] ?? WIDTH;
}

/** One byte per code point: a megabyte, once per page, made when the first terminal writes. */
function unpacked(): Uint8Array {
  const all = new Uint8Array(0x110000);
  let at = 0;
  for (const [, count, letter = ""] of RUNS.matchAll(/([0-9a-z]*)([A-Z])/g)) {
    const end = at + Number.parseInt(count || "1", 36);
    all.fill(ENTRIES[letter.charCodeAt(0) - 65] ?? WIDTH, at, end);
    at = end;
  }
  return all;
}
