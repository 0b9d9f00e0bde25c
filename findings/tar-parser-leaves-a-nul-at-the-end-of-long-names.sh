#!/usr/bin/env bash
# @remix-run/tar-parser 0.7.1 (npm): long names and link targets of a GNU archive end with a NUL character, and owners
# and times that do not fit into the header are lost.
#
# GNU tar writes a name of more than 100 bytes into an entry of its own before the file's; the string ends with a NUL,
# as strings in C do, and the NUL is no part of the name. GNU tar and Python's GNU_FORMAT write such archives. POSIX
# (pax, Extended Header) lets a record "uid" or "mtime" win over the header's field, for a number that does not fit. The
# package "supports POSIX, GNU, and PAX tar formats".
#
# * The name comes with its NUL. It is not equal to the name that one looks for, and Node's file functions refuse it.
# * A uid above 2097151 is 0, that of root, in a pax archive. In a GNU one it is right.
# * A time before 1970 is one second late in a GNU archive; in a pax archive it is 0.
#
# Python's tarfile writes the archives and reads them again.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @remix-run/tar-parser@0.7.1 > /dev/null

cat > write.py <<'PY'
import io
import tarfile

for name, form in (("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
    with tarfile.open(f"{name}.tar", "w", format=form) as tar:
        for member, values in (
            ("d/" * 60 + "long.txt", {}),
            ("link", {"type": tarfile.SYMTYPE, "linkname": "d/" * 60 + "long.txt"}),
            ("owner.txt", {"uid": 3000000}),
            ("old.txt", {"mtime": -5}),
        ):
            info = tarfile.TarInfo(member)
            for key, value in values.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO())
    with tarfile.open(f"{name}.tar") as tar:
        for each in tar:
            line = f"tarfile, {name}: {each.name} -> {each.linkname}, owner {each.uid}, time {int(each.mtime)}"
            print(line.replace("d/" * 60, "(60 folders)/"))
PY
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parseTar } from "@remix-run/tar-parser";

for (const name of ["gnu", "pax"]) {
  await parseTar(readFileSync(`${name}.tar`), ({ header }) => {
    const { linkname, uid, mtime } = header;
    const line = `tar-parser, ${name}: ${header.name} -> ${linkname ?? ""}, owner ${uid}, time ${mtime}`;
    console.log(line.replaceAll("d/".repeat(60), "(60 folders)/").replaceAll("\0", "(NUL)"));
  });
}
JS

seen=$(python3 write.py && node read.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
tarfile, gnu: (60 folders)/long.txt -> , owner 0, time 0
tarfile, gnu: link -> (60 folders)/long.txt, owner 0, time 0
tarfile, gnu: owner.txt -> , owner 3000000, time 0
tarfile, gnu: old.txt -> , owner 0, time -5
tarfile, pax: (60 folders)/long.txt -> , owner 0, time 0
tarfile, pax: link -> (60 folders)/long.txt, owner 0, time 0
tarfile, pax: owner.txt -> , owner 3000000, time 0
tarfile, pax: old.txt -> , owner 0, time -5
tar-parser, gnu: (60 folders)/long.txt(NUL) -> , owner 0, time 0
tar-parser, gnu: link -> (60 folders)/long.txt(NUL), owner 0, time 0
tar-parser, gnu: owner.txt -> , owner 3000000, time 0
tar-parser, gnu: old.txt -> , owner 0, time -4
tar-parser, pax: (60 folders)/long.txt -> , owner 0, time 0
tar-parser, pax: link -> (60 folders)/long.txt, owner 0, time 0
tar-parser, pax: owner.txt -> , owner 0, time 0
tar-parser, pax: old.txt -> , owner 0, time 0
TEXT
echo "as seen: names end with a NUL, and owners and times are lost"
