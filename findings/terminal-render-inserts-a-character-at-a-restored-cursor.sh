#!/usr/bin/env bash
# terminal-render 1.5.1 (npm): the first character that is written after the cursor was restored is inserted before the
# old text, which moves to the right; a sequence that comes in two parts is shown as text.
#
# CSI s saves the cursor and CSI u goes back to it; what is then written replaces what is there, a character at a time
# (ECMA-48, 7.2.10, insertion replacement mode). Progress displays save the cursor once and rewrite the same place. The
# package "simulates terminal behavior"; both sequences are in its list of what it supports. write() may be called once
# for each part of the output.
#
# * After CSI u the first character is inserted and the others replace: "CPU 50%" over "CPU 10%" is "CPU 50%%". Each
#   update adds one more.
# * CSI G without a number is the first column (ECMA-48, 8.3.9). Here the cursor goes back by one column only.
# * If a call ends inside a sequence, its rest is shown. Where the output of a program is cut depends on the pipe.
# * The address of a hyperlink (OSC 8) is shown before its text.
#
# xterm.js (@xterm/headless 6.0.0) shows what a terminal shows.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save terminal-render@1.5.1 @xterm/headless@6.0.0 > /dev/null

cat > show.mjs <<'JS'
import xterm from "@xterm/headless";
import { TerminalTextRender } from "terminal-render";

async function shown(parts) {
  const terminal = new xterm.Terminal({ cols: 40, rows: 2, allowProposedApi: true });
  for (const part of parts) await new Promise((done) => terminal.write(part, done));
  return terminal.buffer.active.getLine(0).translateToString(true);
}

for (const parts of [
  ["\x1b[sCPU 10%\x1b[uCPU 50%\x1b[uCPU 90%"],
  ["CPU 10%\rCPU 50%"],
  ["10%\x1b[1G100%"],
  ["10%\x1b[G100%"],
  ["10%\r\x1b[K100%"],
  ["10%\r\x1b[", "K100%"],
  ["see \x1b]8;;http://x/\x1b\\here\x1b]8;;\x1b\\"],
]) {
  const render = new TerminalTextRender();
  for (const part of parts) render.write(part);
  console.log(`${JSON.stringify(parts)}: xterm "${await shown(parts)}", terminal-render "${render.render()}"`);
}
JS

seen=$(node show.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
["\u001b[sCPU 10%\u001b[uCPU 50%\u001b[uCPU 90%"]: xterm "CPU 90%", terminal-render "CPU 90%%%"
["CPU 10%\rCPU 50%"]: xterm "CPU 50%", terminal-render "CPU 50%"
["10%\u001b[1G100%"]: xterm "100%", terminal-render "100%"
["10%\u001b[G100%"]: xterm "100%", terminal-render "10100%"
["10%\r\u001b[K100%"]: xterm "100%", terminal-render "100%"
["10%\r\u001b[","K100%"]: xterm "100%", terminal-render "K100%"
["see \u001b]8;;http://x/\u001b\\here\u001b]8;;\u001b\\"]: xterm "see here", terminal-render "see http://x/here"
TEXT
echo "as seen: an old character stays for each update"
