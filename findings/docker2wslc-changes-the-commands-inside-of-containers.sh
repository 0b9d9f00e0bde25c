#!/usr/bin/env bash
# docker2wslc 0.2.0 (PyPI): options of the program in the container are removed and changed, a command on several lines
# becomes one without an image, and values from a Compose file are written as Python writes them.
#
# The package translates docker commands, from arguments or a script, and Compose files to wslc. Only the words before
# the image are options of docker run; the image and what follows are the container's own. A backslash at the end of a
# line continues it. In Compose a variable without a value is taken from the environment, and a list is passed on word
# by word.
#
# * --platform and --restart are removed wherever they stand, and the value after them; -m is written in upper case.
# * Each line is a command. What follows the first line of "docker run \" is commented out.
# * Arguments are joined without quotes, so "sh -c" gets the first word only.
# * A variable or label without a value is None, and true is True. Options of a port, mount or file are written as a
#   Python dictionary, and words of a command are not quoted.
#
# The messages on stderr say what is removed, but not that it was the container's. Of the Compose file they say nothing
# about any of this.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check 'docker2wslc[yaml]==0.2.0'

cat > run.sh <<'RUN'
docker run --rm app serve --platform web --restart never -m 512m
docker run -d \
  -p 8080:80 \
  nginx:1
RUN
cat > compose.yaml <<'YAML'
services:
  app:
    image: app:1
    entrypoint: ["/start", "two words"]
    command: ["sh", "-c", "echo a b > /c"]
    environment:
      TOKEN:
      DEBUG: true
    env_file:
      - path: app.env
        required: false
    ports:
      - target: 80
        published: 8080
    volumes:
      - type: bind
        source: ./a
        target: /a
YAML

show() {
  (venv/bin/docker2wslc convert -f run.sh || true) 2> log | sed "s/^/script: /"
  venv/bin/docker2wslc convert docker run app sh -c 'echo a b' 2> log | sed "s/^/arguments: /"
  (venv/bin/docker2wslc compose compose.yaml || true) 2> log | grep "^wslc" | sed "s/ -/\\n  -/g; s/^/compose: /"
  grep -E "^ +[!x?]" log | cut -c1-50
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
script: wslc run --rm app serve -m 512M
script: wslc run -d \
script: # not a docker command: -p 8080:80 \
script: # not a docker command: nginx:1
arguments: wslc run app sh -c echo a b
compose: wslc run
  -d
  --name app
  -e TOKEN=None
  -e DEBUG=True
  --env-file {'path': 'app.env', 'required': False}
  -p {'target': 80, 'published': 8080}
  -v {'type': 'bind', 'source': './a', 'target': '/a'}
  --entrypoint '/start two words' app:1 sh
  -c echo a b > /c
  ! volumes: Named volumes must be created first w
TEXT
echo "as seen: other commands, and values that are Python's"
