import { type IBuffer, Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { placesOf } from "./place-links";
import { lineAt } from "./text-lines";

async function found(text: string, cols: number) {
  const terminal = new Terminal({ allowProposedApi: true, cols, rows: 10 });
  await new Promise<void>((done) => terminal.write(text, done));
  const buffer = terminal.buffer.active as IBuffer as never;
  return placesOf(buffer, lineAt(buffer, 0) as never);
}

test("a place is at its cells, behind wide characters and colours", async () => {
  const [place] = await found("\u6f22 \x1b[31ma.py\x1b[0m:12: x", 40);
  expect(place).toMatchObject({
    place: { path: "a.py", line: 12 },
    from: { row: 0, column: 3 },
    to: { row: 0, column: 9 },
  });
});

test("a place that wraps has its cells in two rows", async () => {
  const [place] = await found("in app/main.py:12", 10);
  expect(place).toMatchObject({ from: { row: 0, column: 3 }, to: { row: 1, column: 6 } });
});
