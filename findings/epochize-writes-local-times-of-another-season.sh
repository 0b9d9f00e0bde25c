#!/usr/bin/env bash
# epochize 0.1.0 (PyPI): "-z local" writes all times with the offset of today, also those of the other half of the
# year. The last nanoseconds of a second are written as the next second.
#
# The package writes a readable date next to each Unix timestamp; the time zone may be "local", an offset or a name. The
# offset of a zone with daylight saving time depends on the date, as date(1) has it. A time is in the second that has
# begun.
#
# * For local the offset is taken once, of the moment when the program starts.
# * Nanoseconds are divided into a floating point number, which is too coarse for 19 digits.
#
# A time of January and one of July are compared with date(1). One of the two is wrong; which one depends on today.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check epochize==0.1.0

export TZ=CET-1CEST,M3.5.0,M10.5.0/3
show() {
  local wrong=0
  for second in 1704110400 1719835200; do
    meant=$(date -d "@$second" "+%Y-%m-%d %H:%M:%S %:z")
    echo "date: $meant"
    [ "$(echo "$second" | venv/bin/epochize -r -z local)" = "$meant" ] || wrong=$((wrong + 1))
  done
  echo "epochize: $wrong of 2 are written otherwise"
  for nanosecond in 1700000000000000001 1700000000999999999; do
    echo "$nanosecond" | venv/bin/epochize
  done
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
date: 2024-01-01 13:00:00 +01:00
date: 2024-07-01 14:00:00 +02:00
epochize: 1 of 2 are written otherwise
1700000000000000001 [2023-11-14 22:13:20 UTC]
1700000000999999999 [2023-11-14 22:13:21 UTC]
TEXT
echo "as seen: times of another season, and the next second"
