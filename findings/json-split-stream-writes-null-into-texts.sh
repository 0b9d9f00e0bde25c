#!/usr/bin/env bash
# json-split-stream 2.0.0 (npm): where a chunk has only the beginning of a character, the word "null" is written into
# the JSON text.
#
# The package is "a fast way to split concatenated JSON data into individual chunks", a stream that takes bytes. UTF-8
# (RFC 3629) has up to four bytes for a character, and a network or a pipe ends its chunks anywhere.
#
# * Bytes are decoded by a stream inside. If it has no whole character yet, its read() gives null, and null is appended
#   to the text. The result is valid JSON with other contents.
# * This takes a chunk of one to three bytes, as a slow or a flushing sender gives them.
#
# Node's StringDecoder gives an empty string there. Texts are sent whole, and with one byte in a chunk.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save json-split-stream@2.0.0 > /dev/null

cat > split.cjs <<'JS'
const { once } = require("node:events");
const { StringDecoder } = require("node:string_decoder");
const JSONSplitStream = require("json-split-stream");

async function texts(chunks) {
  const stream = new JSONSplitStream();
  const found = [];
  stream.on("data", (text) => found.push(text));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, "end");
  return found.join(" and ");
}

(async () => {
  for (const text of ['{"name":"web"}[1,2]', '{"name":"Köln"}', '["5 €","10 €"]']) {
    const bytes = Buffer.from(text);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    const decoder = new StringDecoder();
    console.log(`at once: ${await texts([bytes])}`);
    console.log(`  decoder, by bytes: ${single.map((byte) => decoder.write(byte)).join("")}`);
    console.log(`  json-split-stream, by bytes: ${await texts(single)}`);
  }
  const bytes = Buffer.from('{"name":"Köln"}');
  for (const cut of [[9], [11], [10, 11]]) {
    const ends = [...cut, bytes.length];
    const chunks = ends.map((end, index) => bytes.subarray(index ? ends[index - 1] : 0, end));
    console.log(`chunks of ${chunks.map((chunk) => chunk.length).join(", ")} bytes: ${await texts(chunks)}`);
  }
})();
JS

seen=$(node split.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
at once: {"name":"web"} and [1,2]
  decoder, by bytes: {"name":"web"}[1,2]
  json-split-stream, by bytes: {"name":"web"} and [1,2]
at once: {"name":"Köln"}
  decoder, by bytes: {"name":"Köln"}
  json-split-stream, by bytes: {"name":"Knullöln"}
at once: ["5 €","10 €"]
  decoder, by bytes: ["5 €","10 €"]
  json-split-stream, by bytes: ["5 nullnull€","10 nullnull€"]
chunks of 9, 7 bytes: {"name":"Köln"}
chunks of 11, 5 bytes: {"name":"Köln"}
chunks of 10, 1, 5 bytes: {"name":"Knullöln"}
TEXT
echo "as seen: texts have null in them"
