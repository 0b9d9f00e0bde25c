#!/usr/bin/env bash
# gen-readlines 0.2.0 (npm): a line whose CR is the last byte of a block keeps it, and a CR that ends a line by itself
# is no line end there: two lines become one.
#
# The package is to "return the lines of a file"; it takes LF, CR LF and CR for their ends, and reads blocks of 65536
# bytes. Its code has a comment for this case, "skip LF if last chunk ended in CR".
#
# * What it knows of the last block's end is forgotten at the start of the next one.
# * In files whose lines have 64 bytes the line ends of all blocks are at the same places, so each block has such a
#   line, or none has.
#
# Files of 256 kilobytes are compared with what readline of Node gives. Their first line has 64 bytes, or one more.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save gen-readlines@0.2.0 > /dev/null

cat > read.cjs <<'JS'
const fs = require("node:fs");
const { createInterface } = require("node:readline");
const { fromFile } = require("gen-readlines");

async function withReadline(name) {
  const lines = [];
  for await (const line of createInterface({ input: fs.createReadStream(name), crlfDelay: Infinity })) lines.push(line);
  return lines;
}

(async () => {
  for (const [ending, shown] of [["\n", "LF"], ["\r\n", "CR LF"], ["\r", "CR"]])
    for (const first of [64, 65]) {
      // All lines but the first one have 64 bytes with their end.
      const lines = ["x".repeat(first - ending.length), ...Array(4095).fill("y".repeat(64 - ending.length))];
      fs.writeFileSync("lines.txt", lines.map((line) => line + ending).join(""));
      const right = await withReadline("lines.txt");
      const found = Array.from(fromFile("lines.txt"), String);
      const wrong = found.filter((line) => line.includes("\r"));
      const counts = `readline ${right.length}, gen-readlines ${found.length} lines, ${wrong.length} with a CR in them`;
      console.log(`${shown}, first line ${first} bytes: ${counts}`);
    }
})();
JS

seen=$(node --no-deprecation read.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
LF, first line 64 bytes: readline 4096, gen-readlines 4096 lines, 0 with a CR in them
LF, first line 65 bytes: readline 4096, gen-readlines 4096 lines, 0 with a CR in them
CR LF, first line 64 bytes: readline 4096, gen-readlines 4096 lines, 0 with a CR in them
CR LF, first line 65 bytes: readline 4096, gen-readlines 4096 lines, 4 with a CR in them
CR, first line 64 bytes: readline 4096, gen-readlines 4093 lines, 4 with a CR in them
CR, first line 65 bytes: readline 4096, gen-readlines 4096 lines, 1 with a CR in them
TEXT
echo "as seen: carriage returns stay in lines"
