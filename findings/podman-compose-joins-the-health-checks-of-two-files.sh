#!/usr/bin/env bash
# podman-compose 1.6.0: with two Compose files, the health check's command is that of the first file followed by that of
# the second.
#
# The Compose specification (Merge, "Shell commands") says that command, entrypoint and healthcheck.test are overridden
# by the last file, and not appended. A second file is how one changes a service for a machine.
#
# podman-compose does so for command and entrypoint. healthcheck.test is treated as any list, and joined:
# ["CMD", "curl", URL] and ["CMD", "wget", URL] run curl with the arguments URL, CMD, wget and URL. To turn the check
# off with ["NONE"] has no effect, since NONE becomes an argument. There is no message: the container is unhealthy, or
# still checked.
#
# A script plays podman, so no engine is needed. "config" prints the services as they are after the merge.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check podman-compose==1.6.0

cat > podman <<'PODMAN'
#!/bin/sh
echo "podman version 5.4.2"
PODMAN
chmod +x podman

cat > compose.yaml <<'YAML'
services:
  web:
    image: busybox
    command: [httpd, -f]
    healthcheck:
      test: [CMD, curl, http://localhost/]
YAML
cat > wget.yaml <<'YAML'
services:
  web:
    command: [nginx]
    healthcheck:
      test: [CMD, wget, http://localhost/]
YAML
cat > off.yaml <<'YAML'
services:
  web:
    healthcheck:
      test: [NONE]
YAML
cat > show.py <<'PY'
import sys

import yaml

for service in yaml.safe_load(sys.stdin)["services"].values():
    print(f"{sys.argv[1]}: command {service['command']}, test {service['healthcheck']['test']}")
PY

show() {
  name=$1
  shift
  venv/bin/podman-compose --podman-path ./podman "$@" config 2> log | venv/bin/python show.py "$name"
}
seen=$(
  show "one file" -f compose.yaml
  show "two files" -f compose.yaml -f wget.yaml
  show "turned off" -f compose.yaml -f off.yaml
)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one file: command ['httpd', '-f'], test ['CMD', 'curl', 'http://localhost/']
two files: command ['nginx'], test ['CMD', 'curl', 'http://localhost/', 'CMD', 'wget', 'http://localhost/']
turned off: command ['httpd', '-f'], test ['CMD', 'curl', 'http://localhost/', 'NONE']
TEXT
echo "as seen: the commands of health checks are joined"
