#!/usr/bin/env bash
# showreel 0.3.1: --idle-limit makes the output after a pause slower instead of only shortening the pause.
#
# The idle time limit of a recording shortens each pause between two events to the limit; the other pauses stay as
# they are. The asciicast format describes it so ("to reduce all terminal inactivity (delays between frames) to
# maximum of idle_time_limit"), and showreel's help says "cap idle gaps at SEC seconds (compresses pauses)".
#
# showreel compares an event's original time with the new time of the event before it. Once a pause has been shortened,
# the difference between the two counts as a pause at each later event. After a pause of 10 s, output at ten lines a
# second comes at one a second, until the time that was saved is used up. A recording that goes on for long enough
# does not get shorter.
#
# With --speed 2 too, the later delays shrink by half from event to event, down to nothing, because the times that are
# compared also differ in speed.
#
# asciinema-scene 1.3.0 (sciine maximum) shortens the pause and keeps the rest.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check showreel==0.3.1 asciinema-scene==1.3.0

cat > in.cast <<'CAST'
{"version": 2, "width": 40, "height": 5}
[0.0, "o", "make\r\n"]
[10.0, "o", "1\r\n"]
[10.1, "o", "2\r\n"]
[10.2, "o", "3\r\n"]
[10.3, "o", "4\r\n"]
[10.4, "o", "5\r\n"]
CAST
times() { sed -n 's/^\[\([0-9.]*\), *"o".*/\1/p' "$1" | paste -sd ' '; }

venv/bin/showreel convert -q in.cast --to v2 -o plain.cast > /dev/null
venv/bin/showreel convert -q in.cast --to v2 --idle-limit 1 -o limit.cast > /dev/null
venv/bin/showreel convert -q in.cast --to v2 --idle-limit 1 --speed 2 -o fast.cast > /dev/null
venv/bin/sciine maximum -i in.cast -o scene.cast 1

seen=$(
  echo "no limit: $(times plain.cast)"
  echo "limit 1: $(times limit.cast)"
  echo "limit 1, speed 2: $(times fast.cast)"
  echo "sciine, maximum 1: $(times scene.cast)"
)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
no limit: 0.0 10.0 10.1 10.2 10.3 10.4
limit 1: 0.0 1.0 2.0 3.0 4.0 5.0
limit 1, speed 2: 0.0 0.5 0.75 0.875 0.9375 0.96875
sciine, maximum 1: 0.0 1.0 1.1 1.2 1.3 1.4
TEXT
echo "as seen: after a pause every delay is stretched to the limit"
