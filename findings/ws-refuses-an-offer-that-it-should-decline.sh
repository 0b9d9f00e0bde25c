#!/usr/bin/env bash
# ws 8.23.0: a server with compression answers 400 to a WebSocket handshake whose first offer of compression has a
# parameter that ws does not know, although a second offer follows that it would take.
#
# Sec-WebSocket-Extensions is a list of offers, in the client's order of preference. RFC 7692 says of
# permessage-deflate (section 7.1) that a server MUST decline an offer with a parameter that is not defined. To
# decline is to use the next offer, or no compression: extensions are optional, and a client can so ask for a newer
# variant first.
#
# ws throws while it parses the offers, and refuses the connection with status 400. It does not do so for an extension
# with another name. websockets 17.4 and aiohttp 3.14.5 take the second offer, or go without compression if there is
# none. wsproto 1.3.2 overlooks the parameter and takes the first.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check websockets==17.4 wsproto==1.3.2 aiohttp==3.14.5
npm install --silent --no-audit --no-fund --no-save ws@8.23.0 > /dev/null

cat > offers.json <<'JSON'
["permessage-deflate", "x-other; level=9, permessage-deflate", "permessage-deflate; level=9, permessage-deflate",
 "permessage-deflate; level=9"]
JSON
cat > servers.py <<'PY'
import asyncio
import json
import re

import websockets
from aiohttp import web
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection
from wsproto.extensions import PerMessageDeflate

HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: {}\r\n\r\n"
)


def summary(answer):
    status = answer.split(" ")[1]
    taken = re.search(r"(?im)^sec-websocket-extensions: (.*?)\r$", answer)
    return f"{status} {taken[1] if taken else 'without compression'}"


async def ask(port, offer):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE.format(offer).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return summary(answer.decode())


def with_wsproto(offer):
    connection = WSConnection(ConnectionType.SERVER)
    connection.receive_data(HANDSHAKE.format(offer).encode())
    list(connection.events())
    return summary(connection.send(AcceptConnection(extensions=[PerMessageDeflate()])).decode())


async def handle(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    return socket


async def main():
    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with websockets.serve(lambda socket: socket.wait_closed(), "127.0.0.1", 0) as server:
        for offer in json.load(open("offers.json")):
            print(f"{offer} | websockets: {await ask(server.sockets[0].getsockname()[1], offer)}")
            print(f"{offer} | wsproto: {with_wsproto(offer)}")
            print(f"{offer} | aiohttp: {await ask(runner.addresses[0][1], offer)}")
    await runner.cleanup()


asyncio.run(main())
PY
cat > server.cjs <<'JS'
const http = require("node:http");
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });

function ask(offer) {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions": offer,
  };
  return new Promise((done) => {
    const request = http.get({ host: "127.0.0.1", port: server.address().port, headers });
    request.on("response", (answer) => done(`${answer.statusCode}`));
    request.on("upgrade", (answer, socket) => {
      socket.destroy();
      done(`101 ${answer.headers["sec-websocket-extensions"] ?? "without compression"}`);
    });
  });
}

server.on("listening", async () => {
  for (const offer of require("./offers.json")) console.log(`${offer} | ws: ${await ask(offer)}`);
  server.close();
  process.exit();
});
JS

seen=$( (node server.cjs && venv/bin/python servers.py 2> log) | sort -s -t'|' -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
permessage-deflate | ws: 101 permessage-deflate
permessage-deflate | websockets: 101 permessage-deflate; server_max_window_bits=12
permessage-deflate | wsproto: 101 permessage-deflate
permessage-deflate | aiohttp: 101 permessage-deflate
permessage-deflate; level=9 | ws: 400
permessage-deflate; level=9 | websockets: 101 without compression
permessage-deflate; level=9 | wsproto: 101 permessage-deflate
permessage-deflate; level=9 | aiohttp: 101 without compression
permessage-deflate; level=9, permessage-deflate | ws: 400
permessage-deflate; level=9, permessage-deflate | websockets: 101 permessage-deflate; server_max_window_bits=12
permessage-deflate; level=9, permessage-deflate | wsproto: 101 permessage-deflate
permessage-deflate; level=9, permessage-deflate | aiohttp: 101 permessage-deflate
x-other; level=9, permessage-deflate | ws: 101 permessage-deflate
x-other; level=9, permessage-deflate | websockets: 101 permessage-deflate; server_max_window_bits=12
x-other; level=9, permessage-deflate | wsproto: 101 permessage-deflate
x-other; level=9, permessage-deflate | aiohttp: 101 permessage-deflate
TEXT
echo "as seen: an unknown parameter costs the connection"
