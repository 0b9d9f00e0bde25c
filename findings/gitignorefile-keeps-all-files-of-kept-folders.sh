#!/usr/bin/env bash
# gitignorefile 1.1.2 (PyPI): with "*", "!*/" and "!*.py", which is how to keep one kind of file, all files in folders
# are kept. Patterns with two asterisks beside a letter do nothing.
#
# The package is "a spec-compliant .gitignore parser". In gitignore(5) a pattern with a slash at its end "will only
# match directories"; "!" before it keeps the folder, so that patterns for its files are looked at. Two asterisks at
# another place than between slashes "are considered regular asterisks". A backslash before a "!" at the start is for
# names that begin with "!".
#
# * "!*/" also matches each file in a folder, at the part of its path that is the folder.
# * A pattern such as "cache**" works, one such as "**.log" or "a**b" does not. It is left out without a message.
# * The backslash of "\!" is a part of the name, the one of "\#" is not.
#
# git itself says what is meant.
#
# Seen with Python 3.11, git 2.39.5. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check gitignorefile==1.1.2

cat > match.py <<'PY'
import pathlib
import subprocess

import gitignorefile

FILES = ("main.py", "a.log", "!name", "#name", "src/main.py", "src/a.log", "src/sub/a.csv")
RULES = (
    ["*", "!*/", "!*.py"],
    ["*.log"],
    ["**.log"],
    ["s**c"],
    [r"\#name"],
    [r"\!name"],
)

root = pathlib.Path("repository").absolute()
subprocess.run(["git", "init", "-q", str(root)], check=True)
for name in FILES:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).touch()

for rules in RULES:
    (root / ".gitignore").write_text("\n".join(rules))
    command = ["git", "-C", str(root), "ls-files", "-oz", "--exclude-per-directory=.gitignore"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    kept = done.stdout.split("\0")
    print(f"{' '.join(rules)}, git: {[name for name in FILES if name not in kept]}")
    ignored = gitignorefile.ignored
    print(f"{' '.join(rules)}, gitignorefile: {[name for name in FILES if ignored(str(root / name))]}")
PY

seen=$(venv/bin/python match.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
* !*/ !*.py, git: ['a.log', '!name', '#name', 'src/a.log', 'src/sub/a.csv']
* !*/ !*.py, gitignorefile: ['a.log', '!name', '#name']
*.log, git: ['a.log', 'src/a.log']
*.log, gitignorefile: ['a.log', 'src/a.log']
**.log, git: ['a.log', 'src/a.log']
**.log, gitignorefile: []
s**c, git: ['src/main.py', 'src/a.log', 'src/sub/a.csv']
s**c, gitignorefile: []
\#name, git: ['#name']
\#name, gitignorefile: ['#name']
\!name, git: ['!name']
\!name, gitignorefile: []
TEXT
echo "as seen: files are kept that git ignores"
