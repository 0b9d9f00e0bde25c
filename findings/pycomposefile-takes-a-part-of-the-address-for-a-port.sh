#!/usr/bin/env bash
# pycomposefile 0.0.34: ports with an address and no host port get a part of the address as container port, and ranges
# of ports lose all but one number.
#
# The Compose specification (ports, short syntax) is [HOST:]CONTAINER[/PROTOCOL]; HOST is [IP:](port | range), CONTAINER
# is port | range. Its examples include "127.0.0.1::5000", "3000-3005", "9090-9091:8080-8081" and
# "127.0.0.1:5000-5010:5000-5010".
#
# The package searches the text for address, host port and container port, and takes the first place where a part fits.
# In "127.0.0.1::5000" that is the number 127, so the container's port is 127. Of a range it takes the first number
# and ignores the rest, with the host's port for the container's. There is no error. Single ports are right.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pycomposefile==0.0.34

cat > ports.py <<'PY'
from pycomposefile import ComposeFile

PORTS = [
    "3000",
    "49100:22",
    "127.0.0.1:8001:8001",
    "3000-3005",
    "9090-9091:8080-8081",
    "127.0.0.1:5000-5010:5000-5010",
    "127.0.0.1::5000",
]
compose = ComposeFile({"services": {"web": {"image": "busybox", "ports": PORTS}}})
for text, port in zip(PORTS, compose.services["web"].ports):
    print(f"{text}: address {port.host_ip}, host {port.published}, container {port.target}")
PY

seen=$(venv/bin/python ports.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
3000: address None, host None, container 3000
49100:22: address None, host 49100, container 22
127.0.0.1:8001:8001: address 127.0.0.1, host 8001, container 8001
3000-3005: address None, host None, container 3000
9090-9091:8080-8081: address None, host None, container 9090
127.0.0.1:5000-5010:5000-5010: address 127.0.0.1, host None, container 5000
127.0.0.1::5000: address None, host None, container 127
TEXT
echo "as seen: parts of addresses and ranges are taken for ports"
