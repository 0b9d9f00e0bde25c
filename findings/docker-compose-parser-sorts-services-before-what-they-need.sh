#!/usr/bin/env bash
# docker-compose-parser 0.0.30 (PyPI): in 12 of 24 files with the same four services one of them comes before the one
# that it depends on, the words of a command are split inside of quotes, and times of a health check are lost.
#
# iter_sorted_services says "depends_on if used if it exists, otherwise services are sorted by their order in the file".
# A string in command is split as a shell does it, and times are durations of Go, such as 500ms.
#
# * Services are compared two by two: one comes first if the other depends on it, or if it stands before it in the
#   file. The second of these also counts where the first says the opposite, and no sort finds an order in that.
# * A command is split at spaces only.
# * 500ms is None, and so is 1m30s500ms. The words of CMD, which runs without a shell, are joined for "sh -c" without
#   quotes.
#
# Seen with Python 3.11, pydantic 2.14.4. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-compose-parser==0.0.30 model-lib==0.0.30 \
  zero-3rdparty==0.0.30 pydantic==2.14.4

cat > parse.py <<'PY'
import itertools

import docker_compose_parser.file_models as models

NEEDS = {"web": ["api"], "api": ["database"], "database": [], "mail": []}
SERVICE = "services:\n  app:\n    image: app:1\n"


def misplaced(names):
    text = "".join(f"  {name}:\n    depends_on: {NEEDS[name]}\n" for name in names)
    found = [name for name, _ in models.iter_sorted_services(f"services:\n{text}")]
    return found, [(n, need) for n in found for need in NEEDS[n] if found.index(n) < found.index(need)]


orders = [misplaced(names) for names in itertools.permutations(NEEDS)]
print(f"wrong orders: {sum(bool(wrong) for _, wrong in orders)} of {len(orders)}")
for names in (["web", "api", "database", "mail"], ["mail", "api", "web", "database"]):
    print(f"{' '.join(names)}: {' '.join(misplaced(names)[0])}")

text = SERVICE + """    command: sh -c "echo 'a b'"\n"""
print(f"command: {next(models.iter_compose_info(text)).info.command}")
for time in ("90s", "1m30s", "1.5s", "500ms", "1m30s500ms"):
    check = models.ComposeHealthCheck(test=["CMD", "test", "-e", "/a b"], interval=time)
    print(f"{time}: {check.interval_seconds}")
print(f"CMD: {check.command_list_k8s}")
PY

seen=$(venv/bin/python parse.py 2> log)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
wrong orders: 12 of 24
web api database mail: database api web mail
mail api web database: mail api web database
command: ['sh', '-c', '"echo', "'a", 'b\'"']
90s: 90
1m30s: 90
1.5s: 1.5
500ms: None
1m30s500ms: None
CMD: ['sh', '-c', 'test -e /a b']
TEXT
echo "as seen: services come before what they need"
