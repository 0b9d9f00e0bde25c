#!/usr/bin/env bash
# aiowhales 0.1.1 (PyPI): the output of a command in a container has the eight bytes that Docker puts before each piece,
# logs of a container with a terminal are empty, and an image of a registry with a port is pulled from another host.
#
# The package is an "async Docker client". In Docker's API output without a terminal comes in frames, each with a header
# of eight bytes; with a terminal it comes as it is, and the content type says which of them. A frame ends where the
# process wrote, not at a line end. Cmd is a list of words. In a reference a colon may stand before a port.
#
# * exec_run() and exec.run() return the body as text, headers and all. exec.stream() splits it at line feeds: the size
#   of a frame with 10 bytes has one too.
# * logs() takes the first letters of what has no frames for a header, and waits for the size that they make.
# * "echo hello!", which is the first example of the README, is one word. So there is no such program.
# * A reference is cut at the first colon. Errors in the stream of a pull have an empty status, and raise nothing.
#
# The engine here is a server that answers as Docker does.
#
# Seen with Python 3.11, aiohttp 3.14.5. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check aiowhales==0.1.1 aiohttp==3.14.5

cat > show.py <<'PY'
import asyncio
import json
import struct

from aiohttp import web
from aiowhales import AsyncDockerClient
from aiowhales.transport import UnixSocketTransport

WRITES = (b"total: 10\n", b"one\ntwo\n")
CONTAINER = {"Id": "a", "Name": "/a", "Config": {}, "State": {}, "NetworkSettings": {}}


def frames():
    return b"".join(struct.pack(">BxxxI", 1, len(data)) + data for data in WRITES)


async def answer(request):
    path = request.path.split("/", 2)[2]
    if path == "containers/a/exec":
        return web.json_response({"Id": "e"}, status=201)
    if path == "exec/e/json":
        return web.json_response({"ExitCode": 0})
    if path == "exec/e/start" or path == "containers/a/logs":
        return web.Response(body=frames(), content_type="application/vnd.docker.multiplexed-stream")
    if path == "containers/terminal/logs":
        return web.Response(body=b"".join(WRITES), content_type="application/vnd.docker.raw-stream")
    if path == "containers/create":
        print(f"create: {(await request.json())['Cmd']}")
        return web.json_response({"Id": "a"}, status=201)
    if path == "images/create":
        print(f"pull: {dict(request.query)}")
        return web.Response(text=json.dumps({"error": "not found", "errorDetail": {}}) + "\n")
    return web.json_response(CONTAINER)


async def main():
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, "engine.sock").start()
    async with AsyncDockerClient(transport=UnixSocketTransport("engine.sock")) as docker:
        result = await docker.containers.exec_run("a", ["show"])
        print(f"exec_run: {result.output!r}")
        print(f"exec.stream: {[line async for line in docker.exec.stream('a', ['show'])]}")
        for name in ("a", "terminal"):
            print(f"logs, {name}: {[line.text async for line in docker.containers.logs(name)]}")
        await docker.containers.create("app", command="echo hello!")
        for name in ("localhost:5000/app:1", "app@sha256:abc"):
            print([progress.status async for progress in docker.images.pull(name)])
    await runner.cleanup()


asyncio.run(main())
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
exec_run: '\x01\x00\x00\x00\x00\x00\x00\ntotal: 10\n\x01\x00\x00\x00\x00\x00\x00\x08one\ntwo\n'
exec.stream: ['\x01\x00\x00\x00\x00\x00\x00', 'total: 10', '\x01\x00\x00\x00\x00\x00\x00\x08one', 'two']
logs, a: ['total: 10', 'one\ntwo']
logs, terminal: []
create: ['echo hello!']
pull: {'fromImage': 'localhost', 'tag': '5000/app:1'}
['']
pull: {'fromImage': 'app@sha256', 'tag': 'abc'}
['']
TEXT
echo "as seen: headers are output, and output is lost"
