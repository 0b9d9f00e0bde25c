#!/usr/bin/env bash
# strip-ansi-control-characters 2.0.0 (npm): numbers that follow a control sequence are removed with it, and sequences
# with two numbers are not removed.
#
# ECMA-48 (5.4): a control sequence is ESC [, its parameters, and a final byte. The parameters come before the final
# byte; what comes after it is text. The cursor's position, CSI line;column H, has two parameters. The package is to
# remove the "pesky clear screen or clear line control characters" of a child process, "with all colors and formatting"
# left as they are.
#
# * Its pattern ends with ";*[0-9]*" after the final byte. So a progress display "CSI 2 K, 50%" is "%".
# * Parameters before the final byte have digits only: CSI 10;1 H goes through to the terminal, and CSI ? 1049 h too.
#
# xterm.js (@xterm/headless 6.0.0) says which characters are text. Erasing and moving sequences stand before the text,
# at the start of a line, so nothing is overwritten.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save strip-ansi-control-characters@2.0.0 @xterm/headless@6.0.0 \
  > /dev/null

cat > strip.cjs <<'JS'
const { once } = require("node:events");
const { Terminal } = require("@xterm/headless");
const strip = require("strip-ansi-control-characters");

async function text(output) {
  const terminal = new Terminal({ cols: 40, rows: 1, allowProposedApi: true });
  await new Promise((done) => terminal.write(output, done));
  return terminal.buffer.active.getLine(0).translateToString(true);
}

async function throughStream(output) {
  const stream = strip.stream();
  let stripped = "";
  stream.on("data", (chunk) => (stripped += chunk));
  stream.end(output);
  await once(stream, "end");
  return stripped;
}

(async () => {
  for (const output of [
    "\x1b[2Kpulled 50%",
    "\x1b[2K50% pulled",
    "\x1b[1G42/100 files",
    "\x1b[K; 3 left",
    "\x1b[J2024-05-01 started",
    "\x1b[1;1H42/100 files",
    "\x1b[?1049h42/100 files",
  ]) {
    const shown = { xterm: await text(output), string: strip.string(output), stream: await throughStream(output) };
    console.log(`${JSON.stringify(output)}: ${JSON.stringify(shown)}`);
  }
})();
JS

seen=$(node strip.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[2Kpulled 50%": {"xterm":"pulled 50%","string":"pulled 50%","stream":"pulled 50%"}
"\u001b[2K50% pulled": {"xterm":"50% pulled","string":"% pulled","stream":"% pulled"}
"\u001b[1G42/100 files": {"xterm":"42/100 files","string":"/100 files","stream":"/100 files"}
"\u001b[K; 3 left": {"xterm":"; 3 left","string":" 3 left","stream":" 3 left"}
"\u001b[J2024-05-01 started": {"xterm":"2024-05-01 started","string":"-05-01 started","stream":"-05-01 started"}
"\u001b[1;1H42/100 files": {"xterm":"42/100 files","string":"\u001b[1;1H42/100 files","stream":"\u001b[1;1H42/100 files"}
"\u001b[?1049h42/100 files": {"xterm":"42/100 files","string":"\u001b[?1049h42/100 files","stream":"\u001b[?1049h42/100 files"}
TEXT
echo "as seen: numbers are lost"
