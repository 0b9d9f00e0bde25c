#!/usr/bin/env bash
# asciinema-scene 1.3.0 (sciine): in asciicast v3 it changes how long a recording takes when events are close together;
# output that took a second may take no time.
#
# asciicast v3 has the interval since the event before, where v2 has the time since the start. sciine keeps times in
# microseconds, and rounds each interval to milliseconds when it writes v3. The rounding errors add up: 2500 events at
# 0.4 ms each become 2500 intervals of 0. At 0.6 ms they become 2500 ms instead of 1500 ms. A tool that rounds the
# times instead of the intervals is never off by more than half a millisecond; showreel 0.3.1 does so.
#
# "sciine convert -f v3" is not alone: each command that writes v3 does it, "sciine copy" of a whole file too.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check asciinema-scene==1.3.0 showreel==0.3.1

cat > cast.py <<'PY'
"""Write a recording of 2500 events (cast.py VERSION MICROSECONDS), or print how long one takes (cast.py FILE)."""

import json
import sys

if len(sys.argv) == 3:
    version, step = sys.argv[1], int(sys.argv[2])
    size = {"term": {"cols": 40, "rows": 5}} if version == "3" else {"width": 40, "height": 5}
    print(json.dumps({"version": int(version), **size}))
    for count in range(2501):
        time = step if version == "3" and count else step * count
        print(json.dumps([time / 1e6, "o", "x\r\n"]))
else:
    header, *events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    times = [event[0] for event in events]
    print(f"{sum(times) if header['version'] == 3 else times[-1]:.3f} s")
PY
long() { venv/bin/python cast.py "$1"; }

seen=$(
  for step in 400 600; do
    venv/bin/python cast.py 2 "$step" > v2.cast
    venv/bin/python cast.py 3 "$step" > v3.cast
    venv/bin/sciine convert -f v3 -i v2.cast -o converted.cast
    venv/bin/sciine copy -i v3.cast -o copied.cast
    venv/bin/showreel convert -q v2.cast --to v3 -o showreel.cast > /dev/null
    echo "$step us: v2 takes $(long v2.cast), converted to v3 $(long converted.cast), by showreel $(long showreel.cast)"
    echo "$step us: v3 takes $(long v3.cast), copied $(long copied.cast)"
  done
)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
400 us: v2 takes 1.000 s, converted to v3 0.000 s, by showreel 1.000 s
400 us: v3 takes 1.000 s, copied 0.000 s
600 us: v2 takes 1.500 s, converted to v3 2.500 s, by showreel 1.500 s
600 us: v3 takes 1.500 s, copied 2.500 s
TEXT
echo "as seen: dense output loses or gains time"
