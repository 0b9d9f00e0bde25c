// The whole state of a terminal as a value: taken from one terminal, put into another one. It uses
// parts of xterm that are not its interface, so the version of xterm is fixed, and keyframe.test.ts
// compares terminals by what they do afterwards. No DOM, no Jupyter.
//
// Without keyframes a jump would have to draw everything that was printed before. Text that restores a
// screen, as xterm's own add-on makes it, loses tab stops, character sets, saved cursors and more.

/** The part of xterm's Terminal that is used here; the headless one has it too. */
export interface Drawable {
  readonly cols: number;
  readonly rows: number;
  resize(cols: number, rows: number): void;
  /** Draw rows anew; a headless terminal draws nothing. */
  refresh?(start: number, end: number): void;
}

interface Attributes {
  fg: number;
  bg: number;
  extended: object;
  clone(): Attributes;
}

interface Line {
  _data: Uint32Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, object | undefined>;
  isWrapped: boolean;
}

interface Buffer {
  lines: {
    length: number;
    maxLength: number;
    get(index: number): Line | undefined;
    push(line: Line): void;
  };
  ydisp: number;
  ybase: number;
  x: number;
  y: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: Attributes;
  savedCharset: unknown;
  getBlankLine(attributes: undefined): Line;
  clearAllMarkers(): void;
}

interface Link {
  data: object;
  id: number;
  lines: unknown[];
}

/** What has the state, inside xterm 6. */
interface Core {
  writeSync(text: string): void;
  _bufferService: {
    buffers: {
      normal: Buffer;
      alt: Buffer;
      active: Buffer;
      activateNormalBuffer(): void;
      activateAltBuffer(): void;
    };
    _onScroll: { fire(line: number): void };
  };
  coreService: {
    isCursorInitialized: boolean;
    isCursorHidden: boolean;
    modes: object;
    decPrivateModes: object;
  };
  unicodeService: { getStringCellWidth(text: string): number };
  _charsetService: { charset: unknown; glevel: number; _charsets: unknown[] };
  _oscLinkService: {
    _nextId: number;
    _dataByLinkId: Map<number, Link>;
    _entriesWithId: Map<string, Link>;
  };
  _inputHandler: {
    _curAttrData: Attributes;
    _stringDecoder: { _interim: number };
    _parser: { currentState: number; precedingJoinState: number };
  };
}

type Scalars = Pick<
  Buffer,
  "x" | "y" | "ybase" | "scrollTop" | "scrollBottom" | "savedX" | "savedY" | "savedCharset"
>;

interface PackedLine {
  /** Cells up to the last one that is not empty. */
  cells: Uint32Array;
  combined: Record<number, string> | undefined;
  extended: Record<number, object | undefined> | undefined;
  wrapped: boolean;
}

interface BufferState extends Scalars {
  lines: PackedLine[];
  /** Lines that it has room for. xterm does not lower that where a buffer is empty. */
  room: number;
  tabs: Record<number, boolean | undefined>;
  savedCurAttrData: Attributes;
}

export interface Keyframe {
  readonly cols: number;
  readonly rows: number;
  readonly normal: BufferState;
  readonly alt: BufferState;
  /** Whether the alternate screen is shown. */
  readonly alternate: boolean;
  readonly attributes: Attributes;
  readonly service: Core["coreService"];
  readonly charsets: Core["_charsetService"];
  readonly links: readonly Pick<Link, "id" | "data">[];
  readonly nextLink: number;
  readonly joins: number;
}

/** The content of a cell in which nothing was written. */
const EMPTY = 1 << 22;
const CELL = 3;

function coreOf(terminal: object): Core {
  return (terminal as { _core: Core })._core;
}

/** Return how many columns a text takes. */
export function cellsOf(terminal: object, text: string): number {
  return coreOf(terminal).unicodeService.getStringCellWidth(text);
}

/** What decides how the next character is drawn, and in which column. */
export interface Pen {
  /** Use it again. `inserted`: the row before which another one was inserted since, if any. */
  restore(inserted?: number): void;
}

/** Note what a program has set, so that something of ours can be drawn in between. */
export function takePen(terminal: object): Pen {
  const core = coreOf(terminal);
  const { _charsetService: charsets, _inputHandler: input } = core;
  const attributes = input._curAttrData.clone();
  const { charset, glevel } = charsets;
  const known = [...charsets._charsets];
  const { active } = core._bufferService.buffers;
  const { x } = active;
  const row = active.ybase + active.y;
  return {
    restore(inserted) {
      input._curAttrData = attributes;
      Object.assign(charsets, { charset, glevel, _charsets: known });
      if (inserted === undefined) return;
      active.x = x; // no sequence can put it beyond the last column
      // A position that the program has saved moves with its row. The first one is where none is saved.
      const { savedX, savedY } = active;
      if ((savedX || savedY) && savedY >= inserted) active.savedY += active.ybase + active.y - row;
    },
  };
}

/** Return whether lines that leave the screen at its top go into the scrollback. */
export function keepsLines(terminal: Drawable): boolean {
  const { active, normal } = coreOf(terminal)._bufferService.buffers;
  return active === normal && normal.scrollTop === 0 && normal.scrollBottom === terminal.rows - 1;
}

/** Write a text and have it drawn when this returns. No handler of ours waits for anything. */
export function writeNow(terminal: Drawable, text: string): void {
  coreOf(terminal).writeSync(text);
}

/** Return the state of a terminal; undefined in the middle of a sequence or a character. */
export function takeKeyframe(terminal: Drawable): Keyframe | undefined {
  const core = coreOf(terminal);
  const { _parser: parser, _stringDecoder: decoder, _curAttrData: attributes } = core._inputHandler;
  if (parser.currentState !== 0 || decoder._interim) return undefined;
  const { buffers } = core._bufferService;
  const { coreService: service, _charsetService: charsets, _oscLinkService: links } = core;
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    normal: stateOf(buffers.normal),
    alt: stateOf(buffers.alt),
    alternate: buffers.active === buffers.alt,
    attributes: attributes.clone(),
    service: {
      isCursorInitialized: service.isCursorInitialized,
      isCursorHidden: service.isCursorHidden,
      modes: { ...service.modes },
      decPrivateModes: { ...service.decPrivateModes },
    },
    charsets: {
      charset: charsets.charset,
      glevel: charsets.glevel,
      _charsets: [...charsets._charsets],
    },
    links: [...links._dataByLinkId.values()].map(({ id, data }) => ({ id, data })),
    nextLink: links._nextId,
    joins: parser.precedingJoinState,
  };
}

/** Put a state into a terminal, which shows the newest lines then. */
export function restoreKeyframe(terminal: Drawable, keyframe: Keyframe): void {
  const core = coreOf(terminal);
  const { _bufferService: bufferService, _oscLinkService: links } = core;
  const { buffers } = bufferService;
  for (const buffer of [buffers.normal, buffers.alt]) buffer.clearAllMarkers();
  if (terminal.cols !== keyframe.cols || terminal.rows !== keyframe.rows) {
    terminal.resize(keyframe.cols, keyframe.rows);
  }
  if (keyframe.alternate) buffers.activateAltBuffer();
  else buffers.activateNormalBuffer();
  putState(buffers.alt, keyframe.alt);
  putState(buffers.normal, keyframe.normal);
  const { service, charsets } = keyframe;
  core.coreService.isCursorInitialized = service.isCursorInitialized;
  core.coreService.isCursorHidden = service.isCursorHidden;
  core.coreService.modes = { ...service.modes };
  core.coreService.decPrivateModes = { ...service.decPrivateModes };
  Object.assign(core._charsetService, charsets, { _charsets: [...charsets._charsets] });
  // Cells name their links by number, so these stay the same.
  links._dataByLinkId.clear();
  links._entriesWithId.clear();
  for (const { data, id } of keyframe.links) links._dataByLinkId.set(id, { data, id, lines: [] });
  links._nextId = keyframe.nextLink;
  core._inputHandler._curAttrData = keyframe.attributes.clone();
  core._inputHandler._parser.currentState = 0;
  core._inputHandler._parser.precedingJoinState = keyframe.joins;
  bufferService._onScroll.fire(buffers.active.ydisp);
  terminal.refresh?.(0, terminal.rows - 1);
}

function stateOf(buffer: Buffer): BufferState {
  const lines: PackedLine[] = [];
  for (let n = 0; n < buffer.lines.length; n += 1) {
    const line = buffer.lines.get(n);
    if (line) lines.push(pack(line));
  }
  const { x, y, ybase, scrollTop, scrollBottom, savedX, savedY, savedCharset } = buffer;
  const saved = buffer.savedCurAttrData.clone();
  const scalars = { x, y, ybase, scrollTop, scrollBottom, savedX, savedY, savedCharset };
  const room = buffer.lines.maxLength;
  return { ...scalars, lines, room, tabs: { ...buffer.tabs }, savedCurAttrData: saved };
}

function putState(buffer: Buffer, state: BufferState): void {
  const { lines, room, tabs, savedCurAttrData, ...scalars } = state;
  Object.assign(buffer, scalars, { ydisp: state.ybase, tabs: { ...tabs } });
  buffer.savedCurAttrData = savedCurAttrData.clone();
  buffer.lines.length = 0;
  buffer.lines.maxLength = room;
  for (const packed of lines) buffer.lines.push(unpack(packed, buffer));
}

function pack(line: Line): PackedLine {
  const data = line._data;
  let end = data.length;
  while (end && data[end - 3] === EMPTY && !data[end - 2] && !data[end - 1]) end -= CELL;
  const some = <Value>(values: Record<number, Value>) =>
    Object.keys(values).length ? { ...values } : undefined;
  return {
    cells: data.slice(0, end),
    combined: some(line._combined),
    extended: some(line._extendedAttrs),
    wrapped: line.isWrapped,
  };
}

function unpack({ cells, combined, extended, wrapped }: PackedLine, buffer: Buffer): Line {
  const line = buffer.getBlankLine(undefined);
  line._data.set(cells.subarray(0, line._data.length));
  line._combined = { ...combined };
  line._extendedAttrs = { ...extended };
  line.isWrapped = wrapped;
  return line;
}
