#!/usr/bin/env bash
# filesize-parser 1.5.2 (npm): 8 Gb is not 8192 Mb, 1 GiB is a thousand million bytes with base 10, and 1,024 KB is one
# kilobyte.
#
# IEC 80000-13 has Ki, Mi, Gi for powers of 1024, whatever the others stand for. With base 2, the default, the README
# has all units as powers of 1024, "Kb" as kilobits: 200Kb are 25600 bytes. It says nothing of rounding.
#
# * From gigabits on, the factors are rounded to four digits: 1 Gb is 134200000 bytes, 17728 less than 1024 Mb.
# * With base 10, GiB is read as GB. So docker stats, which writes memory as GiB and traffic as GB, has no base.
# * A comma is a decimal point, but numbers with two of them are refused: 1,024 and 1,024,000 are not read alike.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save filesize-parser@1.5.2 > /dev/null

cat > parse.cjs <<'JS'
const parse = require("filesize-parser");

function bytes(size, base) {
  try {
    return parse(size, { base });
  } catch (error) {
    return error;
  }
}

for (const [base, left, right] of [
  [2, "8 Kb", "8192 b"],
  [2, "8 Mb", "8192 Kb"],
  [2, "8 Gb", "8192 Mb"],
  [2, "8 Tb", "8192 Gb"],
  [2, "1 Gb", "0.125 GiB"],
  [10, "1 GB", "1000 MB"],
  [10, "1 GiB", "1024 MiB"],
  [10, "1 GiB", "1073741824 B"],
  [2, "1,024 KB", "1024 KB"],
  [2, "1,024,000 KB", "1024000 KB"],
])
  console.log(`base ${base}: ${left} is ${bytes(left, base)}, ${right} is ${bytes(right, base)}`);
JS

seen=$(node parse.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
base 2: 8 Kb is 1024, 8192 b is 1024
base 2: 8 Mb is 1048576, 8192 Kb is 1048576
base 2: 8 Gb is 1073600000, 8192 Mb is 1073741824
base 2: 8 Tb is 1099200000000, 8192 Gb is 1099366400000
base 2: 1 Gb is 134200000, 0.125 GiB is 134217728
base 10: 1 GB is 1000000000, 1000 MB is 1000000000
base 10: 1 GiB is 1000000000, 1024 MiB is 1024000000
base 10: 1 GiB is 1000000000, 1073741824 B is 1073741824
base 2: 1,024 KB is 1049, 1024 KB is 1048576
base 2: 1,024,000 KB is Can't interpret 1,024,000 KB, 1024000 KB is 1048576000
TEXT
echo "as seen: sizes that are equal are not"
