#!/usr/bin/env bash
# parse-sse 0.1.0 (npm): an event is cut in two where a chunk ends between CR and LF, the first half of an event that
# was not sent to its end is delivered as a whole one, and events without text are lost.
#
# The HTML standard (Server-sent events) says that a line ends with CR LF, LF or CR, and of the end of a stream: "If the
# file ends in the middle of an event, before the final empty line, the incomplete event is not dispatched." A field
# "data" without text makes an event with empty data. The package calls itself "a lightweight, spec-compliant parser".
#
# * Lines are split chunk by chunk. A CR at a chunk's end ends a line, and the LF at the next one's start is then an
#   empty line, which ends the event. Where chunks end depends on the network, so this comes and goes.
# * When a connection breaks, the rest in the buffer becomes an event. A program that parses its data as JSON fails, or
#   takes half of a number for all of it.
# * Data is compared with "" after its last line end is removed.
#
# eventsource-parser 3.1.1 does all three as the standard says.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save parse-sse@0.1.0 eventsource-parser@3.1.1 > /dev/null

cat > events.mjs <<'JS'
import { createParser } from "eventsource-parser";
import { ServerSentEventTransformStream } from "parse-sse";

async function withParseSse(chunks) {
  const { readable, writable } = new ServerSentEventTransformStream();
  const writer = writable.getWriter();
  const sent = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  const events = [];
  for await (const event of readable) events.push(event.data);
  await sent;
  return events;
}

function withEventsourceParser(chunks) {
  const events = [];
  const parser = createParser({ onEvent: (event) => events.push(event.data) });
  for (const chunk of chunks) parser.feed(chunk);
  return events;
}

for (const chunks of [
  ["data: one\r\ndata: two\r\n\r\n"],
  ["data: one\r", "\ndata: two\r\n\r\n"],
  ["data: 1\n\n", "data: 20", "48\n\n"],
  ["data: 1\n\n", "data: 20"],
  ["data:\n\n", "data: 1\n\n"],
]) {
  console.log(JSON.stringify(chunks));
  console.log(`  parse-sse ${JSON.stringify(await withParseSse(chunks))}`);
  console.log(`  eventsource-parser ${JSON.stringify(withEventsourceParser(chunks))}`);
}
JS

seen=$(node events.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
["data: one\r\ndata: two\r\n\r\n"]
  parse-sse ["one\ntwo"]
  eventsource-parser ["one\ntwo"]
["data: one\r","\ndata: two\r\n\r\n"]
  parse-sse ["one","two"]
  eventsource-parser ["one\ntwo"]
["data: 1\n\n","data: 20","48\n\n"]
  parse-sse ["1","2048"]
  eventsource-parser ["1","2048"]
["data: 1\n\n","data: 20"]
  parse-sse ["1","20"]
  eventsource-parser ["1"]
["data:\n\n","data: 1\n\n"]
  parse-sse ["1"]
  eventsource-parser ["","1"]
TEXT
echo "as seen: events are cut, invented and lost"
