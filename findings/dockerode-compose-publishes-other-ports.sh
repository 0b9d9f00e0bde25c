#!/usr/bin/env bash
# dockerode-compose 1.4.0 (npm): of two host ports for a container port one is lost, ports that the engine is to choose
# become fixed ones, and a range of host ports is empty if its ends differ in length. "restart: on-failure:3" becomes a
# policy that no engine knows, and a variable without a value the word "null".
#
# Docker's reference of the Compose file: ports are [HOST:]CONTAINER[/PROTOCOL]. Without HOST "the container runtime
# automatically allocates any unassigned port of the host"; with an address alone (127.0.0.1::5000) docker run does the
# same. A range of host ports may stand before one container port. In the long form the protocol is tcp by default.
# restart has on-failure[:max-retries]; the Docker Engine API has a name and a MaximumRetryCount. A variable without a
# value is taken from where Compose runs, or left out.
#
# * Each entry replaces the list of its container port.
# * "3000" and "127.0.0.1::5000" are published as 3000 and 5000: a second project cannot start beside the first.
# * The ends of a range are compared as strings, and "998" is not before "1002".
# * Without a protocol the port is "80/undefined".
#
# What the engine would be asked for is printed; a stub takes the place of dockerode.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts dockerode-compose@1.4.0 > /dev/null

cat > up.cjs <<'JS'
const { writeFileSync } = require("fs");
const Compose = require("dockerode-compose");

async function show(line) {
  writeFileSync("compose.yaml", `services:\n  web:\n    image: app\n    ${line}\n`);
  let asked;
  const docker = {
    createNetwork: async () => ({ id: "network" }),
    createContainer: async (options) => {
      asked = options;
      return { start: async () => {} };
    },
  };
  await new Compose(docker, "compose.yaml", "demo").up();
  const { PortBindings, RestartPolicy } = asked.HostConfig;
  console.log(`${line}\n  ${JSON.stringify(PortBindings ?? (line.startsWith("restart") ? RestartPolicy : asked.Env))}`);
}
(async () => {
  await show('ports: ["8080:80"]');
  await show('ports: ["8080:80", "127.0.0.1:9090:80"]');
  await show('ports: ["3000"]');
  await show('ports: ["127.0.0.1::5000"]');
  await show('ports: ["1000-1002:80"]');
  await show('ports: ["998-1002:80"]');
  await show('ports: [{ target: 80, published: "8080" }]');
  await show('restart: "always"');
  await show('restart: "on-failure:3"');
  await show("environment: { A: 1, B: }");
})();
JS

seen=$(node up.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ports: ["8080:80"]
  {"80/tcp":[{"HostPort":"8080"}]}
ports: ["8080:80", "127.0.0.1:9090:80"]
  {"80/tcp":[{"HostPort":"9090","HostIp":"127.0.0.1"}]}
ports: ["3000"]
  {"3000/tcp":[{"HostPort":"3000"}]}
ports: ["127.0.0.1::5000"]
  {"5000/tcp":[{"HostPort":"5000","HostIp":"127.0.0.1"}]}
ports: ["1000-1002:80"]
  {"80/tcp":[{"HostPort":"1000"},{"HostPort":"1001"},{"HostPort":"1002"}]}
ports: ["998-1002:80"]
  {"80/tcp":[]}
ports: [{ target: 80, published: "8080" }]
  {"80/undefined":[{"HostPort":"8080"}]}
restart: "always"
  {"Name":"always"}
restart: "on-failure:3"
  {"Name":"on-failure:3"}
environment: { A: 1, B: }
  ["A=1","B=null"]
TEXT
echo "as seen: other ports are published, and other settings sent"
