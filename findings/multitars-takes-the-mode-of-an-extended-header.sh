#!/usr/bin/env bash
# multitars 1.0.2 (npm): untar() gives a file the mode, the owner and the group of the header that carries its long
# name, so a program becomes a file that nobody can run.
#
# A name that does not fit is written before its file, as an entry of its own: POSIX (pax) has an extended header of
# type "x" with records, GNU tar has an entry of type "L". Their header blocks have a mode and an owner too; GNU tar
# writes mode 0644, and root as the owner in its own layout. They say nothing about the file: in pax its fields are
# those of its own header, where no record replaces them.
#
# multitars keeps one record for both headers, and takes a field of the second one only where the first one had 0 or
# nothing. A record "mtime" is enough, and GNU tar writes one for each file in a pax archive.
#
# The README says of the tar implementation that it "should match node-tar's support of the Tar format (including PAX)".
# tar 7.5.2 (node-tar) reads the mode of the file, and Python's tarfile its mode and its owner.
#
# Seen with GNU tar 1.34, Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save multitars@1.0.2 tar@7.5.2 > /dev/null

long=tools/$(printf 'a%.0s' {1..60})/$(printf 'b%.0s' {1..60})
mkdir -p "$long"
echo 'echo hello' | tee "$long/run" > tools/run
chmod 755 "$long/run" tools/run
for layout in ustar gnu pax; do
  tar --format="$layout" --owner=app:1234 --group=staff:4321 -cf "$layout.tar" tools/run "$long/run"
done

cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as tar from "tar";
import { untar } from "multitars";

function show(layout, reader, path, mode, owner) {
  const name = path.replace(/a{60}.b{60}/, "(long)");
  console.log(`${layout} ${name}, ${reader}: ${(mode & 0o777).toString(8)} ${owner}`.trimEnd());
}

for (const layout of ["ustar", "gnu", "pax"]) {
  for await (const each of untar([new Uint8Array(readFileSync(`${layout}.tar`))]))
    show(layout, "multitars", each.name, each.mode, `${each.uname}:${each.gname}`);
  const onReadEntry = (each) => show(layout, "node-tar", each.path, each.mode, "");
  tar.list({ file: `${layout}.tar`, sync: true, onReadEntry });
}
JS
cat > read.py <<'PY'
import tarfile

for layout in ("ustar", "gnu", "pax"):
    with tarfile.open(f"{layout}.tar") as tar:
        for each in tar:
            name = each.name.replace("a" * 60 + "/" + "b" * 60, "(long)")
            print(f"{layout} {name}, tarfile: {each.mode:o} {each.uname}:{each.gname}")
PY

seen=$( (node read.mjs; python3 read.py) | LC_ALL=C sort)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
gnu tools/(long)/run, multitars: 644 root:root
gnu tools/(long)/run, node-tar: 755
gnu tools/(long)/run, tarfile: 755 app:staff
gnu tools/run, multitars: 755 app:staff
gnu tools/run, node-tar: 755
gnu tools/run, tarfile: 755 app:staff
pax tools/(long)/run, multitars: 644 app:staff
pax tools/(long)/run, node-tar: 755
pax tools/(long)/run, tarfile: 755 app:staff
pax tools/run, multitars: 644 app:staff
pax tools/run, node-tar: 755
pax tools/run, tarfile: 755 app:staff
ustar tools/(long)/run, multitars: 755 app:staff
ustar tools/(long)/run, node-tar: 755
ustar tools/(long)/run, tarfile: 755 app:staff
ustar tools/run, multitars: 755 app:staff
ustar tools/run, node-tar: 755
ustar tools/run, tarfile: 755 app:staff
TEXT
echo "as seen: a program cannot be run any more"
