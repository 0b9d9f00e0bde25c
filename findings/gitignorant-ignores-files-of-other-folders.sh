#!/usr/bin/env bash
# gitignorant 0.4.0 (PyPI): "docs/a.txt" also ignores src/docs/a.txt, and "[!a].txt" ignores a.txt alone.
#
# The package "aspires to be a spec-compliant .gitignore file parser and matcher", with "the same semantics as Git". In
# gitignore(5) a slash at the beginning or in the middle ties a pattern to the folder of the .gitignore file, for files
# and for folders. "[!a]" is any character but "a", as in fnmatch(3). A backslash takes the meaning from the next
# character.
#
# * With a slash in the middle a file may be in any folder; for a folder as the path the pattern is tied.
# * "!" and "^" in brackets are characters like the others.
# * A backslash is a part of the name.
#
# git itself says what is meant.
#
# Seen with Python 3.11, git 2.39.5. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check gitignorant==0.4.0

cat > match.py <<'PY'
import pathlib
import subprocess

import gitignorant

FILES = ("a.txt", "b.txt", "#name", "docs/a.txt", "docs/b.txt", "src/docs/a.txt", "src/docs/b.txt")
RULES = ("docs/a.txt", "docs/*.txt", "docs/**", "/docs/a.txt", "[!a].txt", "[ab].txt", r"\#name", r"docs/\a.txt")

root = pathlib.Path("repository").absolute()
subprocess.run(["git", "init", "-q", str(root)], check=True)
for name in FILES:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).touch()

for rule in RULES:
    (root / ".gitignore").write_text(rule)
    command = ["git", "-C", str(root), "ls-files", "-oz", "--exclude-per-directory=.gitignore"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    kept = done.stdout.split("\0")
    print(f"{rule}, git: {[name for name in FILES if name not in kept]}")
    rules = list(gitignorant.parse_gitignore_file([rule]))
    print(f"{rule}, gitignorant: {[name for name in FILES if gitignorant.check_path_match(rules, name)]}")
PY

seen=$(venv/bin/python match.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
docs/a.txt, git: ['docs/a.txt']
docs/a.txt, gitignorant: ['docs/a.txt', 'src/docs/a.txt']
docs/*.txt, git: ['docs/a.txt', 'docs/b.txt']
docs/*.txt, gitignorant: ['docs/a.txt', 'docs/b.txt', 'src/docs/a.txt', 'src/docs/b.txt']
docs/**, git: ['docs/a.txt', 'docs/b.txt']
docs/**, gitignorant: ['docs/a.txt', 'docs/b.txt', 'src/docs/a.txt', 'src/docs/b.txt']
/docs/a.txt, git: ['docs/a.txt']
/docs/a.txt, gitignorant: ['docs/a.txt']
[!a].txt, git: ['b.txt', 'docs/b.txt', 'src/docs/b.txt']
[!a].txt, gitignorant: ['a.txt', 'docs/a.txt', 'src/docs/a.txt']
[ab].txt, git: ['a.txt', 'b.txt', 'docs/a.txt', 'docs/b.txt', 'src/docs/a.txt', 'src/docs/b.txt']
[ab].txt, gitignorant: ['a.txt', 'b.txt', 'docs/a.txt', 'docs/b.txt', 'src/docs/a.txt', 'src/docs/b.txt']
\#name, git: ['#name']
\#name, gitignorant: []
docs/\a.txt, git: ['docs/a.txt']
docs/\a.txt, gitignorant: []
TEXT
echo "as seen: other files are ignored"
