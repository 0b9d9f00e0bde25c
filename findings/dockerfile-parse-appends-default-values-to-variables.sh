#!/usr/bin/env bash
# dockerfile-parse 2.0.1: ${name:-default} in a Dockerfile becomes the variable's value, followed by ":-default}".
#
# Docker's reference (Environment replacement) has ${variable:-word}: the variable's value if it is set, else the word;
# and ${variable:+word}: the word if it is set, else nothing. FROM, ENV and LABEL take both. The package replaces
# variables in the values that it reads, unless it is created with env_replace=False.
#
# It ends the name at the first character that is not a letter, a digit or "_", replaces it, and keeps what follows up
# to and with the brace. The base image of "FROM debian:${TAG:-13}" reads "debian::-13}" or "debian:12:-13}", which is
# no name of an image. Labels and variables hold the same text, and values that use them carry it on. There is no error.
# ${name} and $name are right.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile-parse==2.0.1

cat > values.py <<'PY'
from dockerfile_parse import DockerfileParser


def parse(*lines):
    result = DockerfileParser(fileobj=open("Dockerfile", "w+b"))
    result.content = "".join(f"{line}\n" for line in lines)
    return result


print("base image, plain:", parse("ARG TAG=12", "FROM debian:${TAG}").baseimage)
print("base image, set:", parse("ARG TAG=12", "FROM debian:${TAG:-13}").baseimage)
print("base image, not set:", parse("ARG TAG", "FROM debian:${TAG:-13}").baseimage)

dockerfile = parse(
    "FROM debian:13",
    "ENV PORT=80",
    "ENV ADDRESS=host:${PORT:-8080} MODE=${DEBUG:-fast}",
    "LABEL plain=${PORT} default=${PORT:-8080} other=${PORT:+open} url=http://$ADDRESS/",
)
for name, value in (dockerfile.envs | dockerfile.labels).items():
    print(f"{name}: {value}")
PY

seen=$(venv/bin/python values.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
base image, plain: debian:12
base image, set: debian:12:-13}
base image, not set: debian::-13}
PORT: 80
ADDRESS: host:80:-8080}
MODE: :-fast}
plain: 80
default: 80:-8080}
other: 80:+open}
url: http://host:80:-8080}/
TEXT
echo "as seen: default values end up in the result"
