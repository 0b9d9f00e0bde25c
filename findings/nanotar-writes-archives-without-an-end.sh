#!/usr/bin/env bash
# nanotar 0.3.0 (npm): if headers and data of all files fill blocks of 10240 bytes exactly, createTar() writes no end of
# the archive, and parseTar() leaves out the last file if it is a folder or empty.
#
# POSIX (pax, ustar Interchange Format) has two blocks of 512 zero bytes at the end of an archive. They tell one that is
# whole from one that was cut between two files.
#
# createTar() rounds the size of what it writes up to 10240, and leaves the rest of the last block empty; the end of the
# archive has no room of its own. With 20 folders, or 10 files of up to 512 bytes, nothing is left, so the archive
# cannot be told from one that was cut. parseTar() stops one header before the end of the data. So createTar() and
# parseTar() together lose the last of 20 folders, and keep all of 19 or 21.
#
# Python's tarfile does without the end, and reads them all.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nanotar@0.3.0 > /dev/null

cat > names.py <<'PY'
import io
import sys
import tarfile

print(len(tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())).getnames()))
PY
cat > round.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { createTar, parseTar } from "nanotar";

function zeroBlocks(data) {
  let count = 0;
  for (let end = data.length; end && data.subarray(end - 512, end).every((byte) => !byte); end -= 512) count++;
  return count;
}
function show(name, files) {
  const data = createTar(files);
  const tarfile = String(execFileSync("python3", ["names.py"], { input: data })).trim();
  console.log(
    `${name}: ${files.length} written, ${zeroBlocks(data)} blocks of zeros; ` +
      `parseTar reads ${parseTar(data).length}, tarfile ${tarfile}`,
  );
}
const folders = (count) => Array.from({ length: count }, (_, index) => ({ name: `folder-${index}/` }));
const files = (count) => Array.from({ length: count }, (_, index) => ({ name: `file-${index}`, data: "text" }));

show("19 folders", folders(19));
show("20 folders", folders(20));
show("21 folders", folders(21));
show("40 folders", folders(40));
show("9 files and 2 empty ones", [...files(9), { name: "one", data: "" }, { name: "two", data: "" }]);
show("10 files", files(10));
JS

seen=$(node round.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
19 folders: 19 written, 1 blocks of zeros; parseTar reads 19, tarfile 19
20 folders: 20 written, 0 blocks of zeros; parseTar reads 19, tarfile 20
21 folders: 21 written, 19 blocks of zeros; parseTar reads 21, tarfile 21
40 folders: 40 written, 0 blocks of zeros; parseTar reads 39, tarfile 40
9 files and 2 empty ones: 11 written, 0 blocks of zeros; parseTar reads 10, tarfile 11
10 files: 10 written, 0 blocks of zeros; parseTar reads 10, tarfile 10
TEXT
echo "as seen: no end, and a last file without data is lost"
