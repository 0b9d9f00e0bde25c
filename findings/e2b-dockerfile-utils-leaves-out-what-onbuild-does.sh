#!/usr/bin/env bash
# e2b-dockerfile-utils 0.1.1 (PyPI): ONBUILD has no arguments, its here-document is taken for instructions, and a dollar
# sign that is quoted cannot be told from a variable.
#
# The package is "ported from BuildKit" and "splits and unquotes words the way BuildKit does, preserving $VAR /
# ${VAR:-default} references for later expansion". Docker's reference: ONBUILD keeps an instruction for a later build.
# In BuildKit a here-document may follow it as well. '$NAME' and \$NAME are the text itself, and are not expanded.
#
# * Of ONBUILD neither the instruction nor its flags are in args and flags; only the text of the line is left.
# * The words of '$NAME' and \$NAME are those of $NAME, unless quotes are kept as a whole (raw_quotes, raw_escapes).
# * A reference with a space in its default is cut in two, neither of which can be expanded.
#
# dockerfile 3.4.0 (PyPI), which has the parser of BuildKit, reads ONBUILD.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check e2b-dockerfile-utils==0.1.1 dockerfile==3.4.0

cat > parse.py <<'PY'
import dockerfile
from e2b_dockerfile_utils import DockerfileSyntaxError, ShellLex, parse_dockerfile_ast

ONBUILD = "FROM debian:12\nONBUILD COPY --chown=app . /src\n"
DOCUMENT = "FROM debian:12\nONBUILD RUN <<EOF\nmake\nEOF\n"

found = parse_dockerfile_ast(ONBUILD).instructions[1]
print(f"e2b: {found.name} {found.args} {found.flags}")
found = dockerfile.parse_string(ONBUILD)[1]
print(f"dockerfile: {found.cmd} {found.sub_cmd} {list(found.value)}")
try:
    print(parse_dockerfile_ast(DOCUMENT).instructions[1])
except DockerfileSyntaxError as error:
    print(f"e2b: {error}")

words = ShellLex("\\")
for text in ("$NAME", "'$NAME'", r"\$NAME", "${NAME:-one two}"):
    print(f"{text}: {words.process_words(text)}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
e2b: ONBUILD [] []
dockerfile: ONBUILD COPY ['.', '/src']
e2b: Dockerfile parse error on line 3: unknown instruction: make
$NAME: ['$NAME']
'$NAME': ['$NAME']
\$NAME: ['$NAME']
${NAME:-one two}: ['${NAME:-one', 'two}']
TEXT
echo "as seen: instructions and quotes are lost"
