#!/usr/bin/env bash
# stackconfig 1.1.0 (PyPI): "-f base.yml -f override.yml" merges the two files in one order in one run, and in the other
# one in the next.
#
# The package merges Compose files with "docker stack config -c file1 -c file2", and has "-f docker-compose.yml -f
# compose-override.yml" as its example. Values of a later file replace those of an earlier one, so the order says which
# of them is deployed.
#
# * The names are put into a set, to have each one once. Python begins each run with another order of strings.
#
# docker is a stub here that writes its arguments, and the Compose file that Docker would.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check stackconfig==1.1.0

touch base.yml override.yml production.yml
mkdir bin
cat > bin/docker <<'STUB'
#!/bin/sh
[ "$2" = config ] || exit 0
echo "$*" >> calls
printf 'version: "3.8"\nservices:\n  app:\n    image: app:1\n'
STUB
chmod +x bin/docker
export PATH="$folder/bin:$PATH"

for seed in $(seq 0 49); do
  PYTHONHASHSEED=$seed venv/bin/stackconfig -f base.yml -f override.yml -f production.yml -o out.yml > log
done
seen=$(sort -u calls)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
stack config -c base.yml -c override.yml -c production.yml
stack config -c base.yml -c production.yml -c override.yml
stack config -c override.yml -c base.yml -c production.yml
stack config -c override.yml -c production.yml -c base.yml
stack config -c production.yml -c base.yml -c override.yml
stack config -c production.yml -c override.yml -c base.yml
TEXT
echo "as seen: any order"
