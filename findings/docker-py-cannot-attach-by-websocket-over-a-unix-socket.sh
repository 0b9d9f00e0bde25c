#!/usr/bin/env bash
# docker-py 7.2.0: attach_socket(ws=True) cannot be used over a unix socket, its own default, and asks the engine nothing.
#
# The engine's API has GET /containers/(id)/attach/ws, and docker-py has an extra, docker[websockets], for it. By default
# docker-py speaks to unix:///var/run/docker.sock. One expects the request to go there, as all other calls do.
#
# The call hands websocket-client an address that begins with http+docker:, which docker-py uses inside for a unix socket.
# websocket-client 1.9.2 knows ws and wss only, so it raises ValueError before anything is sent. Over TCP the request does
# arrive. A plain attach over the same unix socket arrives as well.
#
# Seen with Python 3.11 and a server on this host that answers 404. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check "docker[websockets]==7.2.0" websocket-client==1.9.2

cat > attach.py <<'PY'
import os
import socket
import threading

import docker

asked = []


def serve(server):
    while True:
        connection, _ = server.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            asked.append(head.split(b" HTTP/1.1", 1)[0].decode().split("?")[0])
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def attempt(name, call):
    asked.clear()
    try:
        call()
    except Exception as error:
        print(f"{name}: {type(error).__name__}, asked {asked}")


local = socket.socket(socket.AF_UNIX)
local.bind("engine.sock")
remote = socket.create_server(("127.0.0.1", 0))
for server in (local, remote):
    server.listen()
    threading.Thread(target=serve, args=(server,), daemon=True).start()

unix = docker.APIClient(base_url=f"unix://{os.getcwd()}/engine.sock", version="1.44")
tcp = docker.APIClient(base_url=f"tcp://127.0.0.1:{remote.getsockname()[1]}", version="1.44")
streams = {"stdout": 1, "stream": 1}
attempt("unix, WebSocket", lambda: unix.attach_socket("web", streams, ws=True))
attempt("tcp, WebSocket", lambda: tcp.attach_socket("web", streams, ws=True))
attempt("unix, upgrade", lambda: unix.attach_socket("web", streams))
PY

seen=$(venv/bin/python attach.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
unix, WebSocket: ValueError, asked []
tcp, WebSocket: WebSocketBadStatusException, asked ['GET /v1.44/containers/web/attach/ws']
unix, upgrade: NotFound, asked ['POST /v1.44/containers/web/attach']
TEXT
echo "as seen: a WebSocket cannot be asked for over a unix socket"
