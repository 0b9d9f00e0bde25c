#!/usr/bin/env bash
# dockerfile-hardener 1.0.2 (PyPI): fix cuts an instruction in two at a comment, copies archives that were unpacked,
# and edits the content of files and scripts in a heredoc.
#
# The package "applies safe, targeted fixes". Docker's reference of the Dockerfile: comment lines between the lines of
# an instruction are removed before it runs, and a backslash in a comment continues nothing. ADD unpacks a local tar
# archive, and COPY does not. The lines of a heredoc are the content of the file that COPY writes.
#
# * The rule for apt-get puts "&& rm -rf ..." after the line of the first comment, and a backslash at the end of the
#   comment. The instruction ends there, and its next line is taken for an instruction. The file was valid before.
# * ADD becomes COPY for a local file, whatever it is.
# * Lines of a heredoc are taken for instructions.
#
# The parser of BuildKit in dockerfile 3.4.0 (PyPI) reads the file before and after.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile-hardener==1.0.2 dockerfile==3.4.0

cat > fix.py <<'PY'
import difflib
import pathlib
import subprocess

import dockerfile

END = "USER app\nHEALTHCHECK NONE\n"
FILES = {
    "comment": "RUN apt-get update && apt-get install -y \\\n  # for make\n  gcc \\\n  make\n",
    "archive": "ADD root.tar.gz /\n",
    "heredoc": "COPY <<EOF /notes\nADD a photo\nRUN apt-get install later\nEOF\n",
}


def read(text):
    for instruction in dockerfile.parse_string(text)[1:-2]:
        yield f"{instruction.cmd} {' '.join(instruction.value)}"


for name, lines in FILES.items():
    path = pathlib.Path("Dockerfile")
    before = f"FROM debian:12\n{lines}{END}"
    path.write_text(before)
    command = ["venv/bin/dockerfile-hardener", "fix", "--no-backup", "Dockerfile"]
    subprocess.run(command, check=True, capture_output=True)
    after = path.read_text()
    if name == "comment":
        print(f"{name}, before: {' | '.join(read(before))}")
        print(f"{name}, after: {' | '.join(read(after))}")
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line[0] in "+-":
            print(f"{name}: {line}")
PY

seen=$(venv/bin/python fix.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
comment, before: RUN apt-get update && apt-get install -y   gcc   make
comment, after: RUN apt-get update && apt-get install -y     && rm -rf /var/lib/apt/lists/* | gcc 
comment: -   # for make
comment: +   # for make \
comment: +     && rm -rf /var/lib/apt/lists/*
archive: - ADD root.tar.gz /
archive: + COPY --chown=app:app root.tar.gz /
heredoc: - COPY <<EOF /notes
heredoc: - ADD a photo
heredoc: - RUN apt-get install later
heredoc: + COPY --chown=app:app <<EOF /notes
heredoc: + COPY --chown=app:app a photo
heredoc: + RUN apt-get install --no-install-recommends later \
heredoc: +     && rm -rf /var/lib/apt/lists/*
TEXT
echo "as seen: instructions are cut, archives stay packed, and files have other content"
