#!/usr/bin/env bash
# dotenv-stringify 3.0.1 (npm): values with quotes are other values when dotenv reads them, and a JSON text with " #" in
# it is cut there.
#
# The README: "Objects stringified using this package will be parsable by dotenv.parse()." dotenv's README: quotes
# around a value are removed, a value with "#" has to be quoted, "inner quotes are maintained", and \n is a line feed
# between double quotes. It has no escape for a quote; a value with one kind of quotes is to be put between another.
#
# * A value that begins and ends with a quote is written bare. dotenv takes the quotes for its own, and removes them.
# * Others get \" for a quote. dotenv leaves the backslash in the value.
# * A value with "{" at its start is written bare, though it has a space and a "#". dotenv takes the rest for a comment.
# * A tab is written as \t, which is two characters for dotenv.
#
# dotenv 17.2.3 reads what was written.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dotenv-stringify@3.0.1 dotenv@17.2.3 > /dev/null

cat > again.mjs <<'JS'
import dotenv from "dotenv";
import stringify from "dotenv-stringify";

for (const value of [
  "two words",
  "a # b",
  "it's",
  '"quoted"',
  '"quoted" words',
  'say "hello"',
  '{"colour":"a # b"}',
  '{"colour":"#fff"}',
  "a\tb",
  "one\ntwo",
  'one\n"two"',
]) {
  const line = stringify({ NAME: value });
  const read = dotenv.parse(line).NAME;
  const same = read === value ? "the same" : JSON.stringify(read);
  console.log(`${JSON.stringify(value)}, written ${line}: ${same}`);
}
JS

seen=$(node again.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"two words", written NAME="two words": the same
"a # b", written NAME="a # b": the same
"it's", written NAME="it's": the same
"\"quoted\"", written NAME="quoted": "quoted"
"\"quoted\" words", written NAME="\"quoted\" words": "\\\"quoted\\\" words"
"say \"hello\"", written NAME="say \"hello\"": "say \\\"hello\\\""
"{\"colour\":\"a # b\"}", written NAME={"colour":"a # b"}: "{\"colour\":\"a"
"{\"colour\":\"#fff\"}", written NAME={"colour":"#fff"}: "{\"colour\":\""
"a\tb", written NAME="a\tb": "a\\tb"
"one\ntwo", written NAME="one\ntwo": the same
"one\n\"two\"", written NAME="one\n\"two\"": "one\n\\\"two\\\""
TEXT
echo "as seen: values are not those that were given"
