#!/usr/bin/env bash
# Four parsers of multipart/form-data (npm) end a quoted value at a character that its quotes protect, so that files and
# fields get other names, or are refused.
#
# RFC 9110 (5.6.6, Parameters) has NAME="..." for values with characters such as ";", "=" and spaces: quotes keep them
# from separating. RFC 2046 (5.1.1) says that a boundary with such a character has to be quoted. The HTML standard
# (multipart/form-data encoding) has a browser replace three characters of a name only: a line feed, a carriage return
# and a quote. All others are sent as they are.
#
# * multitars 1.0.2 splits Content-Disposition at each ";". It also decodes each "%" with two digits, not the three
#   alone, and ends a boundary at "=".
# * parse-multipart-data 1.5.0 takes what is between the first two "=" for a value, and splits at ";" too. Its
#   getBoundary() does the same, and no part is found.
# * multipart-formdata 1.1.0 splits at "; ". Its getBoundary() keeps the quotes, and no part is found either.
# * @web3-storage/multipart-parser 1.0.0 refuses such names.
#
# FormData of Node (undici) writes the messages; busboy 1.6.0 shows what is in them.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save multitars@1.0.2 parse-multipart-data@1.5.0 busboy@1.6.0 \
  multipart-formdata@1.1.0 @web3-storage/multipart-parser@1.0.0 > /dev/null

cat > parse.mjs <<'JS'
import busboy from "busboy";
import formdata from "multipart-formdata";
import { parseMultipart } from "multitars";
import data from "parse-multipart-data";
import { streamMultipart } from "@web3-storage/multipart-parser";

const parsers = {
  busboy: (body, type) => {
    const names = [];
    return new Promise((resolve, reject) => {
      const parser = busboy({ headers: { "content-type": type } });
      parser.on("field", (name) => names.push(name));
      parser.on("file", (name, file, info) => names.push(info.filename) && file.resume());
      parser.on("close", () => resolve(names)).on("error", reject).end(body);
    });
  },
  multitars: async (body, type) => {
    const names = [];
    for await (const part of parseMultipart([body], { contentType: type })) names.push(part.name);
    return names;
  },
  "parse-multipart-data": (body, type) =>
    data.parse(body, data.getBoundary(type)).map((part) => part.filename ?? part.name),
  "multipart-formdata": (body, type) =>
    formdata.parse(body, formdata.getBoundary(type)).map((part) => part.filename || part.name),
  "@web3-storage/multipart-parser": async (body, type) => {
    const names = [];
    for await (const part of streamMultipart(new Blob([body]).stream(), type.match(/boundary="?([^"]*)/)[1])) {
      for await (const chunk of part.data) void chunk;
      names.push(part.filename ?? part.name);
    }
    return names;
  },
};

async function show(what, body, type) {
  console.log(what);
  for (const [name, parse] of Object.entries(parsers)) {
    const answer = await Promise.resolve([body, type]).then((both) => parse(...both)).catch(({ name }) => name);
    console.log(`  ${name}: ${JSON.stringify(answer)}`);
  }
}

async function send(what, name, value) {
  const form = new FormData();
  form.append(...(value ? [name, value] : ["upload", new File(["text"], name, { type: "text/plain" })]));
  const response = new Response(form);
  await show(what, Buffer.from(await response.arrayBuffer()), response.headers.get("content-type"));
}

for (const name of ["notes.txt", "a; b.txt", "run=1.log", "100%25.txt"]) await send(`file ${name}`, name);
await send("field filter[a=b]", "filter[a=b]", "1");

const part = (name) => `--=_Part_1\r\nContent-Disposition: form-data; name="${name}"\r\n\r\ntext\r\n`;
const body = Buffer.from(`${part("one")}${part("two")}--=_Part_1--\r\n`);
await show("fields one and two, with a quoted boundary", body, 'multipart/form-data; boundary="=_Part_1"');
JS

seen=$(node --no-warnings parse.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
file notes.txt
  busboy: ["notes.txt"]
  multitars: ["notes.txt"]
  parse-multipart-data: ["notes.txt"]
  multipart-formdata: ["notes.txt"]
  @web3-storage/multipart-parser: ["notes.txt"]
file a; b.txt
  busboy: ["a; b.txt"]
  multitars: ["\"a"]
  parse-multipart-data: "SyntaxError"
  multipart-formdata: ["a"]
  @web3-storage/multipart-parser: "Error"
file run=1.log
  busboy: ["run=1.log"]
  multitars: ["run=1.log"]
  parse-multipart-data: "SyntaxError"
  multipart-formdata: ["run=1.log"]
  @web3-storage/multipart-parser: "Error"
file 100%25.txt
  busboy: ["100%25.txt"]
  multitars: ["100%.txt"]
  parse-multipart-data: ["100%25.txt"]
  multipart-formdata: ["100%25.txt"]
  @web3-storage/multipart-parser: ["100%25.txt"]
field filter[a=b]
  busboy: ["filter[a=b]"]
  multitars: ["filter[a=b]"]
  parse-multipart-data: ["filter[a"]
  multipart-formdata: ["filter[a=b]"]
  @web3-storage/multipart-parser: "Error"
fields one and two, with a quoted boundary
  busboy: ["one","two"]
  multitars: "Error"
  parse-multipart-data: []
  multipart-formdata: []
  @web3-storage/multipart-parser: ["one","two"]
TEXT
echo "as seen: names are cut"
