#!/usr/bin/env bash
# docker-compose 1.5.0 (npm): of a range of published ports both numbers are NaN, an IPv6 address is "[", logs() changes
# the list that it was given, and letters of long output are broken.
#
# Docker's reference of "docker ps": it groups ports into one range where that is possible, so two neighbouring ports
# are 8000-8001/tcp. docker compose writes the same text, in its table and as JSON. "docker compose port" prints an
# address and a port; an IPv6 address has brackets. The package is to "manage docker-compose from Node.js".
#
# * The text on each side of "->" is given to Number(). A program that looks for port 8001 does not find it.
# * port() splits at ":", and takes the first two parts.
# * logs() adds its options to the caller's array of services: at the next call "--follow" is a service.
# * Chunks of the output are decoded one by one. A letter that lies across two of them becomes replacement characters.
#
# A script stands for docker compose; it prints what that prints.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save docker-compose@1.5.0 > /dev/null

cat > compose <<'SH'
#!/bin/sh
case "$*" in
  *ps*) cat ps.json ;;
  *port*) echo '[::1]:8080' ;;
  *logs*) cat logs.txt ;;
esac
SH
chmod +x compose
cat > ps.json <<'JSON'
{"Name":"one","Command":"serve","State":"running","Ports":"0.0.0.0:8000->80/tcp, [::]:8000->80/tcp"}
{"Name":"two","Command":"serve","State":"running","Ports":"0.0.0.0:8000-8001->8000-8001/tcp, 9000-9002/tcp"}
JSON
cat > ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import compose from "docker-compose";

const options = { executable: { standalone: true, executablePath: "./compose" } };

const { data } = await compose.ps({ ...options, commandOptions: [["--format", "json"]] });
for (const { name, ports } of data.services)
  for (const { exposed, mapped } of ports)
    console.log(`${name}: ${mapped ? `${mapped.address} port ${mapped.port}` : "nothing"} to ${exposed.port}`);

const { data: published } = await compose.port("web", 80, options);
console.log(`port of [::1]:8080: ${JSON.stringify(published)}`);

const text = `x${"ö".repeat(100000)}`;
writeFileSync("logs.txt", text);
const services = ["web"];
const { out } = await compose.logs(services, { ...options, follow: true });
console.log(`services after logs(): ${JSON.stringify(services)}`);
console.log(`logs as they were: ${out === text}, replacement characters: ${out.includes("\ufffd")}`);
JS

seen=$(node ask.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one: 0.0.0.0 port 8000 to 80
one: [::] port 8000 to 80
two: 0.0.0.0 port NaN to NaN
two: nothing to NaN
port of [::1]:8080: {"address":"[","port":0}
services after logs(): ["--follow","web"]
logs as they were: false, replacement characters: true
TEXT
echo "as seen: ports are not numbers"
