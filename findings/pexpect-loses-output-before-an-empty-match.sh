#!/usr/bin/env bash
# pexpect 4.9.0: expect() loses all output before a match that is empty and at the end of what has arrived.
#
# pexpect says of the attributes after a match: "before" and "after" are "views of the data preceding and following the
# matching pattern". What was not matched stays in the buffer for the next call. Together nothing is lost.
#
# An expression can match no text at a place. A lookbehind is such an expression: (?<=\$ ) means "where a prompt has
# just ended". It matches at the end of the output, where a prompt is. "before" is then the empty string, not the
# output with the prompt, and the output is in no later "before" either. The cause is the slice [0:-n], which is empty
# for n = 0. The same expression in the middle of the output gives the right "before".
#
# The child sends each piece only when it is asked for one, so nothing here depends on time.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pexpect==4.9.0

cat > child.py <<'PY'
import sys

for piece in ("one two $ ", "three $ four"):
    sys.stdin.readline()
    sys.stdout.write(piece)
    sys.stdout.flush()
PY

cat > before.py <<'PY'
import sys

import pexpect


def show(name, pattern):
    child = pexpect.spawn(sys.executable, ["child.py"], encoding="utf-8", timeout=60, echo=False)
    parts = []
    for _ in range(2):
        child.sendline()
        child.expect(pattern)
        parts.append((child.before, child.after))
    child.expect(pexpect.EOF)
    print(f"{name}: {parts}, then {child.before!r}")


show("the prompt", r"\$ ")
show("after the prompt", r"(?<=\$ )")
PY

seen=$(venv/bin/python before.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
the prompt: [('one two ', '$ '), ('three ', '$ ')], then 'four'
after the prompt: [('', ''), ('three $ ', '')], then 'four'
TEXT
echo "as seen: the output before an empty match at the end is lost"
