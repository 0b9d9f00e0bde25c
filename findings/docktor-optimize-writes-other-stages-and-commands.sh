#!/usr/bin/env bash
# docktor-py 0.2.1 (PyPI): an optimized Dockerfile has images that do not exist, commands that the shell does not know,
# and other values of variables.
#
# "docktor optimize" prints a new Dockerfile; the class behind it "applies safe optimizations". In Docker's reference
# FROM may name a stage, scratch is no image and has no tag, a list in brackets runs without a shell, options stand
# before the command, a comment line inside a command is removed, ADD fetches URLs and unpacks archives (COPY does
# not), and all variables of one ENV have the values from before it.
#
# * ":latest" is added to stages, to scratch, to a variable, and with --platform the image is None.
# * RUN lines are joined with "&&", also lists, and options end up behind it. "apt-get update" is put before options.
# * A comment line between lines of a command makes two instructions of them.
# * "sudo " is removed from any text.
# * Consecutive ENV lines become one, so $HOME_DIR is the one before. In the old form "ENV NAME value" the name becomes
#   a part of the list, which Docker refuses.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docktor-py==0.2.1

cat > Dockerfile <<'DOCKERFILE'
ARG BASE=debian:12
FROM --platform=$BUILDPLATFORM golang:1.22 AS build
RUN echo "use sudo now"
RUN --mount=type=cache,target=/cache go build
RUN ["/bin/echo", "a  b"]
FROM build AS test
RUN apt-get update && apt-get install -y \
    # For the checks
    curl
ENV HOME_DIR=/srv/new
ENV DATA_DIR=$HOME_DIR/data
ENV MODE all
FROM ${BASE}
ADD https://example.org/data.tar.gz /data
FROM scratch
ADD files.tar.gz /
DOCKERFILE

seen=$(venv/bin/docktor optimize --raw Dockerfile)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ARG BASE=debian:12
FROM None:latest
RUN echo "use now" \
    && --mount=type=cache,target=/cache go build \
    && ["/bin/echo", "a  b"]
FROM build:latest as test
RUN apt-get update && apt-get install -y # For the checks \
    && rm -rf /var/lib/apt/lists/*
curl
ENV HOME_DIR=/srv/new \
    DATA_DIR=$HOME_DIR/data \
    MODE all
FROM ${BASE}:latest
COPY https://example.org/data.tar.gz /data
FROM scratch:latest
COPY files.tar.gz /
TEXT
echo "as seen: what is optimized does not build, or builds another image"
