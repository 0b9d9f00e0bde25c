#!/usr/bin/env bash
# sse-decoder 1.0.0 and @server-sent-stream/parser 1.0.4 (npm): text after a line separator (U+2028) is lost, and
# comments or characters are changed.
#
# The HTML Standard (9.2.5, Parsing an event stream) ends a line at CR LF, LF or CR, and at nothing else; a line that
# begins with a colon is ignored. JSON.stringify() writes U+2028 as it is. The packages are a "Server-Sent Events
# implementation" and a "parser for server-sent events".
#
# * Both take U+2028 for the end of a line, and sse-decoder the vertical tab too. What follows is a line without a field
#   that they know. Of a JSON text, the first half is left.
# * @server-sent-stream/parser looks for a field's name anywhere in a line: a comment ":data: old" is data.
# * sse-decoder makes text of each chunk of bytes alone. A character whose bytes are in two chunks becomes two or more
#   replacement characters; where chunks end depends on the network.
#
# eventsource-parser 3.1.1, with a TextDecoder before it, does all as the standard says.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save sse-decoder@1.0.0 @server-sent-stream/parser@1.0.4 \
  eventsource-parser@3.1.1 > /dev/null

cat > events.mjs <<'JS'
import { createRequire } from "node:module";
import { createParser } from "eventsource-parser";
import { LineDecoder, SSEDecoder } from "sse-decoder";

const { default: EventStreamParser } = createRequire(import.meta.url)("@server-sent-stream/parser");

const decoders = {
  "sse-decoder": (chunks, found) => {
    const lines = new LineDecoder();
    const events = new SSEDecoder();
    for (const line of chunks.flatMap((chunk) => lines.decode(chunk))) {
      const event = events.decode(line);
      if (event) found(event.data);
    }
  },
  "server-sent-stream": (chunks, found) => {
    const parser = new EventStreamParser(found);
    const text = new TextDecoder();
    for (const chunk of chunks) parser.push(text.decode(chunk, { stream: true }));
  },
  "eventsource-parser": (chunks, found) => {
    const parser = createParser({ onEvent: (event) => found(event.data) });
    const text = new TextDecoder();
    for (const chunk of chunks) parser.feed(text.decode(chunk, { stream: true }));
  },
};
const bytes = new TextEncoder().encode("data: 5 €\n\n");
const streams = {
  "line separator": [Buffer.from(`data: ${JSON.stringify("one\u2028two")}\n\n`)],
  "vertical tab": [Buffer.from("data: one\vtwo\n\n")],
  comment: [Buffer.from(":data: old\ndata: new\n\n")],
  "cut character": [bytes.slice(0, 10), bytes.slice(10)],
};
for (const [name, chunks] of Object.entries(streams)) {
  for (const [decoder, decode] of Object.entries(decoders)) {
    decode(chunks, (data) => {
      const text = JSON.stringify(data).replaceAll("\u2028", "(U+2028)").replaceAll("\ufffd", "(U+FFFD)");
      console.log(`${name}, ${decoder}: ${text}`);
    });
  }
}
JS

seen=$(node events.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
line separator, sse-decoder: "\"one"
line separator, server-sent-stream: "\"one"
line separator, eventsource-parser: "\"one(U+2028)two\""
vertical tab, sse-decoder: "one"
vertical tab, server-sent-stream: "one\u000btwo"
vertical tab, eventsource-parser: "one\u000btwo"
comment, sse-decoder: "new"
comment, server-sent-stream: "old\nnew"
comment, eventsource-parser: "new"
cut character, sse-decoder: "5 (U+FFFD)(U+FFFD)"
cut character, server-sent-stream: "5 €"
cut character, eventsource-parser: "5 €"
TEXT
echo "as seen: text is lost and changed"
