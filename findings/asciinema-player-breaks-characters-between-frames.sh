#!/usr/bin/env bash
# asciinema-player 3.18.0: in ttyrec and typescript recordings, a character whose bytes are in two frames is shown as
# two or more replacement characters.
#
# ttyrec and script(1) record what each read() from the terminal returned. A read may end inside a UTF-8 character, and
# the next frame begins with the rest; the terminal never sees frames, only the bytes in order. The player has parsers
# for both formats, and an option for the encoding. A stateful decoder, such as TextDecoder with "stream", gives the
# character when its last byte is there.
#
# The parsers decode each frame alone. Output of more than a buffer's size, in other languages than English or with
# lines around tables, so has broken characters at each boundary. One replacement character per byte also moves the
# rest of the line to the right.
#
# Here the same bytes are in one frame and in two.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save asciinema-player@3.18.0 > /dev/null

cat > frames.mjs <<'JS'
import { readdirSync } from "node:fs";

const dist = "./node_modules/asciinema-player/dist/";
const file = readdirSync(dist).find((name) => name.startsWith("core-"));
const { C: Core } = await import(dist + file);
const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const url = (bytes) => `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`;
function ttyrec(frames) {
  const parts = frames.flatMap((bytes) => {
    const header = Buffer.alloc(12); // seconds, microseconds, length
    header.writeUInt32LE(bytes.length, 8);
    return [header, bytes];
  });
  return { url: url(Buffer.concat(parts)), parser: "ttyrec" };
}
function typescript(frames) {
  const times = frames.map((bytes) => `0.000000 ${bytes.length}\n`).join("");
  const output = Buffer.concat([Buffer.from("Script started\n"), ...frames]);
  return { url: [url(Buffer.from(times)), url(output)], parser: "typescript" };
}
async function screen(source) {
  const core = new Core(source, { logger, speed: 1 });
  let text = "";
  core.addEventListener("output", (output) => (text += [].concat(output).join("")));
  core.terminalReady();
  await core.seek("100%");
  await core.stop();
  return text;
}
const bytes = Buffer.from("| 12 € |\r\n");
const split = bytes.indexOf("€") + 1;
for (const make of [ttyrec, typescript]) {
  const one = await screen(make([bytes]));
  const two = await screen(make([bytes.subarray(0, split), bytes.subarray(split)]));
  console.log(`${make.name}: one frame ${JSON.stringify(one)}, two frames ${JSON.stringify(two)}`);
}
process.exit(0);
JS

seen=$(node frames.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ttyrec: one frame "| 12 € |\r\n", two frames "| 12 ��� |\r\n"
typescript: one frame "| 12 € |\r\n", two frames "| 12 ��� |\r\n"
TEXT
echo "as seen: a character between two frames is broken"
