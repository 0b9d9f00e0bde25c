#!/usr/bin/env bash
# @azure/core-sse 2.4.0 (npm): an event without data gives its type to the event after it, and line ends at the start of
# data are lost.
#
# The HTML Standard (9.2.6, Interpreting an event stream): at an empty line, an event whose data buffer is empty is not
# dispatched, and its type is forgotten ("set the data buffer and the event type buffer to the empty string and
# return"). Each "data" line is appended with a line feed, also an empty one. The package is an "Implementation of the
# Server-sent events protocol"; programs read the answers of models with it.
#
# * At an empty line without data before it, nothing happens: the event's type and id wait for the next one. After a
#   keep-alive "event: ping" without data, the next message is a ping, and a reader that skips pings skips it.
# * A line is put behind the data only if there is some by then. Two line ends alone, what a model sends between two
#   paragraphs, arrive as an empty text, and "\n\n1. First" as "1. First".
#
# eventsource-parser 3.0.6 is given the same bytes.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @azure/core-sse@2.4.0 eventsource-parser@3.0.6 > /dev/null

cat > read.mjs <<'JS'
import { createSseStream } from "@azure/core-sse";
import { createParser } from "eventsource-parser";

async function core(text) {
  const body = new Response(text).body;
  const seen = [];
  for await (const { event, data } of createSseStream(body)) seen.push([event || "message", data]);
  return seen;
}
function parser(text) {
  const seen = [];
  createParser({ onEvent: ({ event, data }) => seen.push([event || "message", data]) }).feed(text);
  return seen;
}

for (const [name, text] of [
  ["two events", "event: ping\ndata: 1\n\ndata: hello\n\n"],
  ["an event without data before it", "event: ping\n\ndata: hello\n\n"],
  ["text, then line ends", "data: First\ndata:\ndata:\n\n"],
  ["line ends, then text", "data:\ndata:\ndata: 1. First\n\n"],
  ["line ends alone", "data:\ndata:\ndata:\n\n"],
]) {
  console.log(`${name}, core-sse: ${JSON.stringify(await core(text))}`);
  console.log(`${name}, eventsource-parser: ${JSON.stringify(parser(text))}`);
}
JS

seen=$(node read.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
two events, core-sse: [["ping","1"],["message","hello"]]
two events, eventsource-parser: [["ping","1"],["message","hello"]]
an event without data before it, core-sse: [["ping","hello"]]
an event without data before it, eventsource-parser: [["message","hello"]]
text, then line ends, core-sse: [["message","First\n\n"]]
text, then line ends, eventsource-parser: [["message","First\n\n"]]
line ends, then text, core-sse: [["message","1. First"]]
line ends, then text, eventsource-parser: [["message","\n\n1. First"]]
line ends alone, core-sse: [["message",""]]
line ends alone, eventsource-parser: [["message","\n\n"]]
TEXT
echo "as seen: types go to other events, and leading line ends are lost"
