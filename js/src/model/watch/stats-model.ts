// What containers use, as this page knows it: their newest figures, and two minutes of each for the
// plots. No DOM, no Jupyter.

import type { Point, StatsFigures, StatsNews } from "./watch-messages";
import { WatchModel } from "./watch-model";

/** Readings of a container that are kept, as in the kernel. */
export const KEPT = 120;

export interface ContainerFigures {
  readonly id: string;
  name: string;
  state: string;
  problem: string;
  figures: StatsFigures | null;
  points: Point[];
}

export class StatsModel extends WatchModel<StatsNews> {
  readonly rows = new Map<string, ContainerFigures>();
  leftOut = 0;

  protected take(news: StatsNews): void {
    this.leftOut = news.left_out;
    const listed = new Set(news.rows.map((row) => row.id));
    for (const id of this.rows.keys()) if (!listed.has(id)) this.rows.delete(id);
    for (const { id, name, state, problem, figures, points } of news.rows) {
      const row = this.rows.get(id) ?? { id, name, state, problem, figures, points: [] };
      const last = row.points.at(-1)?.[0] ?? 0;
      const fresh = points.filter(([number]) => number > last);
      row.points = [...row.points, ...fresh].slice(-KEPT);
      this.rows.set(id, Object.assign(row, { name, state, problem, figures }));
    }
  }
}

export type SortKey = "name" | "cpu" | "memory" | "memoryPercent" | "network" | "block" | "pids";

/** What rows are sorted by; `null` stands where there is no figure, and comes last. */
const VALUES: Record<SortKey, (row: ContainerFigures) => string | number | null> = {
  name: (row) => row.name.toLowerCase(),
  cpu: ({ figures }) => figures?.cpu_percent ?? null,
  memory: ({ figures }) => figures?.memory ?? null,
  memoryPercent: ({ figures }) => memoryPercent(figures),
  network: ({ figures }) => figures && figures.network_received + figures.network_sent,
  block: ({ figures }) => figures && figures.block_read + figures.block_written,
  pids: ({ figures }) => figures?.pids ?? null,
};

export interface Order {
  key: SortKey;
  descending: boolean;
}

/** Sort rows. Rows with equal values keep their order. */
export function sortRows(rows: Iterable<ContainerFigures>, order: Order | null) {
  const sorted = [...rows];
  if (!order) return sorted;
  const value = VALUES[order.key];
  const sign = order.descending ? -1 : 1;
  return sorted.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return left < right ? -sign : left > right ? sign : 0;
  });
}

/** What pressing a column's title does: names from A to Z first, figures from the largest. */
export function nextOrder(order: Order | null, key: SortKey): Order | null {
  const descending = key !== "name";
  if (order?.key !== key) return { key, descending };
  return order.descending === descending ? { key, descending: !descending } : null;
}

export function memoryPercent(figures: StatsFigures | null): number | null {
  return figures?.memory_limit ? (100 * figures.memory) / figures.memory_limit : null;
}
