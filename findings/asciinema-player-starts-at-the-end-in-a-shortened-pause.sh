#!/usr/bin/env bash
# asciinema-player 3.18.0: with startAt inside a pause that idleTimeLimit shortens, playback begins at the end of the
# recording.
#
# startAt starts "playback at specific time". It is a time of the recording: with a limit for idle time, the player
# converts it to the shortened time, and what was written before startAt is on the screen. One expects a start inside a
# pause to show what was there in the pause, as it does without a limit.
#
# The conversion takes away what each pause before startAt was shortened by, but counts a pause only if it has ended
# by then. A start in the middle of a pause of 100 s, of which 2 s are left, stays at 50 s. The shortened recording is
# 5 s long, so the player goes to its end, writes all output and has "ended" without having played. With a later pause
# that is long enough, it begins in the middle of something else. Recordings bring a limit of their own in the header
# (idle_time_limit), which has the same effect.
#
# The player's core runs without a page here, at a thousandth of the speed, and is paused right after the start.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save asciinema-player@3.18.0 > /dev/null

cat > start.mjs <<'JS'
import { readdirSync } from "node:fs";

const dist = "./node_modules/asciinema-player/dist/";
const file = readdirSync(dist).find((name) => name.startsWith("core-"));
const { C: Core } = await import(dist + file);
const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const header = { version: 2, width: 20, height: 4 };
const events = [[0, "o", "one "], [100, "o", "two "], [101, "o", "three "], [110, "o", "four"]];

async function show(name, options, limit) {
  const data = [{ ...header, idle_time_limit: limit }, ...events].map((line) => JSON.stringify(line)).join("\n");
  const core = new Core({ data }, { logger, speed: 0.001, ...options });
  const seen = { screen: "", state: "playing" };
  core.addEventListener("output", (text) => (seen.screen += [].concat(text).join("")));
  core.addEventListener("ended", () => (seen.state = "ended"));
  core.terminalReady();
  await core.play();
  await core.pause();
  const [now, length] = [await core.getCurrentTime(), await core.getDuration()].map(Math.floor);
  console.log(`${name}: ${seen.state} at ${now} of ${length} s, "${seen.screen.trim()}"`);
  await core.stop();
}
await show("start at 50, no limit", { startAt: 50 });
await show("start at 100.5, limit 2", { startAt: 100.5, idleTimeLimit: 2 });
await show("start at 50, limit 2", { startAt: 50, idleTimeLimit: 2 });
await show("start at 50, limit 2 in the recording", { startAt: 50 }, 2);
process.exit(0);
JS

seen=$(node start.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
start at 50, no limit: playing at 50 of 110 s, "one"
start at 100.5, limit 2: playing at 2 of 5 s, "one two"
start at 50, limit 2: ended at 5 of 5 s, "one two three four"
start at 50, limit 2 in the recording: ended at 5 of 5 s, "one two three four"
TEXT
echo "as seen: a start inside a shortened pause goes to the end"
