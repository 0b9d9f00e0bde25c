import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { type Scrolled, TopLine } from "./top-line";

/** A terminal of 20 columns and 5 rows with 40 lines, each of which wraps at 10 columns. */
async function bench() {
  const options = { allowProposedApi: true, cols: 20, rows: 5, scrollback: 200, convertEol: true };
  const terminal = new Terminal({ ...options, logLevel: "off" });
  const lines = Array.from({ length: 40 }, (_, n) => `line ${n} `.padEnd(15, "x"));
  await new Promise<void>((done) => terminal.write(lines.join("\n"), done));
  const top = () => {
    const { active } = terminal.buffer;
    return active.getLine(active.viewportY)?.translateToString(true).slice(0, 7);
  };
  const kept = new TopLine(terminal as unknown as Scrolled);
  return { terminal, top, resize: (cols: number, rows: number) => kept.resize(cols, rows) };
}

test("a reader's first line stays the first, also where lines wrap at another width", async () => {
  const { terminal, top, resize } = await bench();
  terminal.scrollToLine(12);
  resize(10, 8);
  expect(top()).toBe("line 12");
  resize(30, 5);
  expect(top()).toBe("line 12");
});

test("a line that cannot be the first for a while is the first again", async () => {
  const { terminal, top, resize } = await bench();
  terminal.scrollToLine(32);
  resize(20, 30);
  expect(top()).toBe("line 10");
  resize(20, 5);
  expect(top()).toBe("line 32");
});

test("where the reader has scrolled since counts", async () => {
  const { terminal, top, resize } = await bench();
  terminal.scrollToLine(32);
  resize(20, 30);
  terminal.scrollToLine(3);
  resize(20, 5);
  expect(top()).toBe("line 3 ");
});

test("what is at its end stays there", async () => {
  const { terminal, resize } = await bench();
  resize(10, 8);
  resize(20, 5);
  const { viewportY, baseY } = terminal.buffer.active;
  expect(viewportY).toBe(baseY);
});
