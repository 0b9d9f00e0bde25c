#!/usr/bin/env bash
# fetch-event-stream 0.1.6 (npm): all spaces at the start of a line of data are lost, events without data are delivered,
# and those with empty data are not.
#
# The HTML Standard (9.2.6, Interpreting an event stream): if the value begins with a space, "remove it", one and no
# more. "data:  two" has a space before the word. An event without a line of data is not dispatched; a line "data"
# adds a line end, so that its event is dispatched, with empty data. The package is for "Server Sent Event (SSE)
# streaming via fetch".
#
# * Code that is sent with a "data" line for each of its lines loses its indentation, and Python its meaning. Parts of a
#   text that begin with a space, as words of a language model do, are joined to those before.
# * An event with a type alone, which servers send to keep the connection, comes with undefined data.
#
# eventsource-parser 3.1.1 does all as the standard says.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save fetch-event-stream@0.1.6 eventsource-parser@3.1.1 > /dev/null

cat > events.mjs <<'JS'
import { createParser } from "eventsource-parser";
import { events } from "fetch-event-stream";

for (const text of [
  "data: if x:\ndata:     print(x)\n\n",
  "data: one\n\ndata:  word\n\n",
  "event: ping\n\n",
  "data\n\n",
]) {
  console.log(JSON.stringify(text));
  for await (const { event, data } of events(new Response(text))) {
    console.log("  fetch-event-stream", { event, data });
  }
  const onEvent = ({ event, data }) => console.log("  eventsource-parser", { event, data });
  createParser({ onEvent }).feed(text);
}
JS

seen=$(node events.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"data: if x:\ndata:     print(x)\n\n"
  fetch-event-stream { event: undefined, data: 'if x:\nprint(x)' }
  eventsource-parser { event: undefined, data: 'if x:\n    print(x)' }
"data: one\n\ndata:  word\n\n"
  fetch-event-stream { event: undefined, data: 'one' }
  fetch-event-stream { event: undefined, data: 'word' }
  eventsource-parser { event: undefined, data: 'one' }
  eventsource-parser { event: undefined, data: ' word' }
"event: ping\n\n"
  fetch-event-stream { event: 'ping', data: undefined }
"data\n\n"
  eventsource-parser { event: undefined, data: '' }
TEXT
echo "as seen: spaces are lost"
