#!/usr/bin/env bash
# jetblack-iso8601 2.0.0 (PyPI): 5 milliseconds after the second are written as 50, and a year is written as one year
# and five days. Fractions of seconds in a duration raise an exception or are lost.
#
# The package converts "dates and durations to and from ISO 8601 format", and shows that a text and a value come back as
# they were. In ISO 8601 the digits after the point are a fraction, so .05 is 50 milliseconds, and a duration may have a
# fraction in its last part.
#
# * Milliseconds are filled up to two digits, where three are needed. All times below .1 of a second are wrong.
# * A year is 12 months of 30 days. What is written as P1Y5D is a year for all that read it, and five days.
# * The pattern for durations knows PT1.5S, but its digits are read as an integer.
# * A time without a zone gets a Z, and is one in UTC afterwards.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jetblack-iso8601==2.0.0

cat > convert.py <<'PY'
from datetime import datetime, timedelta, timezone

from jetblack_iso8601 import (
    datetime_to_iso8601,
    iso8601_to_datetime,
    iso8601_to_timedelta,
    timedelta_to_iso8601,
)

wrong = 0
for millisecond in range(1000):
    time = datetime(2026, 1, 2, 3, 4, 5, millisecond * 1000, tzinfo=timezone.utc)
    text = datetime_to_iso8601(time)
    wrong += iso8601_to_datetime(text) != time
    if millisecond in (5, 50, 500):
        print(f"{time.isoformat()}: {text}, read as {iso8601_to_datetime(text).isoformat()}")
print(f"wrong: {wrong} of 1000 milliseconds")
local = datetime(2026, 1, 2, 3, 4, 5)
print(f"{local.isoformat()}: read as {iso8601_to_datetime(datetime_to_iso8601(local)).isoformat()}")
for duration in (timedelta(days=365), timedelta(seconds=1.5), timedelta(milliseconds=20)):
    text = timedelta_to_iso8601(duration)
    print(f"{duration}: {text}, read as {iso8601_to_timedelta(text)}")
try:
    print(f"PT1.5S: {iso8601_to_timedelta('PT1.5S')}")
except ValueError as error:
    print(f"PT1.5S: ValueError {error}")
PY

seen=$(venv/bin/python convert.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
2026-01-02T03:04:05.005000+00:00: 2026-01-02T03:04:05.05Z, read as 2026-01-02T03:04:05.050000+00:00
2026-01-02T03:04:05.050000+00:00: 2026-01-02T03:04:05.50Z, read as 2026-01-02T03:04:05.500000+00:00
2026-01-02T03:04:05.500000+00:00: 2026-01-02T03:04:05.500Z, read as 2026-01-02T03:04:05.500000+00:00
wrong: 99 of 1000 milliseconds
2026-01-02T03:04:05: read as 2026-01-02T03:04:05+00:00
365 days, 0:00:00: P1Y5D, read as 365 days, 0:00:00
0:00:01.500000: PT1S, read as 0:00:01
0:00:00.020000: P0D, read as 0:00:00
PT1.5S: ValueError invalid literal for int() with base 10: '1.5'
TEXT
echo "as seen: times come back as others"
