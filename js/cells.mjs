// Prints the cells that xterm.js shows: the reference for the screen of saved output, which tests/fuzz
// compares with it. Reads lines of JSON, [columns, rows, whether a line feed returns, text], and answers
// each with a line of JSON: [row, column] of the cursor, and the lines, each as [whether it continues the
// line before, its cells, runs of equal styles]. Nothing is Jupyter's here, and nothing is ours except the
// widths of characters.
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import headless from "@xterm/headless";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const bundle = await build({
  entryPoints: [path.join(here, "src/terminal/character-widths.ts")],
  bundle: true,
  format: "esm",
  write: false,
});
const source = Buffer.from(bundle.outputFiles[0].contents).toString("base64");
const { useOurWidths } = await import(`data:text/javascript;base64,${source}`);

const PLAIN = "";
const UNDERLINE = 0x10000000;
const SWITCHES = [
  ["b", "isBold"],
  ["d", "isDim"],
  ["i", "isItalic"],
  ["r", "isInverse"],
  ["c", "isInvisible"],
  ["s", "isStrikethrough"],
];

/** The look of a cell, as a short text; empty if it is plain. */
function style(cell) {
  if (!cell.fg && !cell.bg) return PLAIN;
  const colour = (number, isDefault, isTriple) =>
    isDefault ? "" : isTriple ? `#${number.toString(16).padStart(6, "0")}` : String(number);
  const ink = colour(cell.getFgColor(), cell.isFgDefault(), cell.isFgRGB());
  const paper = colour(cell.getBgColor(), cell.isBgDefault(), cell.isBgRGB());
  const switches = SWITCHES.filter(([, is]) => cell[is]()).map(([letter]) => letter);
  // Not isUnderline: that is also true after a saved cursor was restored, where it was before.
  if (cell.fg & UNDERLINE) switches.push("u");
  return ink || paper || switches.length ? `${ink}/${paper}/${switches.join("")}` : PLAIN;
}

let cell;

/** The cells of a line: texts, "" for the second column of a wide one, null for an empty one. */
function cellsOf(line, columns) {
  const cells = [];
  let before = 0;
  for (let x = 0; x < columns; x += 1) {
    line.getCell(x, cell);
    const text = cell.getChars();
    const second = cell.getWidth() === 0 && before === 2;
    before = cell.getWidth();
    cells.push([second ? "" : text === "" ? null : cell.isInvisible() ? " " : text, style(cell)]);
  }
  return cells;
}

function show(terminal) {
  const buffer = terminal.buffer.active;
  const lines = [];
  cell ??= buffer.getNullCell();
  for (let y = 0; y < buffer.length; y += 1) {
    const line = buffer.getLine(y);
    const cells = cellsOf(line, terminal.cols);
    // A wide character did not fit there, so that nobody wrote a blank.
    const goesOn = y + 1 < buffer.length && buffer.getLine(y + 1).isWrapped;
    if (goesOn) while (cells.at(-1)?.[0] === null) cells.pop();
    const blank = ([text, look]) => (text === null || text === " ") && look === PLAIN;
    while (cells.length && blank(cells.at(-1))) cells.pop();
    const runs = [];
    for (const [, look] of cells) {
      if (runs.at(-1)?.[1] === look) runs.at(-1)[0] += 1;
      else runs.push([1, look]);
    }
    lines.push([line.isWrapped, cells.map(([text]) => text ?? " "), runs]);
  }
  while (lines.length && !lines.at(-1)[1].join("").trim()) lines.pop();
  return [[buffer.cursorY, Math.min(buffer.cursorX, terminal.cols - 1)], lines];
}

function answer([cols, rows, convertEol, text]) {
  const terminal = new headless.Terminal({
    allowProposedApi: true,
    cols,
    rows,
    convertEol,
    logLevel: "off",
  });
  useOurWidths(terminal);
  return new Promise((resolve) => {
    terminal.write(text, () => {
      resolve(JSON.stringify(show(terminal)));
      terminal.dispose();
    });
  });
}

// Answers are written in the order of the questions, and many are worked on at a time.
let last = Promise.resolve();
for await (const line of createInterface({ input: process.stdin })) {
  const found = answer(JSON.parse(line));
  last = last.then(async () => {
    process.stdout.write(`${await found}\n`);
  });
}
await last;
