#!/usr/bin/env bash
# dockerfile-parse 2.0.1: assigning baseimage or parent_images removes --platform from the FROM lines.
#
# Docker's reference has FROM [--platform=<platform>] <image> [AS <name>]. The package calls the first a "setter for
# images in 'FROM' instructions" and says of baseimage: "change image of final stage FROM instruction". Tools use them
# to pin an image to a digest or to go through a mirror. One expects the image's name to change, and nothing else, as
# the name after AS stays.
#
# Both write a changed line anew from the image and the stage's name. The platform is gone without a word. The build
# then uses the builder's own platform: the binaries of a cross build are of the wrong architecture, and a stage that
# was to run on the builder (--platform=$BUILDPLATFORM) runs in an emulator. Reading the same lines works.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile-parse==2.0.1

cat > pin.py <<'PY'
from dockerfile_parse import DockerfileParser

LINES = """\
FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN go build
FROM --platform=linux/arm64 debian:13 AS run
COPY --from=build app app
"""


def parser():
    result = DockerfileParser(fileobj=open("Dockerfile", "w+b"))
    result.content = LINES
    return result


def show(name, dockerfile):
    print(f"{name}:", *(f"| {line}" for line in dockerfile.content.splitlines() if line.startswith("FROM")))


dockerfile = parser()
print("read:", dockerfile.parent_images, dockerfile.baseimage)
show("as it was", dockerfile)

dockerfile.baseimage = "debian:13.2"
show("baseimage", dockerfile)

dockerfile = parser()
dockerfile.parent_images = ["golang:1.25", "debian:13.2"]
show("parent_images", dockerfile)
PY

seen=$(venv/bin/python pin.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
read: ['golang:1.25', 'debian:13'] debian:13
as it was: | FROM --platform=$BUILDPLATFORM golang:1.25 AS build | FROM --platform=linux/arm64 debian:13 AS run
baseimage: | FROM --platform=$BUILDPLATFORM golang:1.25 AS build | FROM debian:13.2 AS run
parent_images: | FROM --platform=$BUILDPLATFORM golang:1.25 AS build | FROM debian:13.2 AS run
TEXT
echo "as seen: a new image loses the platform"
