#!/usr/bin/env bash
# event-source-plus 0.1.15 (npm): of an event with several lines of data only the last line is delivered, without the
# spaces at its ends.
#
# The HTML Standard (9.2.6, Interpreting an event stream) appends each "data" line to the data, with a line feed between
# them; of the spaces after the colon one is removed. That is the only way to send a text of several lines, such as
# indented JSON or the output of a program. event-source-plus is "a more configurable EventSource implementation that
# runs in browsers, NodeJS, and workers".
#
# Each line replaces the one before, and is trimmed: of a traceback its last line remains, of indented JSON a bracket.
# An event whose last line is empty comes with no data at all. No hook is told.
#
# eventsource-parser 3.0.6 is given the same bytes.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save event-source-plus@0.1.15 eventsource-parser@3.0.6 > /dev/null

cat > read.mjs <<'JS'
import { createServer } from "node:http";
import { EventSourcePlus } from "event-source-plus";
import { createParser } from "eventsource-parser";

function plus(body) {
  return new Promise((done) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.end(body);
    }).listen(0, "127.0.0.1", () => {
      const seen = [];
      const source = new EventSourcePlus(`http://127.0.0.1:${server.address().port}/`, { retryStrategy: "on-error" });
      source
        .listen({ onMessage: ({ data }) => seen.push(data) })
        .onAbort(() => server.close(() => done(seen)));
    });
  });
}
function parser(body) {
  const seen = [];
  createParser({ onEvent: ({ data }) => seen.push(data) }).feed(body);
  return seen;
}

for (const [name, text] of [
  ["one line", "ready"],
  ["two lines", "Traceback (most recent call last):\nValueError: no such file"],
  ["JSON", JSON.stringify({ stream: "stdout" }, null, 2)],
  ["a line end", "done\n"],
  ["indented", "    return 1"],
]) {
  const body = `${text.split("\n").map((line) => `data: ${line}\n`).join("")}\n`;
  console.log(`${name}, event-source-plus: ${JSON.stringify(await plus(body))}`);
  console.log(`${name}, eventsource-parser: ${JSON.stringify(parser(body))}`);
}
JS

seen=$(node read.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one line, event-source-plus: ["ready"]
one line, eventsource-parser: ["ready"]
two lines, event-source-plus: ["ValueError: no such file"]
two lines, eventsource-parser: ["Traceback (most recent call last):\nValueError: no such file"]
JSON, event-source-plus: ["}"]
JSON, eventsource-parser: ["{\n  \"stream\": \"stdout\"\n}"]
a line end, event-source-plus: [""]
a line end, eventsource-parser: ["done\n"]
indented, event-source-plus: ["return 1"]
indented, eventsource-parser: ["    return 1"]
TEXT
echo "as seen: of several lines only the last arrives"
