#!/usr/bin/env bash
# dockerfile-doctor 0.1.5 (PyPI): --fix rewrites valid lines to ones that do something else: a JSON list is broken,
# commands lose their shell, files get other places, and a Git repository becomes one file.
#
# Without --unsafe-fixes, --fix is to apply "safe issues" only, and "51 deterministic auto-fixers" are to "rewrite your
# Dockerfile correctly". Docker's reference of the Dockerfile: the shell form runs in a shell, which expands variables
# and patterns and has built-in commands such as exec, and the exec form does not. A relative path counts from WORKDIR,
# which holds for all instructions that follow. "cd" in RUN holds for that RUN alone. ADD takes several sources, and
# the URL of a Git repository, which it clones. STOPSIGNAL may be SIGRTMIN+3, the signal that stops systemd.
#
# * COPY ["a", "./b"] without a WORKDIR gets a slash in front of the last word, outside of its quotes. It is no JSON
#   list any more, so the brackets and quotes are parts of names.
# * CMD and ENTRYPOINT get the exec form word by word.
# * RUN cd becomes a WORKDIR, also for the instructions that follow.
#
# The parser of BuildKit in dockerfile 3.4.0 (PyPI) says what the lines mean.
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

LINES = [
    'COPY ["a file", "./b"]',
    "ENTRYPOINT exec ./start",
    "CMD LEVEL=debug ./serve",
    "CMD ./serve *.conf",
    "RUN cd /src && make\nCOPY settings .",
    "ADD https://example.com/a.git#v1 /src",
    "ADD https://example.com/a https://example.com/b /opt/",
    "STOPSIGNAL SIGRTMIN+3",
    "RUN sudo -u app make",
]


def show(when):
    for instruction in dockerfile.parse_file("Dockerfile")[1:]:
        form = "JSON, " if instruction.json else ""
        print(f"{when}: {instruction.cmd} {form}{list(instruction.value)}")


for line in LINES:
    pathlib.Path("Dockerfile").write_text(f"FROM debian:12\n{line}\n")
    show("before")
    subprocess.run(["venv/bin/dockerfile-doctor", "--fix", "-q", "Dockerfile"], capture_output=True)
    show(" after")
PY

seen=$(venv/bin/python fix.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
before: COPY JSON, ['a file', './b']
 after: COPY ['["a', 'file",', '/"./b"]']
before: ENTRYPOINT ['exec ./start']
 after: ENTRYPOINT JSON, ['exec', './start']
before: CMD ['LEVEL=debug ./serve']
 after: CMD JSON, ['LEVEL=debug', './serve']
before: CMD ['./serve *.conf']
 after: CMD JSON, ['./serve', '*.conf']
before: RUN ['cd /src && make']
before: COPY ['settings', '.']
 after: WORKDIR ['/src']
 after: RUN ['make']
 after: COPY ['settings', '.']
before: ADD ['https://example.com/a.git#v1', '/src']
 after: RUN ['curl -fsSL -o /src https://example.com/a.git#v1']
before: ADD ['https://example.com/a', 'https://example.com/b', '/opt/']
 after: RUN ['curl -fsSL -o https://example.com/b https://example.com/a']
before: STOPSIGNAL ['SIGRTMIN+3']
 after: STOPSIGNAL ['SIGTERM']
before: RUN ['sudo -u app make']
 after: RUN ['-u app make']
TEXT
echo "as seen: what is built or started is something else"
