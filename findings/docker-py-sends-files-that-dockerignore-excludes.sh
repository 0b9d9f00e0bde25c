#!/usr/bin/env bash
# docker 7.2.0 (docker-py): a build sends files that .dockerignore excludes, and leaves out files that it does not
# exclude: with character classes, and with an exception below "**".
#
# Docker's reference says that .dockerignore patterns follow Go's filepath.Match, with "**" for any number of
# directories, and that of all lines that match a file the last one decides. In Go a class is negated by "^", and "!"
# in it is a character like any other. docker-py has a matcher of its own for build(path=...):
#
# * It negates a class at "!", as a shell does, and takes "^" for a character: both kinds give the opposite result.
# * "**/node_modules" excludes the folder wherever it is. With an exception for one file deep below it, docker-py looks
#   at all files in the folder, and asks of each whether its path's first two parts match. They do not, since "**" has
#   matched more than one folder. So one exception brings the whole folder into the build.
#
# Docker's command line 28.2.2, with its classic builder, sent exactly the files that e2b-dockerfile-utils 0.1.1, a
# port of Docker's matcher, lets through here.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker==7.2.0 e2b-dockerfile-utils==0.1.1

modules=packages/page/node_modules
mkdir -p context/$modules/{kept,other}
touch context/{log1,logA} context/$modules/{kept,other}/index.js

cat > context.py <<'PY'
from pathlib import Path

from docker.utils import exclude_paths
from e2b_dockerfile_utils.dockerignore import PatternMatcher

ROOT = Path("context")
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file())


def show(*patterns):
    sent = exclude_paths(str(ROOT.absolute()), list(patterns))
    matcher = PatternMatcher(list(patterns))
    print(" ".join(patterns))
    for file in FILES:
        client, engine = ("sent" if each else "excluded" for each in (file in sent, not matcher.matches(file)))
        print(f"  {file}: docker-py {client}, Docker {engine}")


show("log[^0-9]")
show("log[!0-9]")
show("log*", "**/node_modules")
show("log*", "**/node_modules", "!packages/page/node_modules/kept")
PY

seen=$(venv/bin/python context.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
log[^0-9]
  log1: docker-py excluded, Docker sent
  logA: docker-py sent, Docker excluded
  packages/page/node_modules/kept/index.js: docker-py sent, Docker sent
  packages/page/node_modules/other/index.js: docker-py sent, Docker sent
log[!0-9]
  log1: docker-py sent, Docker excluded
  logA: docker-py excluded, Docker sent
  packages/page/node_modules/kept/index.js: docker-py sent, Docker sent
  packages/page/node_modules/other/index.js: docker-py sent, Docker sent
log* **/node_modules
  log1: docker-py excluded, Docker excluded
  logA: docker-py excluded, Docker excluded
  packages/page/node_modules/kept/index.js: docker-py excluded, Docker excluded
  packages/page/node_modules/other/index.js: docker-py excluded, Docker excluded
log* **/node_modules !packages/page/node_modules/kept
  log1: docker-py excluded, Docker excluded
  logA: docker-py excluded, Docker excluded
  packages/page/node_modules/kept/index.js: docker-py sent, Docker sent
  packages/page/node_modules/other/index.js: docker-py sent, Docker excluded
TEXT
echo "as seen: files are sent or left out against .dockerignore"
