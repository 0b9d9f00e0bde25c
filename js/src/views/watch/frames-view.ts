// The frames of a session as a table: the eight bytes of each header, what they say, and the payload.
// DOM, no Jupyter.

import {
  escapedText,
  type Frame,
  type FramesModel,
  hex,
  hexDump,
} from "../../model/watch/frames-model";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { WatchFrame } from "./watch-frame";

/** Pixels from the end within which the table follows what comes. */
const NEAR = 24;
const HEADINGS = ["#", "time", "stream", "", "length", "payload"];

export class FramesView {
  readonly root: HTMLElement;
  #model: FramesModel;
  #frame: WatchFrame;
  #rows = new Map<number, HTMLElement[]>();
  #body = element("tbody", "");
  #scroll = element("div", "hj-frames", { tabIndex: 0 });
  #count = element("span", "hj-fact hj-watch-count");
  #note = element("div", "hj-watch-note");

  constructor(model: FramesModel) {
    this.#model = model;
    this.#scroll.ariaLabel = "frames, newest last";
    keepKeys(this.#scroll);
    const heading = HEADINGS.map((name) =>
      element("th", "hj-frames-heading", { scope: "col" }, name || makeLegend()),
    );
    const head = element("thead", "", {}, element("tr", "", {}, ...heading));
    this.#scroll.append(element("table", "hj-frames-table", {}, head, this.#body));
    this.#frame = new WatchFrame("frames", model, [this.#scroll, this.#note], () => this.#draw(), {
      stops: "stop keeping frames",
      count: this.#count,
    });
    this.root = this.#frame.root;
    this.root.ariaLabel = `frames: ${model.status.what}`;
  }

  close(): void {
    this.#frame.close();
  }

  #draw(): void {
    const { frames, heard } = this.#model;
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const follows = scrollHeight - scrollTop - clientHeight <= NEAR;
    const first = frames[0]?.number ?? 0;
    for (const [number, rows] of this.#rows) {
      if (number >= first) break;
      for (const row of rows) row.remove();
      this.#rows.delete(number);
    }
    for (const frame of frames) {
      if (this.#rows.has(frame.number)) continue;
      const rows = makeRows(frame);
      this.#rows.set(frame.number, rows);
      this.#body.append(...rows);
    }
    if (follows) this.#scroll.scrollTop = this.#scroll.scrollHeight;
    const last = frames.at(-1)?.number ?? 0;
    const kept = frames.length < last ? `the newest ${frames.length} of ` : "";
    setText(this.#count, `${kept}${last.toLocaleString("en")} ${last === 1 ? "frame" : "frames"}`);
    setText(this.#note, heard && !frames.length ? "No frame has come yet." : "");
    this.#note.hidden = this.#note.textContent === "";
  }
}

/** What the bytes of a header mean: above them, as the heading of their column. */
function makeLegend(): HTMLElement {
  const parts = ["type", "zero", "length"].map((name) =>
    element("span", `hj-byte-${name}`, {}, name === "zero" ? "0 0 0" : name),
  );
  const title =
    "the header of a frame: type, three zeros, and the length in four bytes, big-endian";
  return element("span", "hj-frames-legend", { title }, "header ", ...parts);
}

function makeRows(frame: Frame): HTMLElement[] {
  const { number, time, stream, length, payload, missed } = frame;
  const date = new Date(time * 1000);
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  const at = `${date.toLocaleTimeString([], { hourCycle: "h23" })}.${ms}`;
  const more = length > payload.length ? "…" : "";
  const text = element("code", "", {}, `${escapedText(payload)}${more}`);
  const open = element(
    "button",
    "hj-frame-open",
    { type: "button", title: "show the bytes" },
    text,
  );
  open.ariaExpanded = "false";
  keepKeys(open);
  const row = element(
    "tr",
    "hj-frame-row",
    {},
    element("td", "hj-number", {}, String(number)),
    element("td", "hj-quiet", { title: date.toLocaleString() }, at),
    element("td", "", {}, element("span", "hj-frame-stream", {}, stream)),
    element("td", "", {}, ...makeHeader(frame.header)),
    element("td", "hj-number", {}, length.toLocaleString("en")),
    element("td", "hj-frame-payload", {}, open),
  );
  row.dataset.stream = stream.replace(/ \d+$/, "");
  const dump = element("tr", "hj-frame-dump", { hidden: true });
  open.addEventListener("click", () => {
    if (!dump.firstChild) {
      const rest = length > payload.length ? `\n… ${length - payload.length} more bytes` : "";
      const pre = element("pre", "", {}, `${hexDump(payload)}${rest}`);
      dump.append(element("td", "", { colSpan: HEADINGS.length }, pre));
    }
    dump.hidden = !dump.hidden;
    open.ariaExpanded = String(!dump.hidden);
  });
  if (missed <= 0) return [row, dump];
  const words = `${missed.toLocaleString("en")} ${missed === 1 ? "frame" : "frames"} not shown`;
  const cell = element("td", "hj-quiet", { colSpan: HEADINGS.length }, `— ${words} —`);
  return [element("tr", "", {}, cell), row, dump];
}

function makeHeader(header: Uint8Array): HTMLElement[] {
  if (!header.length) return [element("span", "hj-quiet", {}, "no header")];
  const [type = 0, ...rest] = header;
  const part = (name: string, bytes: number[]) =>
    element("span", `hj-byte-${name}`, {}, bytes.map(hex).join(" "));
  return [part("type", [type]), part("zero", rest.slice(0, 3)), part("length", rest.slice(3))];
}
