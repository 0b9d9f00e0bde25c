#!/usr/bin/env bash
# gitignore-to-dockerignore 3.0.0 (npm): a pattern with a slash in its middle excludes files of every folder from an
# image, where Git ignores one place only.
#
# gitignore(5): "If there is a separator at the beginning or middle (or both) of the pattern, then the pattern is
# relative to the directory level of the particular .gitignore file itself. Otherwise the pattern may also match at any
# level below". So "build/output" is one path, and "output" is any. Docker's .dockerignore patterns are all relative to
# the root of the build, and "**/" makes one for any level. The package is to make an "equivalent" .dockerignore.
#
# It leaves "**/" out only if the pattern begins with a slash. "build/output", "docs/*.html" and "data/**" become
# patterns for any level, and the files of src/build/output are missing in the image, though they are committed. A
# pattern with "**" is one with a separator too.
#
# "git check-ignore" has Git's view, and the PyPI package docker 7.2.0 Docker's.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save gitignore-to-dockerignore@3.0.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker==7.2.0

mkdir -p root/{build,src/build,docs,src/docs,data,src/data}
touch root/{build,src/build}/output root/{docs,src/docs}/page.html root/{data,src/data}/table root/{,src/}secret
git init -q root
cat > root/.gitignore <<'TEXT'
build/output
docs/*.html
data/**
secret
TEXT
cat > convert.js <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const { convertToDockerignore } = require("gitignore-to-dockerignore");

writeFileSync("root/.dockerignore", convertToDockerignore(readFileSync("root/.gitignore", "utf8")));
JS
cat > compare.py <<'PY'
import subprocess
from pathlib import Path

from docker.utils.build import exclude_paths

root = Path("root")
print(".dockerignore:", root.joinpath(".dockerignore").read_text().split())
kept = exclude_paths("root", root.joinpath(".dockerignore").read_text().split())
for path in sorted(each for each in root.rglob("*/*") if each.is_file() and ".git" not in each.parts):
    name = str(path.relative_to(root))
    ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd="root").returncode == 0
    print(f"{name}: {'ignored' if ignored else 'kept'} by Git, {'kept' if name in kept else 'excluded'} by Docker")
PY

seen=$(node convert.js && venv/bin/python compare.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
.dockerignore: ['.git/', '**/build/output', '**/docs/*.html', '**/data/**', '**/secret']
build/output: ignored by Git, excluded by Docker
data/table: ignored by Git, excluded by Docker
docs/page.html: ignored by Git, excluded by Docker
src/build/output: kept by Git, excluded by Docker
src/data/table: kept by Git, excluded by Docker
src/docs/page.html: kept by Git, excluded by Docker
src/secret: ignored by Git, excluded by Docker
TEXT
echo "as seen: files that Git keeps are excluded"
