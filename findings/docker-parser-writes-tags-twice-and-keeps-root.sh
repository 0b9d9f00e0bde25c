#!/usr/bin/env bash
# docker-parser 0.0.8 (PyPI): a Dockerfile that is read and written again names debian:12:12, has lost what stands
# before FROM, and its user is root whatever USER says.
#
# The package is to parse instructions, "deduce state of environment in which commands are executed and allow
# modification of resulting dockerfile". Nothing is modified here. In Docker's reference an image has one tag, ARG
# before FROM has the default of variables in FROM, EXPOSE has ranges, and quotes around the value of a variable are not
# a part of it.
#
# * The name that is written has the tag already. Values of options get quotes, which are a part of the value then.
# * ARG before the first FROM is read, but not written.
# * USER is not taken over into the state. A value in single quotes ends at the first space.
# * Sources of COPY are one source unless there are commas between them.
# * An option with "=" in its value, as in RUN --mount, makes the whole file None.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-parser==0.0.8

cat > rewrite.py <<'PY'
import os

from docker_parser import parser

# With the number of the superuser the package asks an engine for the image; here is none.
os.getuid = lambda: 1000

TEXT = """ARG TAG=12
FROM debian:12 AS build
USER app
ENV GREETING='good morning' NAME="a b"
COPY --chown=app:app a.txt b.txt /files/
RUN make
EXPOSE 8000-8010
FROM debian:${TAG}
COPY --from=build /files /files
"""
file = parser.Parser.loads(TEXT)
print(file.dumps())
stage = file.stages[0]
(run,) = file.run(stage=0)
(copy,) = file.copy(stage=0)
print(f"state: user {stage.user}, RUN as {run.context['user']}, {stage.env}, ports {stage.exposed}")
print(f"sources: {copy.sources}")
print(f"RUN --mount: {parser.Parser.loads('FROM debian:12' + chr(10) + 'RUN --mount=type=tmpfs,target=/t make')}")
PY

seen=$(venv/bin/python rewrite.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
# this file was generated using dockerparser

FROM debian:12:12 as build
USER  app
ENV  GREETING='good morning' NAME="a b"
COPY --chown='app:app' a.txt b.txt /files/
RUN  make
EXPOSE  8000-8010

FROM debian:${TAG}:${TAG} as debian
COPY --from='build' /files /files

state: user root, RUN as root, {'GREETING': "'good", 'NAME': 'a b'}, ports [8000]
sources: ['a.txt b.txt']
RUN --mount: None
TEXT
echo "as seen: another file, and another state"
