#!/usr/bin/env bash
# binary-split 1.0.5 (npm): a delimiter of two equal bytes is found twice where three of them stand, and a part of the
# data is gone; where the chunks end decides whether that happens.
#
# The package is "a fast newline (or any delimiter) splitter stream", "similar to split", for binary data. String.split
# and Python's bytes.split look for the next delimiter after the last one. Blank lines between events or paragraphs, and
# "--" between records, are such delimiters.
#
# * After a delimiter of N bytes it goes on N - 1 bytes before its end. In "\n\n\n" the second and the third byte are
#   taken for another delimiter, and the third one, which is data, is dropped.
# * If a chunk ends there, it is not: the same data is split in two ways.
# * Parts without data are not emitted at all, so blank lines of a text are missing. split emits them.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save binary-split@1.0.5 split@1.0.1 > /dev/null

cat > split.cjs <<'JS'
const { once } = require("node:events");

async function parts(stream, chunks) {
  const found = [];
  stream.on("data", (part) => found.push(part.toString()));
  const end = once(stream, "end");
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await end;
  return JSON.stringify(found);
}

(async () => {
  for (const [delimiter, text] of [
    ["\r\n", "one\r\ntwo\r\nthree"],
    ["\n\n", "one\n\ntwo\n\nthree"],
    ["\n\n", "one\n\n\ntwo"],
    ["--", "name--5---5--end"],
    ["\n", "one\n\ntwo"],
  ]) {
    console.log(`${JSON.stringify(text)} at ${JSON.stringify(delimiter)}`);
    console.log(`  String.split: ${JSON.stringify(text.split(delimiter))}`);
    console.log(`  split: ${await parts(require("split")(delimiter), [text])}`);
    console.log(`  binary-split: ${await parts(require("binary-split")(delimiter), [text])}`);
    console.log(`  binary-split, by bytes: ${await parts(require("binary-split")(delimiter), [...text])}`);
  }
})();
JS

seen=$(node --no-deprecation split.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"one\r\ntwo\r\nthree" at "\r\n"
  String.split: ["one","two","three"]
  split: ["one","two","three"]
  binary-split: ["one","two","three"]
  binary-split, by bytes: ["one","two","three"]
"one\n\ntwo\n\nthree" at "\n\n"
  String.split: ["one","two","three"]
  split: ["one","two","three"]
  binary-split: ["one","two","three"]
  binary-split, by bytes: ["one","two","three"]
"one\n\n\ntwo" at "\n\n"
  String.split: ["one","\ntwo"]
  split: ["one","\ntwo"]
  binary-split: ["one","two"]
  binary-split, by bytes: ["one","\ntwo"]
"name--5---5--end" at "--"
  String.split: ["name","5","-5","end"]
  split: ["name","5","-5","end"]
  binary-split: ["name","5","5","end"]
  binary-split, by bytes: ["name","5","-5","end"]
"one\n\ntwo" at "\n"
  String.split: ["one","","two"]
  split: ["one","","two"]
  binary-split: ["one","two"]
  binary-split, by bytes: ["one","two"]
TEXT
echo "as seen: data is lost"
