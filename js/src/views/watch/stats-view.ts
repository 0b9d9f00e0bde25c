// What containers use, as a table with small plots. DOM, no Jupyter.
//
// Rows stay the elements that they are: only texts and lines change, so nothing that is selected or
// has the focus is lost. Columns have fixed widths.

import { formatBinary, formatDecimal, formatPercent } from "../../model/quantities";
import { memoryTop, percentTop } from "../../model/watch/sparkline";
import {
  type ContainerFigures,
  memoryPercent,
  nextOrder,
  type Order,
  type SortKey,
  type StatsModel,
  sortRows,
} from "../../model/watch/stats-model";
import { element, setText } from "../elements/dom";
import { keepKeys } from "../elements/shortcuts";
import { Sparkline } from "./sparkline-view";
import { WatchFrame } from "./watch-frame";

const NONE = "--";

const COLUMNS: readonly { key: SortKey; title: string; text: (row: ContainerFigures) => string }[] =
  [
    { key: "name", title: "NAME", text: (row) => row.name },
    { key: "cpu", title: "CPU %", text: (row) => formatPercent(row.figures?.cpu_percent ?? null) },
    { key: "memory", title: "MEM USAGE / LIMIT", text: memoryText },
    {
      key: "memoryPercent",
      title: "MEM %",
      text: (row) => formatPercent(memoryPercent(row.figures)),
    },
    {
      key: "network",
      title: "NET I/O",
      text: ({ figures }) => pair(figures?.network_received, figures?.network_sent),
    },
    {
      key: "block",
      title: "BLOCK I/O",
      text: ({ figures }) => pair(figures?.block_read, figures?.block_written),
    },
    { key: "pids", title: "PIDS", text: (row) => String(row.figures?.pids || NONE) },
  ];

interface Row {
  root: HTMLTableRowElement;
  texts: HTMLElement[];
  cells: HTMLElement[];
  cpu: Sparkline;
  memory: Sparkline;
}

export class StatsView {
  readonly root: HTMLElement;
  #model: StatsModel;
  #frame: WatchFrame;
  #order: Order | null = null;
  #titles: HTMLTableCellElement[] = [];
  #body = element("tbody", "");
  #rows = new Map<string, Row>();
  #note = element("div", "hj-watch-note");

  constructor(model: StatsModel) {
    this.#model = model;
    const head = element("tr", "");
    for (const { key, title } of COLUMNS) {
      const button = element("button", "hj-sort", { type: "button" }, title);
      keepKeys(button);
      button.addEventListener("click", () => {
        this.#order = nextOrder(this.#order, key);
        this.#draw();
      });
      const cell = element("th", `hj-col-${key}`, { scope: "col" }, button);
      this.#titles.push(cell);
      head.append(cell);
    }
    const table = element("table", "hj-stats", {}, element("thead", "", {}, head), this.#body);
    table.ariaLabel = "what containers use";
    const scroll = element("div", "hj-watch-scroll", { tabIndex: 0, role: "group" }, table);
    scroll.ariaLabel = "table of containers";
    this.#frame = new WatchFrame("stats", model, [scroll, this.#note], () => this.#draw());
    this.root = this.#frame.root;
    this.root.ariaLabel = `stats of ${model.status.what}`;
  }

  close(): void {
    this.#frame.close();
  }

  #draw(): void {
    const rows = sortRows(this.#model.rows.values(), this.#order);
    for (const [n, { key }] of COLUMNS.entries()) {
      const sorted = this.#order?.key === key;
      const way = this.#order?.descending ? "descending" : "ascending";
      const title = this.#titles[n] as HTMLTableCellElement;
      if (sorted) title.ariaSort = way;
      else title.removeAttribute("aria-sort");
    }
    for (const [id, { root }] of this.#rows) {
      if (this.#model.rows.has(id)) continue;
      root.remove();
      this.#rows.delete(id);
    }
    for (const [n, row] of rows.entries()) {
      const drawn = this.#row(row);
      const there = this.#body.children[n];
      if (there !== drawn.root) this.#body.insertBefore(drawn.root, there ?? null);
    }
    setText(this.#note, this.#noteText());
    this.#note.hidden = this.#note.textContent === "";
  }

  #noteText(): string {
    const { leftOut, heard, rows } = this.#model;
    if (leftOut) return `${leftOut} more containers are not followed. Name those that you want.`;
    return heard && !rows.size ? "No container runs." : "";
  }

  #row(row: ContainerFigures): Row {
    let drawn = this.#rows.get(row.id);
    if (!drawn) {
      drawn = makeRow();
      this.#rows.set(row.id, drawn);
    }
    const { root, texts, cells, cpu, memory } = drawn;
    const quiet = row.figures ? "" : row.problem || row.state || "waiting";
    root.classList.toggle("hj-quiet-row", row.figures === null);
    for (const [n, { text }] of COLUMNS.entries()) setText(texts[n] as HTMLElement, text(row));
    const [name] = cells as [HTMLElement];
    name.title = [row.name, row.id, quiet].filter(Boolean).join("\n");
    setText(texts[COLUMNS.length] as HTMLElement, quiet === "running" ? "waiting" : quiet);
    const used = row.points.map(([, time, value]) => [time, value] as const);
    const cpuTop = percentTop(used);
    cpu.draw(used, cpuTop, `CPU of ${row.name}, plotted up to ${cpuTop}%`);
    const kept = row.points.map(([, time, , value]) => [time, value] as const);
    const memTop = memoryTop(kept);
    memory.draw(kept, memTop, `memory of ${row.name}, plotted up to ${formatBinary(memTop)}`);
    return drawn;
  }
}

function makeRow(): Row {
  const cpu = new Sparkline("cpu");
  const memory = new Sparkline("memory");
  const plots: Partial<Record<SortKey, Sparkline>> = { cpu, memory };
  const texts: HTMLElement[] = [];
  const state = element("span", "hj-row-state");
  const cells = COLUMNS.map(({ key }) => {
    const text = element("span", "hj-figure");
    texts.push(text);
    const plot = plots[key];
    if (key === "name") return element("th", `hj-col-${key}`, { scope: "row" }, text, state);
    return element("td", `hj-col-${key}`, {}, text, ...(plot ? [plot.root] : []));
  });
  texts.push(state);
  return { root: element("tr", "", {}, ...cells), texts, cells, cpu, memory };
}

function memoryText({ figures }: ContainerFigures): string {
  if (!figures || !(figures.memory || figures.memory_limit)) return `${NONE} / ${NONE}`;
  const limit = figures.memory_limit ? formatBinary(figures.memory_limit) : NONE;
  return `${formatBinary(figures.memory)} / ${limit}`;
}

function pair(one: number | undefined, other: number | undefined): string {
  if (one === undefined || other === undefined) return `${NONE} / ${NONE}`;
  return `${formatDecimal(one)} / ${formatDecimal(other)}`;
}
