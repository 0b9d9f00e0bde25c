#!/usr/bin/env bash
# runlike 1.5.4, docker-autocompose 1.3.0 (PyPI) and rekcod 3.0.0 (npm): of a container port that is published twice,
# one host port is lost or gets another address. What runlike writes for a port that Docker chooses is refused by
# Docker.
#
# The Docker Engine API has, for each container port, a list of host addresses and host ports (HostConfig.PortBindings);
# an empty host port means that the engine chooses one. docker run takes -p [address:]port:container[/protocol] as often
# as one likes, with two colons if there is an address and no port. The packages make the command, or the Compose file,
# that gives "another one just like" a container. All three read the list, or a part of it.
#
# * docker-autocompose writes the first entry of a list, rekcod the last.
# * runlike keeps the address of an entry for the next one that has none: what was for all becomes local. It writes
#   127.0.0.1:443, where 127.0.0.1 is read as a port; and "udp" for all that is not "tcp".
#
# docker-autocompose asks an engine; here a server on the loopback interface answers it.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check runlike==1.5.4 docker-autocompose==1.3.0
npm install --silent --no-audit --no-fund --no-save rekcod@3.0.0 > /dev/null

cat > ports.py <<'PY'
import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

LISTS = {
    "two addresses": {"80/tcp": [("127.0.0.1", "8080"), ("", "9090")]},
    "chosen by the engine": {"443/tcp": [("127.0.0.1", "")]},
    "SCTP": {"90/sctp": [("", "90")]},
}


def container(ports):
    bindings = {port: [{"HostIp": ip, "HostPort": number} for ip, number in each] for port, each in ports.items()}
    return {
        "Id": "0123456789ab", "Name": "/web", "Image": "sha256:0123456789ab", "Mounts": [],
        "Config": {"Image": "web", "Hostname": "", "User": "", "Env": [], "ExposedPorts": dict.fromkeys(bindings, {})},
        "HostConfig": {"PortBindings": bindings, "NetworkMode": "default", "PidMode": "", "CpusetCpus": "",
                       "CpusetMems": "", "LogConfig": {"Type": "json-file"}, "RestartPolicy": {"Name": "no"}},
        "NetworkSettings": {"Ports": {}, "Networks": {}},
    }  # fmt: skip


class Engine(BaseHTTPRequestHandler):
    inspected = {}

    def do_GET(self):
        if self.path.endswith("/version"):
            answer = {"ApiVersion": "1.44"}
        elif "/containers/json" in self.path:
            answer = [{"Id": self.inspected["Id"]}]
        else:
            answer = self.inspected
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


engine = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
threading.Thread(target=engine.serve_forever, daemon=True).start()
os.environ["DOCKER_HOST"] = f"tcp://127.0.0.1:{engine.server_port}"
for name, ports in LISTS.items():
    Engine.inspected = container(ports)
    text = json.dumps([Engine.inspected])
    print(f"{name}: {json.dumps(Engine.inspected['HostConfig']['PortBindings'])}")
    compose = yaml.safe_load(run("venv/bin/autocompose", "web"))
    print(f"{name}, docker-autocompose: {' '.join(compose['services']['web']['ports'])}")
    print(f"{name}, rekcod: {' '.join(re.findall('-p [^ ]+', run('node_modules/.bin/rekcod', text=text)))}")
    print(f"{name}, runlike: {' '.join(re.findall('-p [^ ]+', run('venv/bin/runlike', '--stdin', text=text)))}")
PY

seen=$(venv/bin/python ports.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
two addresses: {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "", "HostPort": "9090"}]}
two addresses, docker-autocompose: 127.0.0.1:8080:80/tcp
two addresses, rekcod: -p 9090:80/tcp
two addresses, runlike: -p 127.0.0.1:8080:80 -p 127.0.0.1:9090:80
chosen by the engine: {"443/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
chosen by the engine, docker-autocompose: 127.0.0.1::443/tcp
chosen by the engine, rekcod: -p 127.0.0.1::443/tcp
chosen by the engine, runlike: -p 127.0.0.1:443
SCTP: {"90/sctp": [{"HostIp": "", "HostPort": "90"}]}
SCTP, docker-autocompose: 90:90/sctp
SCTP, rekcod: -p 90:90/sctp
SCTP, runlike: -p 90:90/udp
TEXT
echo "as seen: published ports are lost or changed"
