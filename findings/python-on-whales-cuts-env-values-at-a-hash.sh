#!/usr/bin/env bash
# python-on-whales 0.81.0: docker.stack.deploy(env_files=...) cuts each value at the first "#", and keeps the quotes
# around a value as a part of it.
#
# The method says that env_files are "similar to .env files in docker-compose", and that the behaviour "is similar to
# the one you would experience with compose". Compose's syntax of these files ("Syntax for environment files") has:
#
#     VAR=VAL# not a comment      ->  VAL# not a comment
#     VAR="VAL # not a comment"   ->  VAL # not a comment
#     VAR="VAL"                   ->  VAL
#     VAR='VAL'                   ->  VAL
#
# Passwords and URLs with "#" arrive in the stack without their end, and "docker stack deploy" reports nothing. In
# quotes, which is how Compose protects a "#", even the opening quote becomes a part of the value.
#
# The command line here is a script that prints its environment, so no engine is needed.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-on-whales==0.81.0

cat > docker <<'DOCKER'
#!/bin/sh
env | grep '^DEMO_' | sort
DOCKER
chmod +x docker

cat > values.env <<'ENV'
# Lines that begin with "#" are comments.
DEMO_A=plain
DEMO_B=comment # after a space
DEMO_C=correct#horse#battery
DEMO_D=https://example.org/page#part
DEMO_E="correct#horse"
DEMO_F="quoted"
DEMO_G='quoted'
ENV

cat > deploy.py <<'PY'
import pathlib

from python_on_whales import DockerClient

docker = DockerClient(client_call=[str(pathlib.Path("docker").absolute())])
docker.stack.deploy("demo", compose_files=["compose.yaml"], env_files=["values.env"])
PY

seen=$(venv/bin/python deploy.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
DEMO_A=plain
DEMO_B=comment
DEMO_C=correct
DEMO_D=https://example.org/page
DEMO_E="correct
DEMO_F="quoted"
DEMO_G='quoted'
TEXT
echo "as seen: values end at the first hash, and quotes are a part of them"
