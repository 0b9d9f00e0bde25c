#!/usr/bin/env bash
# nanotar 0.3.0 (npm): parseTar() gives files with long paths names without their first folders, cuts names at a space
# or "=", and gives a symbolic link the name of what it points to.
#
# POSIX (pax, ustar Interchange Format) has 155 bytes for the "prefix" of a path that is longer than 100 bytes: the path
# is the prefix, "/" and the name. An extended header has records "length keyword=value"; the length says where a value
# ends, and it may have any character. "path" is the name of the next file, "linkpath" what its link points to. Docker
# sends copied files in such archives: its archive/tar (Go) writes ustar where a path fits, and extended headers else.
#
# * The prefix is not read. Files of the same name in different folders become the same file.
# * A record is split at its spaces and at "=". What follows the second one is dropped.
# * A linkpath without a path is taken for the path, and so is GNU's long link name (type K).
#
# Python's tarfile writes the archives, and its names are shown beside those of nanotar. No error is raised.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nanotar@0.3.0 > /dev/null

cat > write.py <<'PY'
import io
import tarfile

DEEP = "a-folder-with-a-long-name/" * 3 + "src/internal"
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}


def archive(name, layout, members):
    with tarfile.open(f"{name}.tar", "w", format=FORMATS[layout]) as tar:
        for path, target in members:
            info = tarfile.TarInfo(path)
            if target:
                info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info, io.BytesIO())
    with tarfile.open(f"{name}.tar") as tar:
        for each in tar:
            print(f"{name}, tarfile: {each.name.replace(DEEP, '(deep)')}")


archive("long-ustar", "ustar", [(f"packages/{one}/{DEEP}/index.js", None) for one in ("first", "second")])
archive("long-gnu", "gnu", [(f"packages/first/{DEEP}/index.js", None)])
archive("space-pax", "pax", [(f"{DEEP}/Program files/index.js", None)])
archive("equals-pax", "pax", [(f"{DEEP}/day=2024-05-01/part.csv", None)])
archive("link-pax", "pax", [("current", f"{DEEP}/versions/1.0")])
archive("link-gnu", "gnu", [("current", f"{DEEP}/versions/1.0")])
PY
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parseTar } from "nanotar";

const DEEP = "a-folder-with-a-long-name/".repeat(3) + "src/internal";
for (const name of ["long-ustar", "long-gnu", "space-pax", "equals-pax", "link-pax", "link-gnu"])
  for (const each of parseTar(new Uint8Array(readFileSync(`${name}.tar`))))
    console.log(`${name}, nanotar: ${each.name.replace(DEEP, "(deep)")}`);
JS

seen=$( (python3 write.py && node read.mjs) | sort -s -t, -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
equals-pax, tarfile: (deep)/day=2024-05-01/part.csv
equals-pax, nanotar: (deep)/day
link-gnu, tarfile: current
link-gnu, nanotar: (deep)/versions/1.0
link-pax, tarfile: current
link-pax, nanotar: (deep)/versions/1.0
long-gnu, tarfile: packages/first/(deep)/index.js
long-gnu, nanotar: packages/first/(deep)/index.js
long-ustar, tarfile: packages/first/(deep)/index.js
long-ustar, tarfile: packages/second/(deep)/index.js
long-ustar, nanotar: (deep)/index.js
long-ustar, nanotar: (deep)/index.js
space-pax, tarfile: (deep)/Program files/index.js
space-pax, nanotar: (deep)/Program
TEXT
echo "as seen: names lose folders and ends, and links have that of their target"
