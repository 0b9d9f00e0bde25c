#!/usr/bin/env bash
# compose-doctor 0.1.0 (PyPI): "--fix" deletes the comments around an image, sets "restart: always" for jobs that are to
# run once, and writes a second tag after a variable.
#
# The package "applies safe, deterministic auto-fixes without destroying comments or formatting". In Compose
# service_completed_successfully waits until a service has ended, which one that is always restarted does not;
# deploy.restart_policy says when a service is restarted; and a variable in image may have the whole reference.
#
# * The comment that it adds to the line of the image takes the place of the one there, and of all comment lines and
#   empty lines up to the next key.
# * Only the key "restart" is looked for.
# * ${IMAGE} has no colon in its name, so ":pinned" is added.
#
# Seen with Python 3.11, ruamel.yaml 0.19.1. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-doctor==0.1.0 ruamel.yaml==0.19.1

cat > compose.yaml <<'YAML'
services:
  web:
    image: nginx:latest  # Not 1.27, see the ticket.

    # The proxy expects this port.
    ports:
      - "8080:80"
    depends_on:
      migrate:
        condition: service_completed_successfully
    restart: unless-stopped
  migrate:
    image: app:1
    command: migrate
    deploy:
      restart_policy:
        condition: none
  api:
    image: ${IMAGE}
    restart: unless-stopped
YAML

cp compose.yaml fixed.yaml
venv/bin/compose-doctor --fix fixed.yaml > log || true
seen=$(cat fixed.yaml)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
services:
  web:
    image: nginx:pinned  # TODO: pin image version to a real tag (compose-doctor R002)
    ports:
      - "8080:80"
    depends_on:
      migrate:
        condition: service_completed_successfully
    restart: unless-stopped
  migrate:
    image: app:1
    command: migrate
    deploy:
      restart_policy:
        condition: none
    restart: always
  api:
    image: ${IMAGE}:pinned  # TODO: pin image version to a real tag (compose-doctor R002)
    restart: unless-stopped
TEXT
grep "regression:     0" log
echo "as seen: comments are gone, and a job does not end"
