#!/usr/bin/env bash
# decomposerize 1.4.4 (npm): a command or health check that is a list is joined by commas, an entrypoint that is a list
# becomes one option for each word, and ports in the long form are left out.
#
# The Compose specification has command, entrypoint and healthcheck.test as a list of words or as a string; a test's
# first word says how it is run, CMD or CMD-SHELL. Ports may be mappings with target, published, host_ip and protocol.
# stop_grace_period is a duration. decomposerize "turns docker-compose file into docker run commands". There each word
# after the image is an argument, --entrypoint is one program, and --stop-timeout a number of seconds.
#
# * ["npm", "start"] becomes one word, npm,start: no such program. A health check becomes CMD,curl,... likewise.
# * Of several --entrypoint docker run takes the last: of ["tini", "--"] that is "--".
# * A port with target and published is not there, and nothing says so.
# * 1m30s is written as it is, and is no value of --stop-timeout.
#
# The same written as strings comes out right.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save decomposerize@1.4.4 > /dev/null

cat > convert.cjs <<'JS'
const convert = require("decomposerize");

for (const lines of [
  "command: npm start",
  'command: ["npm", "start"]',
  "entrypoint: tini",
  'entrypoint: ["tini", "--"]',
  'healthcheck: { test: "curl -f http://localhost" }',
  'healthcheck: { test: ["CMD", "curl", "-f", "http://localhost"] }',
  'ports: ["127.0.0.1:8080:80/udp"]',
  'ports: [{ target: 80, published: "8080", host_ip: 127.0.0.1, protocol: udp }]',
  "stop_grace_period: 1m30s",
])
  console.log(`${lines}\n  ${convert(`services:\n  web:\n    image: app\n    ${lines}\n`)}`);
JS

seen=$(node convert.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
command: npm start
  docker run app npm start
command: ["npm", "start"]
  docker run app npm,start
entrypoint: tini
  docker run --entrypoint tini app
entrypoint: ["tini", "--"]
  docker run --entrypoint tini --entrypoint -- app
healthcheck: { test: "curl -f http://localhost" }
  docker run --health-cmd "curl -f http://localhost" app
healthcheck: { test: ["CMD", "curl", "-f", "http://localhost"] }
  docker run --health-cmd CMD,curl,-f,http://localhost app
ports: ["127.0.0.1:8080:80/udp"]
  docker run -p 127.0.0.1:8080:80/udp app
ports: [{ target: 80, published: "8080", host_ip: 127.0.0.1, protocol: udp }]
  docker run app
stop_grace_period: 1m30s
  docker run --stop-timeout 1m30s app
TEXT
echo "as seen: lists and mappings of a Compose file are not taken over"
