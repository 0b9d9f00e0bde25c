#!/usr/bin/env bash
# timestamp-nano 1.0.1: fromString() reads a negative offset of less than an hour, such as -00:30, as a positive one.
#
# RFC 3339 (4.2, 5.6) has a sign, hours and minutes in an offset; the sign is that of the whole offset. 12:00:00-00:44
# is 12:44 in UTC. The package parses such strings with nanoseconds, as Docker and Go write them, and supports all
# 64-bit times, so also those of places that had such an offset: Liberia had -00:44:30 until 1972.
#
# The package reads the hours with their sign, and "-00" has the number value -0, whose sign is lost. The minutes then
# get the wrong sign, and the result is off by twice the offset. -01:30 and +00:30 are right, and so is Date, which is
# shown beside it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save timestamp-nano@1.0.1 > /dev/null

cat > offsets.cjs <<'JS'
const Timestamp = require("timestamp-nano");

for (const offset of ["Z", "+00:30", "-01:30", "-00:30", "-00:44"]) {
  const text = `1971-06-01T12:00:00.123456789${offset}`;
  const date = new Date(text.replace("456789", "")).toISOString();
  console.log(`${offset}: ${Timestamp.fromString(text).toJSON()}, Date ${date}`);
}
JS

seen=$(node offsets.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
Z: 1971-06-01T12:00:00.123456789Z, Date 1971-06-01T12:00:00.123Z
+00:30: 1971-06-01T11:30:00.123456789Z, Date 1971-06-01T11:30:00.123Z
-01:30: 1971-06-01T13:30:00.123456789Z, Date 1971-06-01T13:30:00.123Z
-00:30: 1971-06-01T11:30:00.123456789Z, Date 1971-06-01T12:30:00.123Z
-00:44: 1971-06-01T11:16:00.123456789Z, Date 1971-06-01T12:44:00.123Z
TEXT
echo "as seen: the sign of -00:MM is lost"
