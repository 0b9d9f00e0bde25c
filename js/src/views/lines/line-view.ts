// The strip below a pane with one line of it: its fields, one below the other, or the line as it came.
// DOM only. Names and values of strangers are text nodes.

import { LEVELS } from "../../model/logs/level";
import type { LogLine } from "../../model/logs/log-line";
import { copy } from "../elements/clipboard";
import { element, setText } from "../elements/dom";
import { iconButton } from "../elements/icons";
import { keepKeys, take } from "../elements/shortcuts";
import { addStyle } from "../elements/style";

/** Entries of one object, and levels of objects, that are drawn. */
const ENTRIES = 500;
const DEPTH = 20;

/** A line to show. */
export interface ShownLine {
  /** Its fields, if it is a structured one. */
  line: LogLine | undefined;
  /** It and the lines that belong to it, as they came. */
  raw: readonly string[];
}

declare const BUILD: string;
declare const STYLE_SHEET: string;

export class LineView {
  readonly root: HTMLElement;
  #title = element("span", "hj-line-title", { role: "status" });
  #level = element("span", "hj-level");
  #body = element("div", "hj-line-body", { tabIndex: 0 });
  #fields = choice("Structured", () => this.#choose(false));
  #raw = choice("Raw", () => this.#choose(true));
  #copied = element("span", "hj-line-note", { role: "status" });
  #showsRaw = false;
  #shown: ShownLine | undefined;
  #hidden: () => void;

  /** `move` goes to the line above (-1) or below (1); `hidden` is called after it was closed. */
  constructor(move: (step: number) => void, hidden: () => void) {
    this.#hidden = hidden;
    const choices = element("div", "hj-choices", { role: "group" }, this.#fields, this.#raw);
    choices.ariaLabel = "how the line is shown";
    this.#body.ariaLabel = "the line";
    this.root = element(
      "section",
      "hj-one-line",
      { hidden: true, ariaLabel: "one line" },
      element(
        "header",
        "hj-line-bar",
        {},
        this.#level,
        this.#title,
        this.#copied,
        choices,
        iconButton("previous", "line above (↑)", () => move(-1)),
        iconButton("next", "line below (↓)", () => move(1)),
        iconButton("copy", "copy", () => void this.#copy()),
        iconButton("close", "close (Esc)", () => this.hide()),
      ),
      this.#body,
    );
    keepKeys(this.#body);
    this.root.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key !== "Escape" && (!step || event.ctrlKey || event.shiftKey)) return;
      take(event);
      if (step) move(step);
      else this.hide();
    });
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  show(shown: ShownLine): void {
    addStyle(this.root, `lines-${BUILD}`, STYLE_SHEET);
    this.#shown = shown;
    this.root.hidden = false;
    this.#draw();
  }

  focus(): void {
    this.#body.focus({ preventScroll: true });
  }

  hide(): void {
    if (!this.open) return;
    this.root.hidden = true;
    this.#shown = undefined;
    this.#hidden();
  }

  #choose(raw: boolean): void {
    this.#showsRaw = raw;
    this.#draw();
  }

  #draw(): void {
    const shown = this.#shown;
    if (!shown) return;
    const { line, raw } = shown;
    const asRaw = this.#showsRaw || !line;
    this.#fields.ariaPressed = String(!asRaw);
    this.#fields.disabled = !line;
    this.#raw.ariaPressed = String(asRaw);
    const level = line?.level ?? "";
    setText(this.#level, level);
    this.#level.hidden = !LEVELS.includes(level as never);
    this.#level.dataset.level = level;
    const more = raw.length > 1 ? `, ${raw.length} lines` : "";
    setText(this.#title, `${line?.shape ?? "text"}${more}`);
    setText(this.#copied, "");
    const rest = raw.slice(1).join("\n");
    if (asRaw) this.#body.replaceChildren(element("pre", "hj-line-raw", {}, raw.join("\n")));
    else {
      this.#body.replaceChildren(makeObject(line.fields, 0));
      if (rest) this.#body.append(element("pre", "hj-line-raw", {}, rest));
    }
    this.#body.scrollTop = 0;
  }

  async #copy(): Promise<void> {
    const { line, raw = [] } = this.#shown ?? {};
    const pretty = line ? [JSON.stringify(line.fields, null, 2), ...raw.slice(1)] : raw;
    const done = await copy((this.#showsRaw ? raw : pretty).join("\n"));
    setText(this.#copied, done ? "copied" : "the browser did not allow copying");
  }
}

function choice(label: string, run: () => void): HTMLButtonElement {
  const button = element("button", "hj-choice", { type: "button" }, label);
  keepKeys(button);
  button.addEventListener("click", run);
  return button;
}

/** An object or a list as a list of its entries, of which those with entries can be folded. */
function makeObject(value: object, depth: number): HTMLElement {
  const entries = Object.entries(value);
  const list = element("dl", "hj-fields");
  for (const [name, each] of entries.slice(0, ENTRIES)) list.append(makeField(name, each, depth));
  const more = entries.length - ENTRIES;
  if (more > 0) list.append(element("div", "hj-field-note", {}, `${more} more`));
  return list;
}

function makeField(name: string, value: unknown, depth: number): HTMLElement {
  const label = element("dt", "hj-field-name", {}, name);
  if (value !== null && typeof value === "object" && depth < DEPTH) {
    const size = Object.keys(value).length;
    const words = Array.isArray(value) ? `[${size}]` : `{${size}}`;
    const summary = element("summary", "", {}, element("span", "hj-field-name", {}, name), words);
    keepKeys(summary);
    const details = element("details", "hj-field-object", { open: true }, summary);
    details.append(makeObject(value, depth + 1));
    return element("div", "hj-field", {}, details);
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = element("dd", "hj-field-value", {}, text ?? "");
  shown.dataset.type = value === null ? "null" : typeof value;
  return element("div", "hj-field", {}, label, shown);
}
