#!/usr/bin/env bash
# ndjson-readablestream 1.4.0 (npm): a line that is a number becomes two if it is in two chunks, or all that follows is
# lost.
#
# NDJSON has one JSON text on each line, and JSON texts are objects, lists, strings, numbers and the three literals (RFC
# 8259). A line is complete at its line feed. The package reads "a ReadableStream of NDJSON", and is for answers of a
# server as they come; where chunks end depends on the network.
#
# It takes the text for complete as soon as it is JSON, without a line feed. "2" is, so "20" in two chunks is 2 and 0.
# "1" and "00" are 1 and a text that never becomes JSON: each later line is appended to it, no error is raised, and
# the stream ends as if it had nothing more. Objects have an end of their own and are read right.
#
# can-ndjson-stream 1.0.2 reads all as they are.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ndjson-readablestream@1.4.0 can-ndjson-stream@1.0.2 > /dev/null

cat > read.mjs <<'JS'
import { createRequire } from "node:module";
import readNdjsonStream from "ndjson-readablestream";

const canNdjsonStream = createRequire(import.meta.url)("can-ndjson-stream");

function stream(chunks) {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

async function all(values) {
  const found = [];
  for await (const value of values) found.push(value);
  return JSON.stringify(found);
}

for (const chunks of [
  ["10\n20\n", "100\n", '{"end": true}\n'],
  ["10\n2", "0\n", '{"end": true}\n'],
  ["10\n1", "00\n", '{"end": true}\n'],
  ['{"percent": 2', "0}\n", '{"end": true}\n'],
]) {
  console.log(JSON.stringify(chunks));
  console.log(`  ndjson-readablestream ${await all(readNdjsonStream(stream(chunks)))}`);
  console.log(`  can-ndjson-stream ${await all(canNdjsonStream(stream(chunks)))}`);
}
JS

seen=$(node read.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
["10\n20\n","100\n","{\"end\": true}\n"]
  ndjson-readablestream [10,20,100,{"end":true}]
  can-ndjson-stream [10,20,100,{"end":true}]
["10\n2","0\n","{\"end\": true}\n"]
  ndjson-readablestream [10,2,0,{"end":true}]
  can-ndjson-stream [10,20,{"end":true}]
["10\n1","00\n","{\"end\": true}\n"]
  ndjson-readablestream [10,1]
  can-ndjson-stream [10,100,{"end":true}]
["{\"percent\": 2","0}\n","{\"end\": true}\n"]
  ndjson-readablestream [{"percent":20},{"end":true}]
  can-ndjson-stream [{"percent":20},{"end":true}]
TEXT
echo "as seen: numbers are cut, and what follows is lost"
