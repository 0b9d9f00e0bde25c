#!/usr/bin/env bash
# itar 0.4.2 (PyPI): of an archive that "tar c ." made, links are listed, and reading them raises KeyError.
#
# "tar c ." writes names that begin with "./", also those that hard links refer to. A symbolic link is relative to its
# folder, and a link to a folder refers to a member that is in the archive as well. The package is for "random access to
# members" of regular tar files, and follows links in archives whose names have no "./".
#
# * The names of members are kept as they are, and the targets of links are normalized, so they do not meet.
# * Of which file is the link and which is the member tar decides by the order of the folder.
# * A link to a folder is listed as a file, since folders are not in the index.
#
# tarfile of Python reads the same members.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check itar==0.4.2

mkdir files files/folder
echo text > files/one
ln files/one files/two
ln -s one files/symbolic
ln -s folder files/to-folder
tar cf dots.tar --sort=name -C files .
tar cf names.tar --sort=name -C files folder one symbolic to-folder two

cat > read.py <<'PY'
import tarfile

import itar

for name in ("names", "dots"):
    itar.index.create(f"{name}.itar", f"{name}.tar", progress_bar=False)
    with itar.open(f"{name}.itar") as archive, tarfile.open(f"{name}.tar") as tar:
        for member in archive:
            try:
                found = archive[member].read()
            except KeyError as error:
                found = f"KeyError: {error}"
            file = tar.extractfile(member) if tar.getmember(member).isfile() or "folder" not in member else None
            print(f"{member}: {found}, tarfile: {file.read() if file else 'a folder'}")
PY

seen=$(venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one: b'text\n', tarfile: b'text\n'
symbolic: b'text\n', tarfile: b'text\n'
to-folder: KeyError: 'folder', tarfile: a folder
two: b'text\n', tarfile: b'text\n'
./one: b'text\n', tarfile: b'text\n'
./symbolic: KeyError: 'one', tarfile: b'text\n'
./to-folder: KeyError: 'folder', tarfile: a folder
./two: KeyError: 'one', tarfile: b'text\n'
TEXT
echo "as seen: links are listed and cannot be read"
