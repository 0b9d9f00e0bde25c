import { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/headless";
import { expect, test, vi } from "vitest";
import { request, type Search } from "./terminal-search";

/** Return what the addon selects first in a line. */
async function found(line: string, search: Search): Promise<string | undefined> {
  vi.stubGlobal("window", globalThis); // whose timers the addon uses
  const terminal = new Terminal({ cols: 40, rows: 3, allowProposedApi: true });
  await new Promise<void>((written) => terminal.write(line, written));
  let selected: string | undefined;
  // The headless terminal has no selection.
  const selection: Record<string | symbol, unknown> = {
    clearSelection: () => {},
    getSelectionPosition: () => undefined,
    scrollLines: () => {},
    select: (column: number, row: number, length: number) => {
      const cells = terminal.buffer.active.getLine(row);
      selected = cells?.translateToString(false, column, column + length);
    },
  };
  const addon = new SearchAddon();
  const get = (target: Terminal, key: string | symbol) =>
    selection[key] ?? Reflect.get(target, key);
  addon.activate(new Proxy(terminal, { get }) as never);
  const [term, { caseSensitive, regex }] = request(search);
  addon.findNext(term, { ...(caseSensitive && { caseSensitive }), ...(regex && { regex }) });
  addon.dispose();
  return selected;
}

test.each([
  ["İstanbul İzmir foo", "FOO", false, "foo"],
  ["İstanbul İzmir foo", "foo", true, "foo"],
  ["one FOO", "foo", false, "FOO"],
  ["one FOO", "foo", true, undefined],
  ["a.c abc", "A.C", false, "a.c"],
  ["abc a.c", "a.c", false, "a.c"],
  ["x (1) [2] {3} a|b ^$ *+? \\ / -", "(1) [2] {3} A|b ^$ *+? \\ / -", false, undefined],
])("in %s %s (case counts: %s) is found as %s", async (line, text, matchCase, expected) => {
  const whole = expected ?? (matchCase ? undefined : line.slice(2));
  expect(await found(line, { text, matchCase })).toBe(whole);
});
