#!/usr/bin/env bash
# modern-tar 0.8.6 (npm): a file that is renamed between reading and writing an archive keeps its old name if that is
# long, and its old time if the archive has fractions of seconds.
#
# POSIX (pax, Interchange Format) writes what does not fit into a header, as a long path or the fraction of a time, as a
# record before it, which then goes before the header's own value. The package's documentation renames files while it
# reads: map: (header) => ({ ...header, name: ... }). packTar() takes the entries that unpackTar() gives.
#
# unpackTar() keeps the records in header.pax as well. packTar() writes these again, and they win over the name and
# mtime of the header. In an archive with a new first folder for each file, the files with long paths are where they
# were. Setting all times to 0, for the same bytes each time, has no effect on archives that Python or Go has written
# with fractions. A size that is out of date is put right. Without header.pax, all is as wanted.
#
# Python's tarfile writes the archive and reads it again.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save modern-tar@0.8.6 > /dev/null

cat > write.py <<'PY'
import io
import tarfile

with tarfile.open("old.tar", "w", format=tarfile.PAX_FORMAT) as tar:
    members = {"short.txt": 1700000000, "fraction.txt": 1700000000.5, "d/" * 60 + "long.txt": 1700000000}
    for name, mtime in members.items():
        info = tarfile.TarInfo(name)
        info.mtime = mtime
        tar.addfile(info, io.BytesIO())
PY
cat > rename.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { packTar, unpackTar } from "modern-tar";

for (const [name, map] of [
  ["renamed", (header) => ({ ...header, name: `new/${header.name}`, mtime: new Date(0) })],
  ["renamed, without pax", ({ pax, ...header }) => ({ ...header, name: `new/${header.name}`, mtime: new Date(0) })],
]) {
  const entries = await unpackTar(new Uint8Array(readFileSync("old.tar")), { map });
  writeFileSync(`${name}.tar`, await packTar(entries.map(({ header, data }) => ({ header, body: data }))));
}
JS
cat > read.py <<'PY'
import tarfile

for name in ("old", "renamed", "renamed, without pax"):
    with tarfile.open(f"{name}.tar") as tar:
        for each in tar:
            print(f"{name}: {each.name.replace('d/' * 60, '(60 folders)/')}, time {each.mtime}")
PY

seen=$(python3 write.py && node rename.mjs && python3 read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
old: short.txt, time 1700000000
old: fraction.txt, time 1700000000.5
old: (60 folders)/long.txt, time 1700000000
renamed: new/short.txt, time 0
renamed: new/fraction.txt, time 1700000000.5
renamed: (60 folders)/long.txt, time 0
renamed, without pax: new/short.txt, time 0
renamed, without pax: new/fraction.txt, time 0
renamed, without pax: new/(60 folders)/long.txt, time 0
TEXT
echo "as seen: the old records win over the new name and time"
