#!/usr/bin/env bash
# composerize 1.7.6 (npm): a dollar sign of a docker run command is written into the Compose file as it is, where
# Compose replaces what follows it: passwords, commands and health checks are other ones.
#
# composerize "turns `docker run` commands into `compose.yaml` files". The Compose specification (Interpolation)
# replaces $NAME and ${NAME} in values by variables of the machine where Compose runs, or by nothing, and has "$$" for a
# dollar sign that is meant. docker run replaces nothing; in single quotes the shell does not either.
#
# composerize doubles no dollar sign. A password "pa$word" reads "pa", and "$$" becomes one "$". sh -c 'echo $HOME' is
# to print the home folder in the container, and prints that of the host. Compose warns if a variable is not set, and
# says nothing if it is. The same command with "$$" for "$" gives the right file.
#
# podman-compose 1.6.0 reads the files here. A script plays podman, so no engine is needed.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save composerize@1.7.6 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check podman-compose==1.6.0

cat > podman <<'PODMAN'
#!/bin/sh
echo "podman version 5.4.2"
PODMAN
chmod +x podman

cat > command.txt <<'COMMAND'
docker run -e 'PASSWORD=pa$word' -e 'SALT=a$$b' --health-cmd 'test -d $HOME' busybox sh -c 'echo $HOME'
COMMAND
cat > write.cjs <<'JS'
const composerize = require("composerize");
const { readFileSync, writeFileSync } = require("fs");

let command = readFileSync("command.txt", "utf-8").trim();
if (process.argv[2] === "doubled") command = command.replaceAll("$", "$$$$");
writeFileSync("compose.yaml", (composerize.default ?? composerize)(command).replace("<your project name>", "web"));
JS
cat > show.py <<'PY'
import sys

import yaml

service = yaml.safe_load(sys.stdin)["services"]["busybox"]
print(f"{sys.argv[1]}: {service['environment']}")
print(f"  command {service['command']}, health check {service['healthcheck']['test']}")
PY

export HOME=/home/host
unset word b
seen=$(
  cat command.txt
  for how in "as it is" doubled; do
    node write.cjs "$how"
    venv/bin/podman-compose --podman-path ./podman config 2> log | venv/bin/python show.py "$how"
  done
)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
docker run -e 'PASSWORD=pa$word' -e 'SALT=a$$b' --health-cmd 'test -d $HOME' busybox sh -c 'echo $HOME'
as it is: {'PASSWORD': 'pa', 'SALT': 'a$b'}
  command ['sh', '-c', 'echo /home/host'], health check test -d /home/host
doubled: {'PASSWORD': 'pa$word', 'SALT': 'a$$b'}
  command ['sh', '-c', 'echo $HOME'], health check test -d $HOME
TEXT
echo "as seen: dollar signs are replaced"
