#!/usr/bin/env bash
# python-on-whales 0.81.0: docker.stats() gives the bytes that a container received as net_upload, and those that it
# sent as net_download.
#
# Docker's reference says of the column NET I/O of "docker container stats": "The amount of data the container has
# received and sent over its network interface". The command does print them in this order: Docker's command line
# 28.2.2 showed "1.5GB / 20kB" for a container whose statistics have rx_bytes 1500000000 and tx_bytes 20000. An upload
# is what a container sends.
#
# python-on-whales runs that command, splits the column at the slash, and takes the first part for the upload. A
# container that downloads a gigabyte is shown as one that uploads a gigabyte. Both are plain integers, so nothing else
# shows the error. Older pages of the reference named the two the other way round.
#
# The command line here is a script that prints the line that Docker's printed, so no engine is needed.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-on-whales==0.81.0

cat > docker <<'DOCKER'
#!/bin/sh
cat <<'JSON'
{"BlockIO":"3MB / 4kB","CPUPerc":"0.50%","Container":"web","ID":"5e8b1d8ae1f4","MemPerc":"1.25%","MemUsage":"10MiB / 800MiB","Name":"web","NetIO":"1.5GB / 20kB","PIDs":"1"}
JSON
DOCKER
chmod +x docker

cat > stats.py <<'PY'
import pathlib

from python_on_whales import DockerClient

docker = DockerClient(client_call=[str(pathlib.Path("docker").absolute())])
for stats in docker.stats():
    print("MEM USAGE / LIMIT, 10MiB / 800MiB:", int(stats.memory_used), "of", int(stats.memory_limit))
    print("received and sent, 1.5GB / 20kB:", "download", int(stats.net_download), "upload", int(stats.net_upload))
PY

seen=$(venv/bin/python stats.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
MEM USAGE / LIMIT, 10MiB / 800MiB: 10485760 of 838860800
received and sent, 1.5GB / 20kB: download 20000 upload 1500000000
TEXT
echo "as seen: the two directions of the network are swapped"
