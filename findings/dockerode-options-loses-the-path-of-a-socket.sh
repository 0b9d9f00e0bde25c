#!/usr/bin/env bash
# dockerode-options 0.2.1 (npm): of a DOCKER_HOST with the path of a socket, a host without a name is left, and an IPv6
# address loses its brackets.
#
# Docker's reference has DOCKER_HOST as unix://PATH, tcp://HOST[:PORT] and others; for an engine without root, Docker
# says to set it to unix:///run/user/1000/docker.sock. The package finds the options for dockerode from DOCKER_HOST,
# and dockerode takes { socketPath }. Without DOCKER_HOST the package gives one, of /var/run/docker.sock.
#
# A unix address is read as a URL whose host is empty. The host is "http://", the port NaN, and the path is lost.
# "http://::1" is no URL: after the first colon, a port is expected.
#
# dockerode's own transport, docker-modem 5.0.7, reads the variable too, and has the path and the address.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dockerode-options@0.2.1 docker-modem@5.0.7 > /dev/null

cat > options.js <<'JS'
const Modem = require("docker-modem");
const options = require("dockerode-options");

for (const host of ["tcp://10.0.0.1:2375", "unix:///run/user/1000/docker.sock", "tcp://[::1]:2375"]) {
  process.env.DOCKER_HOST = host;
  const modem = new Modem();
  console.log(`DOCKER_HOST=${host}`);
  for (const [name, found] of Object.entries({ "dockerode-options": options(), "docker-modem": modem })) {
    console.log(`  ${name}: path ${found.socketPath}, host ${found.host}, port ${found.port}`);
  }
}
JS

seen=$(node options.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
DOCKER_HOST=tcp://10.0.0.1:2375
  dockerode-options: path undefined, host http://10.0.0.1, port 2375
  docker-modem: path undefined, host 10.0.0.1, port 2375
DOCKER_HOST=unix:///run/user/1000/docker.sock
  dockerode-options: path undefined, host http://, port NaN
  docker-modem: path /run/user/1000/docker.sock, host undefined, port undefined
DOCKER_HOST=tcp://[::1]:2375
  dockerode-options: path undefined, host http://::1, port 2375
  docker-modem: path undefined, host [::1], port 2375
TEXT
echo "as seen: the path is lost"
