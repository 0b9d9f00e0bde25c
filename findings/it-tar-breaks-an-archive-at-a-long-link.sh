#!/usr/bin/env bash
# it-tar 6.0.6 (npm): pack() writes an archive that no program reads past a link with a long target, and writes other
# owners and times than it was given.
#
# POSIX (pax, ustar Interchange Format) has 100 bytes for the target of a link, and an extended header for what does
# not fit: a header block, and records such as "linkpath=..." as its data. The same holds for numbers: uid, gid and
# mtime are keywords of the records. it-tar "implements USTAR with additional support for pax extended headers".
#
# * The header block of the extended header gets the target of the link too. It does not fit there either, so the block
#   is left out, without an error, and so is the header of the link itself. What follows is data without a header, and
#   a reader stops there.
# * A symbolic link whose target is given as a string body is written with that text as its data, and readers know no
#   data of a link: they take it for a header. (A body of another kind becomes the target, as the code has it.)
# * A user or group number above 262143 is written as 262143. Its field is 8 bytes wide and holds 2097151; it-tar writes
#   six digits at most. User numbers of rootless containers and of directory services are often larger.
# * Seconds are cut to 32 bits: a time after January 2038 becomes one in the year 2242.
#
# Python's tarfile reads what was written.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save it-tar@6.0.6 > /dev/null

cat > write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { pack } from "it-tar";

const mtime = new Date("2024-05-01T00:00:00Z");
const target = "../shared/" + "x".repeat(100);
const archives = {
  "short link": [{ header: { name: "link", type: "symlink", linkname: "../shared/x", mtime } }],
  "long link": [{ header: { name: "link", type: "symlink", linkname: target, mtime } }],
  "long link, second": [
    { header: { name: "first", mtime }, body: "1" },
    { header: { name: "link", type: "symlink", linkname: target, mtime } },
  ],
  "link by its body": [{ header: { name: "link", type: "symlink", mtime }, body: "../shared/x" }],
  "large numbers": [{ header: { name: "file", uid: 300000, gid: 1000000, mtime }, body: "1" }],
  "later": [{ header: { name: "file", mtime: new Date("2040-01-01T00:00:00Z") }, body: "1" }],
};
for (const [name, entries] of Object.entries(archives)) {
  const parts = [];
  for await (const part of pack()([...entries, { header: { name: "last", mtime }, body: "2" }])) parts.push(part);
  writeFileSync(`${name}.tar`, Buffer.concat(parts));
}
console.log(Object.keys(archives).join("\n"));
JS
cat > read.py <<'PY'
import sys
import tarfile
from datetime import datetime, timezone

for name in sys.stdin.read().splitlines():
    members = []
    try:
        with tarfile.open(f"{name}.tar") as tar:
            for each in tar:
                day = datetime.fromtimestamp(each.mtime, timezone.utc).strftime("%Y-%m-%d")
                target = f" -> {each.linkname[:11]}" if each.issym() else ""
                members.append(f"{each.name}{target} {each.uid}:{each.gid} {day}")
    except tarfile.ReadError:
        members.append("no archive")
    print(f"{name}: {', '.join(members)}")
PY

seen=$(node write.mjs | python3 read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
short link: link -> ../shared/x 0:0 2024-05-01, last 0:0 2024-05-01
long link: no archive
long link, second: first 0:0 2024-05-01
link by its body: link ->  0:0 2024-05-01
large numbers: file 262143:262143 2024-05-01, last 0:0 2024-05-01
later: file 0:0 2242-03-16, last 0:0 2024-05-01
TEXT
echo "as seen: the archive ends at the link"
