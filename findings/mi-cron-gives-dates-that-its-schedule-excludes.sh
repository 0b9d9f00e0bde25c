#!/usr/bin/env bash
# @cheap-glitch/mi-cron 1.0.1 (npm): "feb" is January, the next 31st of a month is the 3rd of March, and the next 29
# February the 1st of March of this year.
#
# The README: nextDate() "returns the next date that matches the schedule", for "standard cron expressions". POSIX
# (crontab): a time matches if all its fields match; if both the day of the month and the weekday are given, one of them
# is enough. Months differ in their length.
#
# * The day is set before the month is known to have it, and the date runs over into the next month. The result is not
#   checked again.
# * The names of months are counted from 0, their numbers from 1. "jan" is month 0, which never comes, and "dec" is
#   November. The names of weekdays are right.
# * A date needs both the day of the month and the weekday.
#
# parseCron() lists the values of each field, so each date is compared with its own schedule. cron-parser 5.4.0 gives
# the dates for POSIX. All is in UTC.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @cheap-glitch/mi-cron@1.0.1 cron-parser@5.4.0 > /dev/null

cat > next.cjs <<'JS'
const { parseCron } = require("@cheap-glitch/mi-cron");
const { CronExpressionParser } = require("cron-parser");

for (const [now, expression] of [
  ["2026-01-15T10:00:00Z", "0 0 1 * *"],
  ["2026-01-15T10:00:00Z", "0 0 * feb *"],
  ["2026-01-15T10:00:00Z", "0 0 * 2 *"],
  ["2026-01-15T10:00:00Z", "0 0 * dec *"],
  ["2026-01-31T10:00:00Z", "0 0 31 * *"],
  ["2026-01-31T10:00:00Z", "0 0 29 2 *"],
  ["2026-01-15T10:00:00Z", "0 0 1,15 * wed"],
  ["2026-01-15T10:00:00Z", "0 0 13 * fri"],
]) {
  const schedule = parseCron(expression);
  const date = parseCron.nextDate(expression, new Date(now));
  const fits = schedule.days.includes(date.getUTCDate()) && schedule.months.includes(date.getUTCMonth() + 1);
  const right = CronExpressionParser.parse(expression, { currentDate: now, tz: "UTC" }).next().toISOString();
  const shown = `${date.toISOString().slice(0, 10)}, ${fits ? "fits" : "does not fit"} its schedule`;
  console.log(`${now.slice(0, 10)}, ${expression}: mi-cron ${shown}; cron-parser ${right.slice(0, 10)}`);
}
JS

seen=$(node next.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
2026-01-15, 0 0 1 * *: mi-cron 2026-02-01, fits its schedule; cron-parser 2026-02-01
2026-01-15, 0 0 * feb *: mi-cron 2026-01-16, fits its schedule; cron-parser 2026-02-01
2026-01-15, 0 0 * 2 *: mi-cron 2026-02-01, fits its schedule; cron-parser 2026-02-01
2026-01-15, 0 0 * dec *: mi-cron 2026-11-01, fits its schedule; cron-parser 2026-12-01
2026-01-31, 0 0 31 * *: mi-cron 2026-03-03, does not fit its schedule; cron-parser 2026-03-31
2026-01-31, 0 0 29 2 *: mi-cron 2026-03-01, does not fit its schedule; cron-parser 2028-02-29
2026-01-15, 0 0 1,15 * wed: mi-cron 2026-04-01, fits its schedule; cron-parser 2026-01-21
2026-01-15, 0 0 13 * fri: mi-cron 2026-02-13, fits its schedule; cron-parser 2026-01-16
TEXT
echo "as seen: dates do not match"
