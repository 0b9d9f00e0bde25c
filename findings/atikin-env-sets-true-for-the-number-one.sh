#!/usr/bin/env bash
# atikin-env 1.0.0 (PyPI): WORKERS=1 sets WORKERS to "True" in the environment, and 0 is "False". An infinity, a number
# with an underscore and a version become other texts as well.
#
# The package is a "zero-dependency dotenv alternative with type casting", and load_env loads "environment variables
# from a .env file into os.environ". A process that is started then sees these variables as texts, so they have to be
# what is in the file.
#
# * Values are converted before they are set, and set as Python writes the result.
# * 1 and 0 are taken for truth values before they are tried as numbers. So are yes, no, on and off.
# * What float() takes is a number: 1_000, 1e3, nan, infinity, 1.10.
# * Quotes do not keep a value as it is.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check atikin-env==1.0.0

cat > values.env <<'ENV'
WORKERS=1
RETRIES=0
REPLICAS=2
COUNTRY=no
TAG=1.10
COMMIT=1e3
CODE="007"
LIMIT=infinity
GROUP=1_000
ENV

cat > load.py <<'PY'
import subprocess

import atikin_env

with open("values.env") as file:
    names = [line.partition("=")[0] for line in file]
atikin_env.load_env("values.env")
for name in names:
    done = subprocess.run(["printenv", name], check=True, capture_output=True, text=True)
    print(f"{name}: {atikin_env.get(name)!r}, in a process: {done.stdout.strip()!r}")
PY

seen=$(venv/bin/python load.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
WORKERS: True, in a process: 'True'
RETRIES: False, in a process: 'False'
REPLICAS: 2, in a process: '2'
COUNTRY: False, in a process: 'False'
TAG: 1.1, in a process: '1.1'
COMMIT: 1000.0, in a process: '1000.0'
CODE: 7, in a process: '7'
LIMIT: inf, in a process: 'inf'
GROUP: 1000.0, in a process: '1000.0'
TEXT
echo "as seen: the environment has other values"
