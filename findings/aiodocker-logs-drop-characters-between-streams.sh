#!/usr/bin/env bash
# aiodocker 0.27.0: Container.log() drops a character without a trace when a frame of stderr comes between its bytes.
#
# The engine sends logs as frames of stdout and stderr. A frame holds what was read from one stream at one time, so it
# may end inside a UTF-8 character, and the other stream's frame may follow. Each stream is a valid text of its own.
# aiodocker returns the frames as strings, without the stream's name. One expects the character once its bytes are
# complete, or a replacement character (U+FFFD).
#
# All frames go through one incremental decoder for both streams, with errors="ignore". The start of the character
# is thrown away when stderr's first byte comes, and the rest when stdout goes on. Nothing raises, nothing marks the
# place. Without a frame between them, the two halves make one character.
#
# docker-py 7.2.0 gives the same frames as bytes and loses nothing.
#
# Seen with Python 3.11 and a server on this host that sends the frames. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check aiodocker==0.27.0 docker==7.2.0

cat > logs.py <<'PY'
import asyncio
import struct

import aiodocker
import docker
from aiohttp import web

STDOUT, STDERR = 1, 2


def frame(stream, data):
    return struct.pack(">BxxxL", stream, len(data)) + data


ONE, TWO = frame(STDOUT, b"caf\xc3"), frame(STDOUT, b"\xa9\n")
LOGS = {"together": ONE + TWO, "between": ONE + frame(STDERR, b"warning\n") + TWO}


async def logs(request):
    kind = "application/vnd.docker.multiplexed-stream"
    return web.Response(body=LOGS[request.match_info["name"]], content_type=kind)


async def inspect(request):
    return web.json_response({"Id": request.match_info["name"], "Config": {"Tty": False}})


def with_docker_py(url, name):
    client = docker.APIClient(base_url=url.replace("http", "tcp"), version="1.44")
    try:
        return list(client.logs(name, stream=True))
    finally:
        client.close()


async def main():
    app = web.Application()
    app.router.add_get("/v1.44/containers/{name}/logs", logs)
    app.router.add_get("/v1.44/containers/{name}/json", inspect)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiodocker.Docker(url=url, api_version="v1.44") as client:
        for name in LOGS:
            parts = await client.containers.container(name).log(stdout=True, stderr=True)
            print(f"{name}: aiodocker {parts}")
            print(f"{name}: docker-py {await asyncio.to_thread(with_docker_py, url, name)}")
    await runner.cleanup()


asyncio.run(main())
PY

seen=$(venv/bin/python logs.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
together: aiodocker ['caf', 'é\n']
together: docker-py [b'caf\xc3', b'\xa9\n']
between: aiodocker ['caf', 'warning\n', '\n']
between: docker-py [b'caf\xc3', b'warning\n', b'\xa9\n']
TEXT
echo "as seen: the character is gone when the other stream's frame lies between its bytes"
