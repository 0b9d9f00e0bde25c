#!/usr/bin/env bash
# @jclem/logfmt2 2.4.3: decode() loses the last key of a line if its value is empty, and takes the word after a bare
# key for the key's value.
#
# The package is for "encoding objects into the logfmt format and decoding them again". A missing value is written as
# "key=". A word without "=" is a key of its own: the package logfmt, on which its documentation says that it is based,
# gives it the value true, as its documentation says.
#
# The decoder stores a pair only when a character follows its key:
#
# * encode({a: 1, b: null}) is "a=1 b=", which decodes to {a: "1"}. With another key after it, b is kept.
# * "debug at=start" decodes to {debug: "at"}: the bare word takes the next key for its value, and what was set is lost.
# * A bare word at the end is lost too.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @jclem/logfmt2@2.4.3 logfmt@1.4.0 > /dev/null

cat > decode.cjs <<'JS'
const { encode, decode } = require("@jclem/logfmt2");
const logfmt = require("logfmt");

for (const values of [{ b: null, a: "1" }, { a: "1", b: null }]) {
  const text = encode(values);
  console.log(`${JSON.stringify(values)}: "${text}" -> ${JSON.stringify(decode(text))}`);
}
for (const line of ["debug at=start", "level=info ready port=80", "level=info ready"]) {
  console.log(`"${line}": logfmt2 ${JSON.stringify(decode(line))}, logfmt ${JSON.stringify(logfmt.parse(line))}`);
}
JS

seen=$(node decode.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
{"b":null,"a":"1"}: "b= a=1" -> {"b":"","a":"1"}
{"a":"1","b":null}: "a=1 b=" -> {"a":"1"}
"debug at=start": logfmt2 {"debug":"at"}, logfmt {"debug":true,"at":"start"}
"level=info ready port=80": logfmt2 {"level":"info","ready":"port"}, logfmt {"level":"info","ready":true,"port":"80"}
"level=info ready": logfmt2 {"level":"info"}, logfmt {"level":"info","ready":true}
TEXT
echo "as seen: keys without a value are lost, or take the next key for one"
