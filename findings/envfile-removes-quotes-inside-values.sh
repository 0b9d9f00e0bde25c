#!/usr/bin/env bash
# envfile 7.1.0 (npm): values with quotes lose them, also those in the middle, and a value with a line end loses all
# after it, when they are written and read again.
#
# The package is to "parse and stringify" the format of .env files: one expects parse(stringify(values)) to be the
# values. Docker's --env-file takes a value as it stands, quotes included; dotenv and Compose take quotes away only if
# they are around the whole value.
#
# parse() removes every quote of a line: "it's" becomes "its", and a value of JSON is no JSON any more. stringify()
# writes values as they are, without quotes. A line end in a value, as in a key, ends it; if the next line has "=" or
# ":" in it, it is a variable of its own.
#
# dotenv 17.2.3 reads the same file with the quotes.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save envfile@7.1.0 dotenv@17.2.3 > /dev/null

cat > values.mjs <<'JS'
import dotenv from "dotenv";
import { parse, stringify } from "envfile";

for (const value of ["plain", "it's", '{"a": "b"}', 'say "hi"', "one\nto: two"]) {
  const file = stringify({ NAME: value });
  console.log(`${JSON.stringify(value)}: envfile ${JSON.stringify(parse(file))}`);
  if (!value.includes("\n")) console.log(`  dotenv ${JSON.stringify(dotenv.parse(file))}`);
}
JS

seen=$(node values.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"plain": envfile {"NAME":"plain"}
  dotenv {"NAME":"plain"}
"it's": envfile {"NAME":"its"}
  dotenv {"NAME":"it's"}
"{\"a\": \"b\"}": envfile {"NAME":"{a: b}"}
  dotenv {"NAME":"{\"a\": \"b\"}"}
"say \"hi\"": envfile {"NAME":"say hi"}
  dotenv {"NAME":"say \"hi\""}
"one\nto: two": envfile {"NAME":"one","to":"two"}
TEXT
echo "as seen: quotes and lines are lost"
