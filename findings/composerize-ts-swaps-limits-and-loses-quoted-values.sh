#!/usr/bin/env bash
# composerize-ts 0.6.2 (npm): the soft and the hard limit of --ulimit are swapped, --network host makes a network of
# that name, and a value in quotes after "=" becomes the image.
#
# docker run's reference has --ulimit TYPE=SOFT:HARD, and --network host for the network of the machine, which is
# network_mode: host in Compose. --stop-timeout is a number of seconds; Compose has stop_grace_period, a duration with
# its unit. In a shell, quotes may begin inside a word: -e NAME='two words' is one variable. The package converts
# "docker run" commands into "(hopefully) working" Compose files, and has messages for what it cannot convert. It has
# none here.
#
# * nofile=1024:4096 becomes a soft limit of 4096, which is above the hard one of 1024.
# * "host" and "none" become networks of their own, of which the machine knows nothing.
# * Of -e NAME='two words' the variable is empty, the image is "two", and all else is the command; a quote is printed
#   as well. With quotes around the whole word it is right.
# * stop_grace_period is "5", without a unit.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save composerize-ts@0.6.2 yaml@2.8.1 > /dev/null

cat > convert.js <<'JS'
const { composerize } = require("composerize-ts");
const { parse } = require("yaml");

for (const options of [
  "--ulimit nofile=1024:4096",
  "--network host",
  "--network none",
  "--stop-timeout 5",
  "-e 'NAME=two words'",
  "-e NAME='two words'",
]) {
  const { yaml, messages } = composerize(`docker run ${options} nginx`);
  const [service] = Object.values(parse(yaml).services);
  console.log(`${options}: ${JSON.stringify(service)}, ${messages.length} messages`);
}
JS

seen=$(node convert.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
--ulimit nofile=1024:4096: {"image":"nginx","ulimits":{"nofile":{"hard":1024,"soft":4096}}}, 0 messages
--network host: {"image":"nginx","networks":{"host":{}}}, 0 messages
--network none: {"image":"nginx","networks":{"none":{}}}, 0 messages
--stop-timeout 5: {"image":"nginx","stop_grace_period":"5"}, 0 messages
-e 'NAME=two words': {"image":"nginx","environment":["NAME=two words"]}, 0 messages
"-e NAME='two words': {"command":"words\" nginx","image":"two","environment":["NAME="]}, 0 messages
TEXT
echo "as seen: limits are swapped, and values are elsewhere"
