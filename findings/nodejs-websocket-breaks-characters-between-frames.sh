#!/usr/bin/env bash
# nodejs-websocket 1.7.2 (npm): a character that lies across two frames of a message becomes two replacement characters,
# and a ping with binary data is answered with other data.
#
# RFC 6455: a message may be sent in several frames (5.4), and "a particular text frame might include a partial UTF-8
# sequence; however, the whole message MUST contain valid UTF-8" (5.6). A pong "MUST have identical Application data" as
# the ping that it answers (5.5.3); the data may be any bytes. The package has one event "text" for a whole message.
#
# * Each frame is decoded by itself, and the texts are joined.
# * The data of a ping is decoded and encoded again. A client that writes a time or a counter in it does not know its
#   own ping.
#
# ws 8.18.3 sends the frames, to a server of either.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nodejs-websocket@1.7.2 ws@8.18.3 > /dev/null

cat > talk.cjs <<'JS'
const { once } = require("node:events");
const other = require("nodejs-websocket");
const ws = require("ws");

function withOther(heard) {
  return new Promise((listening) => {
    const server = other.createServer((connection) => connection.on("text", heard).on("error", () => {}));
    server.listen(0, "127.0.0.1", () => listening([server.socket.address().port, () => server.close()]));
  });
}

function withWs(heard) {
  return new Promise((listening) => {
    const server = new ws.WebSocketServer({ port: 0, host: "127.0.0.1" });
    server.on("connection", (connection) => connection.on("message", (data) => heard(data.toString())));
    server.on("listening", () => listening([server.address().port, () => server.close()]));
  });
}

async function talk(name, serve) {
  let heard;
  const [port, close] = await serve((text) => heard(text));
  const client = new ws.WebSocket(`ws://127.0.0.1:${port}/`);
  await once(client, "open");
  for (const parts of [["4772c3bcc39f65"], ["4772", "c3bcc39f65"], ["4772c3", "bcc39f65"]]) {
    const bytes = parts.map((part) => Buffer.from(part, "hex"));
    const text = new Promise((resolve) => (heard = resolve));
    bytes.forEach((each, index) => client.send(each, { binary: false, fin: index === bytes.length - 1 }));
    console.log(`${name}, frames ${parts.join(" ")}: ${await text}`);
  }
  for (const data of ["hello", "\x00\x00\x01\x8f\xa0"]) {
    const bytes = Buffer.from(data, "latin1");
    client.ping(bytes);
    const [answer] = await once(client, "pong");
    console.log(`${name}, ping ${bytes.toString("hex")}: pong ${answer.toString("hex")}`);
  }
  client.close();
  await once(client, "close");
  close();
}

(async () => {
  await talk("ws", withWs);
  await talk("nodejs-websocket", withOther);
})();
JS

seen=$(node talk.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ws, frames 4772c3bcc39f65: Grüße
ws, frames 4772 c3bcc39f65: Grüße
ws, frames 4772c3 bcc39f65: Grüße
ws, ping 68656c6c6f: pong 68656c6c6f
ws, ping 0000018fa0: pong 0000018fa0
nodejs-websocket, frames 4772c3bcc39f65: Grüße
nodejs-websocket, frames 4772 c3bcc39f65: Grüße
nodejs-websocket, frames 4772c3 bcc39f65: Gr��ße
nodejs-websocket, ping 68656c6c6f: pong 68656c6c6f
nodejs-websocket, ping 0000018fa0: pong 000001efbfbdefbfbd
TEXT
echo "as seen: characters are broken, and pongs are others"
