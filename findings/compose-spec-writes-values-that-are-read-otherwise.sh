#!/usr/bin/env bash
# compose-spec 0.2.1 (PyPI): to_yaml() writes ports, users, variables and MAC addresses in forms that are read as
# something else.
#
# The Compose specification says of ports that HOST:CONTAINER "should always be specified as a (quoted) string, to avoid
# conflicts with YAML base-60 float". YAML 1.1, which PyYAML reads, takes 22:22 for 1342, and yes and on for true. A MAC
# address (IEEE 802) has two digits in each of its six parts; Go's parser, which Docker uses, insists on them. The
# package parses and writes Compose files: from_yaml() and to_yaml().
#
# * Quotes are not kept, and none are set where YAML 1.1 needs them. A port 22:22, a user 10:20 and a variable "yes"
#   that were strings are written bare, and are numbers and a truth value for the next reader.
# * The parts of a MAC address lose their leading zeros.
#
# PyYAML 6.0.3, which podman-compose uses, reads what was written.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-spec==0.2.1 pyyaml==6.0.3

cat > round.py <<'PY'
import yaml
from compose_spec import PyCompose


def again(line):
    text = PyCompose.from_yaml(f"services:\n  web:\n    image: app\n    {line}\n").to_yaml()
    return yaml.safe_load(text)["services"]["web"]


for line in (
    'ports: ["8080:80"]',
    'ports: ["22:22"]',
    'user: "1000:1000"',
    'user: "10:20"',
    'environment: { VERBOSE: "yes", AT: "12:30:00", LEVEL: "7" }',
    'mac_address: "02:42:ac:11:00:05"',
):
    key = line.split(":")[0]
    before, after = yaml.safe_load(line)[key], again(line)[key]
    print(f"{key} {before}: {'the same' if before == after else after}")
PY

seen=$(venv/bin/python round.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ports ['8080:80']: the same
ports ['22:22']: [1342]
user 1000:1000: the same
user 10:20: 620
environment {'VERBOSE': 'yes', 'AT': '12:30:00', 'LEVEL': '7'}: {'VERBOSE': True, 'AT': 45000, 'LEVEL': '7'}
mac_address 02:42:ac:11:00:05: 2:42:ac:11:00:05
TEXT
echo "as seen: what is written is not what was read"
