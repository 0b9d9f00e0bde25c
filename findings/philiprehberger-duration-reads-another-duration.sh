#!/usr/bin/env bash
# philiprehberger-duration 0.4.0 (PyPI): a month of ISO 8601 is a minute, a thousand seconds are none, and a minus sign
# is lost or becomes weeks.
#
# In ISO 8601 an M before the T is months, and after it minutes. The package parses ISO 8601 and "human-readable"
# text, raises ValueError for what it does not understand, and has a Duration with subtraction. What format() writes,
# parse() should read.
#
# * P1M is 60 seconds. P1Y is refused.
# * Text that is no unit is skipped: of "1,000 seconds" the "1," is, and of "-1h" the sign.
# * A negative duration is written as one week less, plus the rest, with the sign in front of the week only. parse()
#   reads that as two weeks, and does not read the ISO form.
#
# isodate 0.7.2 reads the ISO forms.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check philiprehberger-duration==0.4.0 isodate==0.7.2

cat > durations.py <<'PY'
import isodate
from philiprehberger_duration import Duration, format, parse


def read(text):
    try:
        return parse(text)
    except ValueError as error:
        return f"ValueError: {error}"


for text in ("PT1M", "P1M", "P2M3D", "P1Y"):
    print(f"{text}, isodate: {isodate.parse_duration(text)}, this: {read(text)}")
for text in ("1000 seconds", "1,000 seconds", "-1h", "-PT1H", "1h -30m"):
    print(f"{text}: {read(text)}")
short = Duration(minutes=10) - Duration(minutes=30)
print(f"ten minutes less thirty, in seconds: {short.total_seconds()}")
print(f"as text: {short}, read again: {read(str(short))}")
iso = format(short.total_seconds(), style="iso")
print(f"as ISO: {iso}, read again: {read(iso)}")
PY

seen=$(venv/bin/python durations.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
PT1M, isodate: 0:01:00, this: 60.0
P1M, isodate: 1 month, 0:00:00, this: 60.0
P2M3D, isodate: 2 months, 3 days, 0:00:00, this: 259320.0
P1Y, isodate: 1 years, 0:00:00, this: ValueError: Unknown duration unit: 'Y'
1000 seconds: 1000.0
1,000 seconds: 0.0
-1h: 3600.0
-PT1H: 3600.0
1h -30m: 5400.0
ten minutes less thirty, in seconds: -1200.0
as text: -1w 6d 23h 40m, read again: 1208400.0
as ISO: P-1DT23H40M, read again: ValueError: Unknown duration unit: 'DT'
TEXT
echo "as seen: other durations are read"
