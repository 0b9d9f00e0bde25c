#!/usr/bin/env bash
# glossy 0.1.7 (npm): the start of a syslog message, or all of it, is lost if it has "]" before a space. nsyslog-parser
# 0.10.1 loses the structured data instead if a value has an escaped quote.
#
# RFC 5424 (6, 6.3) ends a record with its structured data and the message: either "-" or elements in brackets, without
# anything between them, then a space and the message. The message is free text. In a value of an element, the
# characters ", \ and ] are escaped by a backslash. Both packages read this format and give the two parts.
#
# * glossy looks for the end of the structured data at the last "]" that has a space or nothing behind it, in the whole
#   rest of the line. A message "[error] disk full" becomes "disk full", and "cannot open [sda]" becomes nothing. This
#   needs an element before the message; with "-" the message is whole.
# * nsyslog-parser ends a value at the first quote, escaped or not. The structured data is then empty, and all of it is
#   at the start of the message. Where it ends well, the backslashes stay in the values.
#
# Each of the two is right where the other one is wrong.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save glossy@0.1.7 nsyslog-parser@0.10.1 > /dev/null

cat > parse.cjs <<'JS'
const glossy = require("glossy").Parse;
const nsyslog = require("nsyslog-parser");

for (const rest of [
  "- [error] disk full",
  '[meta@1 pod="web"] disk full',
  '[meta@1 pod="web"] [error] disk full',
  '[meta@1 pod="web"] cannot open [sda]',
  String.raw`[meta@1 pod="web" path="C:\\logs"] disk full`,
  String.raw`[meta@1 pod="the \"web\""] disk full`,
]) {
  const line = `<11>1 2026-05-04T10:00:00Z host app 1 - ${rest}`;
  const one = glossy.parse(line);
  const other = nsyslog(line);
  console.log(rest);
  console.log(`  glossy ${JSON.stringify(one.message)} ${JSON.stringify(one.structuredData ?? {})}`);
  console.log(`  nsyslog-parser ${JSON.stringify(other.message)} ${JSON.stringify(other.structuredData)}`);
}
JS

seen=$(node parse.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
- [error] disk full
  glossy "[error] disk full" {}
  nsyslog-parser "[error] disk full" []
[meta@1 pod="web"] disk full
  glossy "disk full" {"meta@1":{"pod":"web"}}
  nsyslog-parser "disk full" [{"$id":"meta@1","pod":"web"}]
[meta@1 pod="web"] [error] disk full
  glossy "disk full" {"meta@1":{"pod":"web"}}
  nsyslog-parser "[error] disk full" [{"$id":"meta@1","pod":"web"}]
[meta@1 pod="web"] cannot open [sda]
  glossy "" {"meta@1":{"pod":"web"}}
  nsyslog-parser "cannot open [sda]" [{"$id":"meta@1","pod":"web"}]
[meta@1 pod="web" path="C:\\logs"] disk full
  glossy "disk full" {"meta@1":{"pod":"web","path":"C:\\logs"}}
  nsyslog-parser "disk full" [{"$id":"meta@1","pod":"web","path":"C:\\\\logs"}]
[meta@1 pod="the \"web\""] disk full
  glossy "disk full" {"meta@1":{"pod":"the \"web\""}}
  nsyslog-parser "[meta@1 pod=\"the \\\"web\\\"\"] disk full" []
TEXT
echo "as seen: messages and structured data are lost"
