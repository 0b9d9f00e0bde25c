#!/usr/bin/env bash
# docker-loghose 1.6.5: with "newline", which gives one event per line, text of stderr ends up inside a line of stdout,
# and the last line of a container is lost if it has no newline.
#
# docker-loghose attaches to all containers and gives an object for each line, parsed with "json: true". The Docker
# Engine API sends frames of stdout and stderr. A frame holds what was written at one time: often a part of a line, and
# the other stream's frame may follow. Lines are to be put together for each stream alone.
#
# The parser takes the type out of each frame's header and ignores it: both streams share one buffer. A warning that
# comes while a JSON line is half written ends in the middle of that line. Neither can be read any more: the first
# event is broken JSON, and the rest of the line is a second event. At the end of the stream, what has no newline yet
# is dropped, so the last words of a program that stops in the middle of a line are never seen.
#
# The parser is fed with the frames directly, so no engine is needed.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts docker-loghose@1.6.5 > /dev/null

cat > lines.cjs <<'JS'
const parser = require("docker-loghose/lib/parser");

const container = { id: "5e8b1d8ae1f4".repeat(5), name: "web", image: "busybox" };
function frame(type, text) {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
async function show(name, frames) {
  const stream = parser(container, { newline: true, json: true });
  const lines = [];
  const ended = new Promise((done) => stream.on("data", (event) => lines.push(event.line)).on("end", done));
  for (const each of frames) stream.write(each);
  stream.end();
  await ended;
  console.log(`${name}: ${JSON.stringify(lines)}`);
}
(async () => {
  const [first, second] = [frame(1, '{"user":'), frame(1, '"ann"}\n')];
  const warning = frame(2, "disk is full\n");
  await show("stderr after the line", [first, second, warning]);
  await show("stderr inside the line", [first, warning, second]);
  await show("no newline at the end", [frame(2, "stopping\nkilled: out of memory")]);
})();
JS

seen=$(node --no-deprecation lines.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
stderr after the line: [{"user":"ann"},"disk is full"]
stderr inside the line: ["{\"user\":disk is full","\"ann\"}"]
no newline at the end: ["stopping"]
TEXT
echo "as seen: the two streams are mixed inside lines, and the last words are lost"
