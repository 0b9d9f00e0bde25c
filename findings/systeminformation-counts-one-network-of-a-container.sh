#!/usr/bin/env bash
# systeminformation 5.33.26 (npm): the bytes that a container received and sent are those of one of its networks only.
#
# The Docker Engine API's stats have the counters of each network that a container is on: "networks", with eth0, eth1
# and so on. "docker stats" has one value, NET I/O, "the amount of data the container has received and sent over its
# network interface", which adds them up. dockerContainerStats() gives netIO.rx and netIO.wx: "received bytes via
# network" and "sent bytes via network". A service with a network for the outside and one for its database is on two.
#
# The numbers of each network replace those of the one before, so the last one alone is reported. It also goes down when
# a busy container is connected to one more network.
#
# A server on a Unix socket answers as an engine does.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save systeminformation@5.33.26 > /dev/null

cat > stats.cjs <<'JS'
const { createServer } = require("net");

const MB = 1000 * 1000;
const CASES = [
  ["one network", { eth0: { rx_bytes: 900 * MB, tx_bytes: 300 * MB } }],
  ["one more", { eth0: { rx_bytes: 900 * MB, tx_bytes: 300 * MB }, eth1: { rx_bytes: 656, tx_bytes: 0 } }],
  ["two busy ones", { eth0: { rx_bytes: 90 * MB, tx_bytes: 30 * MB }, eth1: { rx_bytes: 5 * MB, tx_bytes: 8 * MB } }],
];
let networks;
const server = createServer((socket) => {
  socket.once("data", (request) => {
    const answer = String(request).includes("/stats") ? { id: "0123456789ab", networks } : { RestartCount: 0 };
    socket.end(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(answer)}`);
  });
});
const sum = (key) => Object.values(networks).reduce((total, each) => total + each[key], 0);

process.env.DOCKER_SOCKET = `${process.cwd()}/docker.sock`;
server.listen(process.env.DOCKER_SOCKET, async () => {
  const { dockerContainerStats } = require("systeminformation");
  for (const [name, each] of CASES) {
    networks = each;
    const [{ netIO }] = await dockerContainerStats("0123456789ab");
    console.log(`${name}: received ${netIO.rx}, is ${sum("rx_bytes")}; sent ${netIO.wx}, is ${sum("tx_bytes")}`);
  }
  server.close();
});
JS

seen=$(node stats.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one network: received 900000000, is 900000000; sent 300000000, is 300000000
one more: received 656, is 900000656; sent 0, is 300000000
two busy ones: received 5000000, is 95000000; sent 8000000, is 38000000
TEXT
echo "as seen: the last network is taken for all"
