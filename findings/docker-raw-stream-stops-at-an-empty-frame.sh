#!/usr/bin/env bash
# docker-raw-stream 1.3.1: after a frame without data the decoder delivers nothing more, and ends as if all was well.
#
# The Docker Engine API frames the output of attach and logs: a header of 8 bytes with the stream and the size, a
# 32-bit number, then as many bytes. A size of 0 is in its range, and carries no output. One expects the frames after
# it. The package's own encoder writes such a frame for each empty chunk of its input.
#
# The decoder asks a Node stream for the frame's bytes. read(0) never returns data, so the decoder waits for more
# input, asks again with the next frame, and so on. All later output of both streams stays in a buffer. At the end,
# "finish" and "end" come as usual, without an error: a cut log looks complete.
#
# docker-modem 5.0.7, the transport of dockerode, delivers the frames after the empty one.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts docker-raw-stream@1.3.1 docker-modem@5.0.7 \
  > /dev/null

cat > decode.cjs <<'JS'
const { PassThrough } = require("stream");
const Modem = require("docker-modem");
const raw = require("docker-raw-stream");

function frame(type, text) {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
function text(stream) {
  let all = "";
  return new Promise((done) => stream.on("data", (chunk) => (all += chunk)).on("end", () => done(all)));
}
async function show(name, frames) {
  const decoder = raw.decode();
  const seen = Promise.all([text(decoder.stdout), text(decoder.stderr)]);
  for (const each of frames) decoder.write(each);
  decoder.end();
  console.log(`${name}: docker-raw-stream ${JSON.stringify(await seen)}`);

  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  new Modem().demuxStream(input, stdout, stderr);
  input.on("end", () => (stdout.end(), stderr.end()));
  for (const each of frames) input.write(each);
  input.end();
  const texts = await Promise.all([text(stdout), text(stderr)]);
  console.log(`${name}: docker-modem ${JSON.stringify(texts)}`);
}
(async () => {
  await show("all with data", [frame(1, "one "), frame(1, "two "), frame(2, "warning")]);
  await show("an empty one", [frame(1, "one "), frame(1, ""), frame(1, "two "), frame(2, "warning")]);
  const encoder = raw.encode();
  const decoder = encoder.pipe(raw.decode());
  for (const chunk of ["one ", "", "two "]) encoder.stdout.write(chunk);
  encoder.stdout.end();
  console.log(`its own encoder: ${JSON.stringify(await text(decoder.stdout))}`);
})();
JS

seen=$(node --no-deprecation decode.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
all with data: docker-raw-stream ["one two ","warning"]
all with data: docker-modem ["one two ","warning"]
an empty one: docker-raw-stream ["one ",""]
an empty one: docker-modem ["one two ","warning"]
its own encoder: "one "
TEXT
echo "as seen: an empty frame hides all that follows it"
