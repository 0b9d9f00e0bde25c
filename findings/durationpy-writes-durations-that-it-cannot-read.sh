#!/usr/bin/env bash
# durationpy 0.11: to_str() writes durations of Go that neither from_str() nor Go reads, or that are other durations.
#
# The package converts between datetime.timedelta and the strings of Go's time.Duration, as Docker's and Kubernetes'
# settings have them ("1h30m", "10s"). A timedelta counts whole microseconds, which Go's format can always write, so
# from_str(to_str(x)) should be x.
#
# to_str() prints hours and seconds with Python's "g" format, which has six significant digits:
#
# * From 1 000 000 hours (114 years), hours are written with an exponent, "1.2e+06h". from_str() raises
#   DurationError, and Go's grammar has no exponent either. Go's limit is 292 years.
# * A duration of a second or more loses digits: 12.345678 s becomes "12.3457s", and 59.999996 s becomes "60s".
#   Below one second nothing is lost.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check durationpy==0.11

cat > durations.py <<'PY'
from datetime import timedelta

import durationpy

for value in (
    timedelta(microseconds=345678),
    timedelta(seconds=12, microseconds=345678),
    timedelta(seconds=59, microseconds=999996),
    timedelta(hours=999999),
    timedelta(days=50000),
    timedelta(hours=1234567),
):
    text = durationpy.to_str(value)
    try:
        back = durationpy.from_str(text)
    except durationpy.DurationError as error:
        print(f"{value}: {text!r} -> {error}")
    else:
        print(f"{value}: {text!r} -> {back}")
PY

seen=$(venv/bin/python durations.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
0:00:00.345678: '345ms678us' -> 0:00:00.345678
0:00:12.345678: '12.3457s' -> 0:00:12.345700
0:00:59.999996: '60s' -> 0:01:00
41666 days, 15:00:00: '999999h' -> 41666 days, 15:00:00
50000 days, 0:00:00: '1.2e+06h' -> Unknown unit e in duration 1.2e+06h
51440 days, 7:00:00: '1.23457e+06h' -> Unknown unit e in duration 1.23457e+06h
TEXT
echo "as seen: digits are lost, and large durations cannot be read again"
