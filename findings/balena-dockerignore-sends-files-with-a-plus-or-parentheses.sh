#!/usr/bin/env bash
# @balena/dockerignore 1.0.2 (npm): a file that .dockerignore names is not excluded if its name has "+" or parentheses,
# and another file is excluded instead.
#
# Docker's reference says that .dockerignore patterns follow Go's filepath.Match, where only * ? [ ] and \ are special.
# The package calls itself "fully compatible with Docker". testcontainers 12 and aws-cdk-lib use it to choose the files
# of a build. Names with these characters are common: lost+found, SvelteKit's src/routes/+page.js, "report (2).pdf".
#
# The package makes a regular expression of a pattern and escapes "." and "$" alone. "+" then means "once or more", and
# parentheses are a group. src/+page.js lets src/+page.js through and excludes src/page.js; "report (2).pdf" excludes
# "report 2.pdf". There is no message: what was to stay out is in the image, and files that the build needs are missing.
#
# Docker's command line 28.2.2, with its classic builder, excluded exactly the files that e2b-dockerfile-utils 0.1.1, a
# port of Docker's matcher, excludes here.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @balena/dockerignore@1.0.2 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check e2b-dockerfile-utils==0.1.1

cat > files.json <<'JSON'
{"lost+found": ["lost+found/1", "lostfound/1"], "src/+page.js": ["src/+page.js", "src/page.js"],
 "a+b.txt": ["a+b.txt", "ab.txt", "aab.txt"], "report (2).pdf": ["report (2).pdf", "report 2.pdf"],
 "a.b$": ["a.b$", "aab"]}
JSON
cat > ignore.cjs <<'JS'
const ignore = require("@balena/dockerignore");

for (const [pattern, files] of Object.entries(require("./files.json"))) {
  const filter = (ignore.default ?? ignore)().add(pattern);
  const excluded = files.filter((file) => filter.ignores(file));
  console.log(`${pattern} | @balena/dockerignore excludes ${JSON.stringify(excluded)}`);
}
JS
cat > ignore.py <<'PY'
import json

from e2b_dockerfile_utils.dockerignore import PatternMatcher

for pattern, files in json.load(open("files.json")).items():
    matcher = PatternMatcher([pattern])
    excluded = [file for file in files if matcher.matches(file)]
    print(f"{pattern} | Docker excludes {json.dumps(excluded, separators=(',', ':'))}")
PY

seen=$( (node ignore.cjs; venv/bin/python ignore.py) | LC_ALL=C sort -s -t'|' -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
a+b.txt | @balena/dockerignore excludes ["ab.txt","aab.txt"]
a+b.txt | Docker excludes ["a+b.txt"]
a.b$ | @balena/dockerignore excludes ["a.b$"]
a.b$ | Docker excludes ["a.b$"]
lost+found | @balena/dockerignore excludes ["lostfound/1"]
lost+found | Docker excludes ["lost+found/1"]
report (2).pdf | @balena/dockerignore excludes ["report 2.pdf"]
report (2).pdf | Docker excludes ["report (2).pdf"]
src/+page.js | @balena/dockerignore excludes ["src/page.js"]
src/+page.js | Docker excludes ["src/+page.js"]
TEXT
echo "as seen: other files are excluded"
