#!/usr/bin/env bash
# docker-modem 5.0.7 (the transport of dockerode): demuxStream stops splitting a multiplexed stream at the first frame
# of type 3, and writes that frame and all later ones to stdout with their 8 byte headers. Frames of type 0 go to
# stderr.
#
# The Docker Engine API says of the stream type: 0 is stdin, "is written on stdout", 1 is stdout, 2 is stderr. The
# engine's own package for this format, stdcopy, has one more type, 3 (Systemerr): an error of the engine that is sent
# inside the stream, for example when it fails to read the logs. A reader of the format treats its text as an error,
# and the frame still has a header with a length.
#
# demuxStream takes any type but 0, 1 and 2 as a sign that the stream has no frames. What came as stderr is on
# stdout from there on, and both have binary headers in the text. A frame of type 0 goes where only 2 should.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --omit=optional docker-modem@5.0.7 > /dev/null

cat > frames.cjs <<'JS'
const Modem = require("docker-modem");
const { PassThrough } = require("node:stream");

function frame(type, text) {
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

function split(...frames) {
  const source = new PassThrough();
  const out = new PassThrough();
  const err = new PassThrough();
  new Modem({ host: "127.0.0.1", port: 1, protocol: "http" }).demuxStream(source, out, err);
  for (const each of frames) source.emit("data", each);
  const text = (stream) => JSON.stringify((stream.read() ?? "").toString());
  return `stdout ${text(out)}, stderr ${text(err)}`;
}

console.log(`1, 2: ${split(frame(1, "out\n"), frame(2, "err\n"))}`);
console.log(`0, 2: ${split(frame(0, "in\n"), frame(2, "err\n"))}`);
console.log(`3, 2: ${split(frame(3, "engine\n"), frame(2, "err\n"))}`);
JS

seen=$(node frames.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
1, 2: stdout "out\n", stderr "err\n"
0, 2: stdout "", stderr "in\nerr\n"
3, 2: stdout "\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0007engine\n\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0004err\n", stderr ""
TEXT
echo "as seen: type 3 ends the splitting, type 0 is taken for stderr"
