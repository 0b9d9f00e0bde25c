#!/usr/bin/env bash
# osc-progress 0.3.0 and @xterm/addon-progress 0.2.0 (npm): the addon takes no sequence of osc-progress, nor the one
# that removes the progress, because each has a label.
#
# ConEmu's documentation has OSC 9;4;state;percent ST, states 0 to 4, for the progress of a program. osc-progress is a
# "tiny helper for OSC 9;4 terminal progress"; it writes a label as a third value, which is "not part of the canonical
# OSC 9;4 spec (many terminals ignore it, some show it)". The addon is to handle this sequence in xterm.js.
#
# * A sequence with more than two values is faulty for the addon, and is dropped as a whole. Its README has one
#   exception, which its code has not: when the progress is removed, the value is "even allowed to contain garbage".
# * osc-progress writes the ";" before an empty label as well, so there is no way to do without.
# * A progress that another program left stays: clear() has no effect on it.
#
# The addon is loaded into xterm.js (@xterm/headless 6.0.0), and gets what both write.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save osc-progress@0.3.0 @xterm/addon-progress@0.2.0 \
  @xterm/headless@6.0.0 > /dev/null

cat > show.mjs <<'JS'
import progress from "@xterm/addon-progress";
import xterm from "@xterm/headless";
import { createOscProgressController } from "osc-progress";

const terminal = new xterm.Terminal({ cols: 40, rows: 2, allowProposedApi: true });
const addon = new progress.ProgressAddon();
terminal.loadAddon(addon);

async function show(what, written) {
  await new Promise((done) => terminal.write(written, done));
  const { state, value } = addon.progress;
  console.log(`${what}, ${JSON.stringify(written)}: state ${state}, ${value} %`);
}

await show("without a label", "\x1b]9;4;1;20\x1b\\");
for (const [what, change] of [
  ["setPercent", (controller) => controller.setPercent("Pulling", 50)],
  ["no label", (controller) => controller.setPercent("", 70)],
  ["setIndeterminate", (controller) => controller.setIndeterminate("Pulling")],
  ["fail", (controller) => controller.fail()],
  ["clear", (controller) => controller.clear()],
]) {
  let written = "";
  const write = (text) => (written += text);
  const controller = createOscProgressController({ force: true, isTty: true, env: {}, label: "Pulling", write });
  change(controller);
  controller.dispose();
  await show(what, written);
}
await show("without a label", "\x1b]9;4;0;0\x1b\\");
JS

seen=$(node show.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
without a label, "\u001b]9;4;1;20\u001b\\": state 1, 20 %
setPercent, "\u001b]9;4;1;50;Pulling\u001b\\": state 1, 20 %
no label, "\u001b]9;4;1;70;\u001b\\": state 1, 20 %
setIndeterminate, "\u001b]9;4;3;;Pulling\u001b\\": state 1, 20 %
fail, "\u001b]9;4;2;;Pulling\u001b\\": state 1, 20 %
clear, "\u001b]9;4;0;0;Pulling\u001b\\": state 1, 20 %
without a label, "\u001b]9;4;0;0\u001b\\": state 0, 0 %
TEXT
echo "as seen: the progress stays as it was"
