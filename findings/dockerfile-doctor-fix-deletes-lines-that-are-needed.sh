#!/usr/bin/env bash
# dockerfile-doctor 0.1.5 (PyPI): --fix deletes an ENV that a later ENV of the same name builds on, the ENV between two
# commands that need different values, and a command because an equal one came before. It also deletes "TODO" lines
# and trailing spaces out of the files that a heredoc writes.
#
# Without --unsafe-fixes, --fix is to apply "safe issues" only, and "51 deterministic auto-fixers" are to "rewrite your
# Dockerfile correctly". Docker's reference of the Dockerfile: a value of ENV is there for all instructions that
# follow, and may name the value before it: ENV PATH=/opt/bin:$PATH. Each RUN runs. The lines of a heredoc are the
# content of the file that COPY writes.
#
# * Of several ENV of a name all but the last are deleted, and of several equal RUN all but the first.
# * The rules for comments and for spaces at the end of a line also run inside a heredoc.
#
# The parser of BuildKit in dockerfile 3.4.0 (PyPI) says what the lines mean; what a heredoc has inside is printed as
# it is in the file.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile-doctor==0.1.5 dockerfile==3.4.0

cat > fix.py <<'PY'
import pathlib
import subprocess

import dockerfile

PATHS = "FROM debian:12\nENV PATH=/opt/a:$PATH\nENV PATH=/opt/b:$PATH\n"
VALUES = "FROM debian:12\nENV TARGET=a\nRUN ./build\nENV TARGET=b\nRUN ./build\n"
COMMANDS = "FROM debian:12\nRUN ./step\nRUN ./other\nRUN ./step\n"
HEREDOC = "FROM debian:12\nCOPY <<EOF /notes\n# TODO: read this\nhard break  \nEOF\n"


def fix(text):
    path = pathlib.Path("Dockerfile")
    path.write_text(text)
    subprocess.run(["venv/bin/dockerfile-doctor", "--fix", "-q", "Dockerfile"], capture_output=True)
    return path.read_text()


def parsed(text):
    found = dockerfile.parse_string(text)[1:]
    return " | ".join(f"{instruction.cmd} {' '.join(instruction.value)}" for instruction in found)


for text in (PATHS, VALUES, COMMANDS):
    print(f"before: {parsed(text)}")
    print(f" after: {parsed(fix(text))}")
print(f"before: {HEREDOC.splitlines()[1:]}")
print(f" after: {fix(HEREDOC).splitlines()[1:]}")
PY

seen=$(venv/bin/python fix.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
before: ENV PATH /opt/a:$PATH | ENV PATH /opt/b:$PATH
 after: ENV PATH /opt/b:$PATH
before: ENV TARGET a | RUN ./build | ENV TARGET b | RUN ./build
 after: RUN ./build | ENV TARGET b
before: RUN ./step | RUN ./other | RUN ./step
 after: RUN ./step | RUN ./other
before: ['COPY <<EOF /notes', '# TODO: read this', 'hard break  ', 'EOF']
 after: ['COPY <<EOF /notes', 'hard break', 'EOF']
TEXT
echo "as seen: what is needed is gone"
