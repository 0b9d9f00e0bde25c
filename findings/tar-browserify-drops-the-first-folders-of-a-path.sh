#!/usr/bin/env bash
# @obsidize/tar-browserify 6.3.2 (npm): the name of a file with a long path is without its first folders if the archive
# has the path in the two fields of the ustar format.
#
# POSIX (pax, ustar Interchange Format) has a field of 100 bytes for the name and one of 155 for a prefix. "A new
# pathname shall be formed, if prefix is not an empty string (its first character is not NUL), by concatenating prefix
# (up to the first NUL character), a <slash> character, and name". Python's USTAR_FORMAT writes paths of up to 255
# bytes this way. The package reads and writes archives in a browser, and knows the ustar field.
#
# entry.fileName is the name field alone, and so is what one unpacks. Two files with the same end of the path get the
# same name. The prefix is not lost: it is in the header, and an archive that is read and written again has all of the
# path.
#
# Python's tarfile writes the archive and reads it again.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @obsidize/tar-browserify@6.3.2 > /dev/null

cat > write.py <<'PY'
import io
import tarfile

with tarfile.open("files.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
    for name in ("short/file.txt", "one/" + "d/" * 50 + "file.txt", "two/" + "d/" * 50 + "file.txt"):
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
PY
cat > read.py <<'PY'
import sys
import tarfile

with tarfile.open(sys.argv[1]) as tar:
    for each in tar:
        print(f"{sys.argv[1]}, tarfile: {each.name.count('/')} folders, {each.name.replace('d/', '')}")
PY
cat > read.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { Archive } from "@obsidize/tar-browserify";

const archive = await Archive.extract(readFileSync("files.tar"));
for (const { fileName } of archive.entries) {
  const folders = fileName.split("/").length - 1;
  console.log(`files.tar, tar-browserify: ${folders} folders, ${fileName.replaceAll("d/", "")}`);
}
writeFileSync("again.tar", archive.toUint8Array());
JS

seen=$(python3 write.py && python3 read.py files.tar && node read.mjs && python3 read.py again.tar)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
files.tar, tarfile: 1 folders, short/file.txt
files.tar, tarfile: 51 folders, one/file.txt
files.tar, tarfile: 51 folders, two/file.txt
files.tar, tar-browserify: 1 folders, short/file.txt
files.tar, tar-browserify: 46 folders, file.txt
files.tar, tar-browserify: 46 folders, file.txt
again.tar, tarfile: 1 folders, short/file.txt
again.tar, tarfile: 51 folders, one/file.txt
again.tar, tarfile: 51 folders, two/file.txt
TEXT
echo "as seen: the first folders are gone"
