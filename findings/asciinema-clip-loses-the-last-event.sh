#!/usr/bin/env bash
# asciinema-clip 0.1.3 (PyPI): a clipped recording has no last event, and no time at all before the first one. Of a
# recording in the third version of the format it writes negative intervals.
#
# asciicast v2: a line with the header, and a line for each event with the time since the beginning. v3 has in that
# place the time since the event before. The package clips "the displaying delay": pauses that are longer than a limit.
#
# * The new times are put beside the lines of the file, of which the first is the header, so there is one time too few
#   for the last line.
# * The first time is replaced by 0, although it is below the limit.
# * The intervals of v3 are subtracted from each other, without a complaint about the version.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check asciinema-clip==0.1.3

cat > v2.cast <<'CAST'
{"version": 2, "width": 20, "height": 2}
[1.0, "o", "one "]
[1.5, "o", "two "]
[9.5, "o", "three "]
[10.0, "o", "last"]
CAST
cat > v3.cast <<'CAST'
{"version": 3, "term": {"cols": 20, "rows": 2}}
[1.0, "o", "one "]
[0.5, "o", "two "]
[8.0, "o", "three "]
[0.5, "o", "last"]
CAST

show() {
  for name in v2 v3; do
    venv/bin/asciinema-clip "$name.cast" clipped.cast 2
    sed "s/^/$name, at most 2 s: /" clipped.cast
  done
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
v2, at most 2 s: {"version": 2, "width": 20, "height": 2}
v2, at most 2 s: [0, "o", "one "]
v2, at most 2 s: [0.5, "o", "two "]
v2, at most 2 s: [2.5, "o", "three "]
v3, at most 2 s: {"version": 3, "term": {"cols": 20, "rows": 2}}
v3, at most 2 s: [0, "o", "one "]
v3, at most 2 s: [-0.5, "o", "two "]
v3, at most 2 s: [1.5, "o", "three "]
TEXT
echo "as seen: the last event is missing, and intervals are negative"
