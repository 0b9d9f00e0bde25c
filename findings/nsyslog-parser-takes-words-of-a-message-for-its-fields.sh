#!/usr/bin/env bash
# nsyslog-parser 0.10.1 (npm): the first words of a message without a tag become its program and process; structured
# data with an escaped quote, or without parameters, is lost or cut; a message without a time gets the time of now.
#
# RFC 3164 (5.4, Examples) has "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!": host 10.0.0.99, message "Use the BFG!". A
# tag ends at the first character that is not alphanumeric (4.1.3), so "Use" may be taken for one, but a process is in
# brackets. RFC 5424 (6.3) has structured data as elements in brackets, without or with parameters, and \" \\ \] in
# values stand for the second character; a time that is not known is "-" (6.2.3). The package says that it parses RFC
# 3164 and RFC 5424.
#
# * "Use" is the appName, "the" the pid, and the message is "BFG!".
# * An element with \" in a value is no structured data, and stands in the message. So does one without parameters. Of
#   the RFC's own element timeQuality, whose name has no "@", a part is in the message and the name is lost.
# * \] and \\ stay as they are.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nsyslog-parser@0.10.1 > /dev/null

cat > parse.js <<'JS'
const parse = require("nsyslog-parser");

const { host, appName, pid, message } = parse("<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!");
console.log(`RFC 3164: host ${host}, appName ${appName}, pid ${pid}, message ${message}`);
for (const elements of [
  '[a@1 x="1" y="2"][b@1 z="3"]',
  '[a@1 x="say \\"hi\\""]',
  '[a@1 x="C:\\\\tmp" y="[1\\]"]',
  "[a@1]",
  '[timeQuality tzKnown="1" isSynced="1"]',
]) {
  const found = parse(`<165>1 2003-10-11T22:14:15Z host app 1 id ${elements} text`);
  console.log(`${elements}: ${JSON.stringify(found.structuredData)}, message ${found.message}`);
}
const { ts } = parse("<165>1 - host app 1 id - text");
console.log(`time "-": ${Math.abs(new Date(ts) - Date.now()) < 3_600_000 ? "now" : ts}`);
JS

seen=$(node parse.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
RFC 3164: host 10.0.0.99, appName Use, pid the, message BFG!
[a@1 x="1" y="2"][b@1 z="3"]: [{"$id":"a@1","x":"1","y":"2"},{"$id":"b@1","z":"3"}], message text
[a@1 x="say \"hi\""]: [], message [a@1 x="say \"hi\""] text
[a@1 x="C:\\tmp" y="[1\]"]: [{"$id":"a@1","x":"C:\\\\tmp","y":"[1\\]"}], message text
[a@1]: [], message [a@1] text
[timeQuality tzKnown="1" isSynced="1"]: [], message tzKnown="1" isSynced="1"] text
time "-": now
TEXT
echo "as seen: words and structured data are elsewhere"
