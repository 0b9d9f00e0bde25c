#!/usr/bin/env bash
# @remix-run/multipart-parser 0.16.3 and mixpart 0.0.6 (npm) refuse a whole message when the network cuts it before its
# last line end.
#
# RFC 2046 (5.1.1) ends a multipart message with the boundary and "--"; a line end and an epilogue may follow, which
# "implementations must ignore". Programs write that line end: FormData of browsers and Node does. Where the chunks of a
# stream end depends on the network. Both packages parse streams: "Parses multipart messages as they arrive".
#
# All parts are there, and have been handed out. What follows the last boundary is ignored in the chunk that has the
# boundary; in a later chunk it is an error, "Unexpected data after end of stream". An upload fails now and then. What
# comes before the first boundary is an error always; RFC 2046 has this ignored as well.
#
# A message that FormData wrote is cut in two at each place in turn. busboy 1.6.0 reads it in all of them.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @remix-run/multipart-parser@0.16.3 mixpart@0.0.6 busboy@1.6.0 \
  > /dev/null

cat > cut.mjs <<'JS'
import { parseMultipartStream as remix } from "@remix-run/multipart-parser";
import busboy from "busboy";
import { parseMultipartStream as mixpart } from "mixpart";

const parsers = {
  busboy: async (chunks, boundary) => {
    const parser = busboy({ headers: { "content-type": `multipart/form-data; boundary=${boundary}` } });
    let count = 0;
    const end = new Promise((resolve, reject) => parser.on("close", resolve).on("error", reject));
    parser.on("field", () => (count += 1));
    for (const chunk of chunks) parser.write(chunk);
    parser.end();
    await end;
    return count;
  },
  "@remix-run/multipart-parser": async (chunks, boundary) => {
    let count = 0;
    for await (const part of remix(ReadableStream.from(chunks), { boundary })) count += part.text === "text";
    return count;
  },
  mixpart: async (chunks, boundary) => {
    let count = 0;
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    for await (const part of mixpart(new Response(ReadableStream.from(chunks), { headers })))
      count += (await new Response(part.payload).text()) === "text";
    return count;
  },
};

const form = new FormData();
for (const name of ["one", "two"]) form.append(name, "text");
const response = new Response(form);
const boundary = response.headers.get("content-type").split("boundary=")[1];
const body = new Uint8Array(await response.arrayBuffer());
const bytes = (text) => new TextEncoder().encode(text);

for (const [name, parse] of Object.entries(parsers)) {
  const answer = async (...chunks) => {
    try {
      return `${await parse(chunks, boundary)} parts`;
    } catch (error) {
      return error.message;
    }
  };
  console.log(name);
  console.log(`  in one chunk: ${await answer(body)}`);
  const failed = [];
  for (let at = 1; at < body.length; at += 1) {
    const said = await answer(body.slice(0, at), body.slice(at));
    if (said !== "2 parts") failed.push(`${said}, ${JSON.stringify(new TextDecoder().decode(body.slice(at)))}`);
  }
  console.log(`  in two chunks: ${failed.length ? failed.join("; ") : "2 parts"}`);
  console.log(`  an epilogue in the same chunk: ${await answer(Buffer.concat([body, bytes("the end")]))}`);
  console.log(`  an epilogue in the next chunk: ${await answer(body, bytes("the end"))}`);
  console.log(`  a preamble: ${await answer(Buffer.concat([bytes("a message\r\n"), body]))}`);
}
JS

seen=$(node --no-warnings cut.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
busboy
  in one chunk: 2 parts
  in two chunks: 2 parts
  an epilogue in the same chunk: 2 parts
  an epilogue in the next chunk: 2 parts
  a preamble: 2 parts
@remix-run/multipart-parser
  in one chunk: 2 parts
  in two chunks: Unexpected data after end of stream, "\r\n"; Unexpected data after end of stream, "\n"
  an epilogue in the same chunk: 2 parts
  an epilogue in the next chunk: Unexpected data after end of stream
  a preamble: Invalid multipart stream: missing initial boundary
mixpart
  in one chunk: 2 parts
  in two chunks: Unexpected data after end of stream, "\r\n"; Unexpected data after end of stream, "\n"
  an epilogue in the same chunk: 2 parts
  an epilogue in the next chunk: Unexpected data after end of stream
  a preamble: Invalid multipart stream: missing initial boundary
TEXT
echo "as seen: the last line end fails the message"
