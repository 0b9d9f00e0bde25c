#!/usr/bin/env bash
# scriptcast 0.3.0 (PyPI): lines of output that begin with "+ " are typed as commands, a command is missing after output
# without a newline, and of a command with two lines the second one is output.
#
# The package records a shell script and makes a screencast in which the commands are typed and their output is shown.
# Output may be anything: in diff's unified form, added lines begin with a plus sign, also "+ text".
#
# * Commands are told from output by the "+ " that the shell writes in front of them with set -x, at the beginning of a
#   line. Output has the same stream.
# * After "printf text" the shell's "+ " is in the middle of a line, and is shown as output, with the command.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check scriptcast==0.3.0

cat > demo.sh <<'SCRIPT'
#!/usr/bin/env bash
: SC scene one
echo "+ added"
printf 'no newline'
echo next
printf '%s\n' 'two
lines'
SCRIPT

cat > show.py <<'PY'
import json
import subprocess

subprocess.run(["bash", "demo.sh"], check=True)
command = ["venv/bin/scriptcast", "--no-export", "demo.sh"]
subprocess.run(command, check=True, capture_output=True)
with open("demo.sc") as lines:
    for _, kind, text in map(json.loads, list(lines)[1:]):
        print(f"{kind}: {text!r}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
+ added
no newlinenext
two
lines
dir: 'scene one'
cmd: "echo '+ added'"
cmd: 'added'
cmd: "printf 'no newline'"
out: 'no newline+ echo next\r\n'
out: 'next\r\n'
cmd: "printf '%s\\n' 'two"
out: "lines'\r\n"
out: 'two\r\n'
out: 'lines\r\n'
TEXT
echo "as seen: output is typed, and commands are output"
