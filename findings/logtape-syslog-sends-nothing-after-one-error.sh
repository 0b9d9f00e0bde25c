#!/usr/bin/env bash
# @logtape/syslog 1.3.10 (npm): a message that cannot be sent ends the program; if it does not, no message is sent any
# more, though the server is there again.
#
# A log server is restarted, or comes up after the program. The package has "Connection Management: Automatic connection
# handling with configurable timeouts", and "TCP: Reliable, connection-based delivery that ensures message delivery".
# Its code sets isConnected to false after an error, in order to connect again.
#
# * Each message is chained to the promise of the last one with then(). Once that promise is rejected, the function that
#   connects and sends is skipped, for all that follow.
# * The promise is inside of the sink, where a program cannot handle its error. Node ends a program for an unhandled
#   rejection.
#
# A sink writes to a port without a server, then the server is started there. A new sink reaches it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @logtape/syslog@1.3.10 @logtape/logtape@1.3.10 > /dev/null

cat > log.mjs <<'JS'
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { getSyslogSink } from "@logtape/syslog";

const record = (text) => ({ category: ["app"], level: "info", message: [text], properties: {}, timestamp: 0 });

async function listen(port) {
  const texts = [];
  const server = createServer((socket) => {
    socket.on("data", (data) => texts.push(...data.toString().match(/message \d/g)));
    socket.on("close", () => server.emit("idle"));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, server, texts };
}

const first = await listen(0);
first.server.close();
await once(first.server, "close");

const sink = getSyslogSink({ hostname: "127.0.0.1", port: first.port, protocol: "tcp" });
sink(record("message 1"));
await sink[Symbol.asyncDispose]();
console.log("no server: nothing received");

const { server, texts } = await listen(first.port);
for (const number of [2, 3, 4]) sink(record(`message ${number}`));
await sink[Symbol.asyncDispose]();
console.log(`the same sink, with a server: received [${texts}]`);

const fresh = getSyslogSink({ hostname: "127.0.0.1", port: first.port, protocol: "tcp" });
fresh(record("message 5"));
await fresh[Symbol.asyncDispose]();
await once(server, "idle");
console.log(`a new sink: received [${texts}]`);
server.close();
await once(server, "close");

const program = `
  import { getSyslogSink } from "@logtape/syslog";
  const sink = getSyslogSink({ hostname: "127.0.0.1", port: ${first.port}, protocol: "tcp" });
  sink({ category: ["app"], level: "info", message: ["message 6"], properties: {}, timestamp: 0 });
  process.on("exit", (status) => console.log("exit", status));
`;
const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf-8" });
console.log(`a program that logs once, no server: ${stdout.trim()}`);
JS

seen=$(node log.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
no server: nothing received
the same sink, with a server: received []
a new sink: received [message 5]
a program that logs once, no server: exit 1
TEXT
echo "as seen: nothing is sent any more"
