#!/usr/bin/env bash
# md2cast 0.4.0 (PyPI): of a bash block each line is run alone, in a new /bin/sh. Loops, here-documents, continued lines
# and variables do not work, and the screencast shows the errors. Text in backticks loses its stars.
#
# The package makes screencasts of Markdown documentation. "Execute commands for real output" is --execute; a block of
# bash is a script, where a command may have several lines, and variables and "cd" hold for what follows. The
# package's own theme has "shell": "/bin/bash". In CommonMark nothing is marked up inside a code span.
#
# * Loops and here-documents are cut at the ends of lines. A line that begins with "#" inside a here-document is taken
#   for a comment and not run.
# * The words of a continued line are run as a command of their own.
# * In a code span the text between two stars is read as emphasis: `*.o *.tmp` becomes ".o .tmp".
#
# The screen of pyavt 0.1.2 shows what the recording has; bash runs the same lines beside it.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check md2cast==0.4.0 pyavt==0.1.2

cat > demo.md <<'MARKDOWN'
Delete `*.o *.tmp` first.

```bash
for word in one two; do
  echo "a loop: $word"
done
cat <<END
a document
# with two lines
END
echo a continued \
  line
COLOUR=red
echo "a variable: $COLOUR"
cd /
echo "a folder: $PWD"
```
MARKDOWN

cat > show.py <<'PY'
import json
import subprocess

import avt

subprocess.run(["venv/bin/md2cast", "--execute", "demo.md", "-o", "demo.cast"], check=True, capture_output=True)
with open("demo.cast") as lines:
    header, *events = map(json.loads, lines)
screen = avt.Vt(header["width"], 100)
screen.feed_str("".join(data for _, code, data in events if code == "o"))
shown = [line.strip() for line in screen.text() if line.strip()]
print(shown[0])

with open("demo.md") as text:
    script = text.read().split("```bash\n")[1].split("```")[0]
for line in subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.splitlines():
    print(f"bash: {line}, in the recording: {'yes' if line in shown else 'no'}")
print(f"errors in the recording: {sum('not found' in line or 'Syntax error' in line for line in shown)}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
# Delete .o .tmp first.
bash: a loop: one, in the recording: no
bash: a loop: two, in the recording: no
bash: a document, in the recording: no
bash: # with two lines, in the recording: yes
bash: a continued line, in the recording: no
bash: a variable: red, in the recording: no
bash: a folder: /, in the recording: no
errors in the recording: 5
TEXT
echo "as seen: the recording has errors in place of the output"
