#!/usr/bin/env bash
# syslog-parse 2.0.0 (npm): on a day that the month of a message does not have, the message gets a date one month later;
# of a message with several lines the first one is left.
#
# RFC 3164 (4.1.2) has "Mmm dd hh:mm:ss" for the time, without a year; 4.1.3 has the rest as the message.
#
# * The date is made from today's: its month is set first, and then its day. 31 February becomes 3 March, and the day is
#   set in March. Programs that read older lines see this on the last days of a month only, and so do tests.
# * The milliseconds are those of now, so the same line has another time each time.
# * The year is this one. What is read in January of the last of December is in the future by a year.
# * The pattern of the message stops at a line feed. A stack trace is its first line.
#
# Date is replaced by one that says a certain day. The time zone is UTC.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save syslog-parse@2.0.0 > /dev/null

cat > parse.mjs <<'JS'
const RealDate = Date;
let now;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    super(...(values.length ? values : [now]));
  }
};
const { default: parse } = await import("syslog-parse");

for (const [day, line] of [
  ["2026-03-28T12:00:00.123Z", "<13>Feb  5 17:32:18 host app[12]: started"],
  ["2026-03-31T12:00:00.123Z", "<13>Mar  5 17:32:18 host app[12]: started"],
  ["2026-03-31T12:00:00.123Z", "<13>Feb  5 17:32:18 host app[12]: started"],
  ["2026-05-31T12:00:00.123Z", "<13>Feb  5 17:32:18 host app[12]: started"],
  ["2026-05-31T12:00:00.456Z", "<13>Apr 30 23:59:59 host app[12]: started"],
  ["2027-01-01T00:00:10.000Z", "<13>Dec 31 23:59:59 host app[12]: started"],
  ["2026-06-10T12:00:00.000Z", "<13>Jun 10 11:59:59 host app[12]: failed\n  at main\n  at start"],
]) {
  now = day;
  const { time, message } = parse(line);
  console.log(`on ${day.slice(0, 10)}, ${line.slice(4, 19)}: ${time.toISOString()} ${JSON.stringify(message)}`);
}
JS

seen=$(TZ=UTC node parse.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
on 2026-03-28, Feb  5 17:32:18: 2026-02-05T17:32:18.123Z "started"
on 2026-03-31, Mar  5 17:32:18: 2026-03-05T17:32:18.123Z "started"
on 2026-03-31, Feb  5 17:32:18: 2026-03-05T17:32:18.123Z "started"
on 2026-05-31, Feb  5 17:32:18: 2026-03-05T17:32:18.123Z "started"
on 2026-05-31, Apr 30 23:59:59: 2026-05-30T23:59:59.456Z "started"
on 2027-01-01, Dec 31 23:59:59: 2027-12-31T23:59:59.000Z "started"
on 2026-06-10, Jun 10 11:59:59: 2026-06-10T11:59:59.000Z "failed"
TEXT
echo "as seen: February is March on the 31st"
