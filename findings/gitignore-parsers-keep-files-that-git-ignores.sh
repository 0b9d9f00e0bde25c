#!/usr/bin/env bash
# gitignore-parser 0.0.2, dotignore 0.1.2 and ignore-file 1.1.3 (npm) keep files that Git ignores, and leave out files
# that Git keeps: "node_modules" is ignored in the first folder only, "**/secret" not there.
#
# gitignore(5): a pattern without a slash matches "at any level"; "**/foo" matches foo "anywhere, the same as pattern
# foo", and "a/**/b" matches a/b too. A pattern matches a whole name, and is no regular expression. What is below an
# ignored folder is ignored. There are no braces, and letters differ by their case.
#
# gitignore-parser is "a very simple .gitignore parser", dotignore takes what "should conform to the .gitignore
# specification", ignore-file one that is "similar to .gitignore". Programs use them to choose what goes into an
# archive, an image or an upload; with the first one, logs/a.log and web/node_modules go along.
#
# "git check-ignore" has Git's view.
#
# Seen with Git 2.39 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save gitignore-parser@0.0.2 dotignore@0.1.2 ignore-file@1.1.3 \
  > /dev/null

cat > ignore.cjs <<'JS'
const { spawnSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { createMatcher } = require("dotignore");
const { compile } = require("gitignore-parser");
const ignoreFile = require("ignore-file");

const parsers = {
  "gitignore-parser": (text) => compile(text).denies,
  dotignore: (text) => (path) => createMatcher(text).shouldIgnore(path),
  "ignore-file": (text) => ignoreFile.compile(text),
};

for (const [pattern, ...paths] of [
  ["*.log", "a.log", "logs/a.log", "a.logs"],
  ["node_modules", "node_modules/a.js", "web/node_modules/a.js", "node_modules.md"],
  ["**/secret", "secret", "config/secret"],
  ["a/**/b", "a/b", "a/x/b", "a/x/y/b"],
  ["/build", "build/main.js", "docs/build"],
  ["notes[0-9].txt", "notes1.txt", "notes.txt"],
  ["{a,b}", "{a,b}", "a"],
  ["Makefile", "Makefile", "makefile"],
]) {
  const root = mkdtempSync(join(process.cwd(), "root-"));
  spawnSync("git", ["init", "-q", root]);
  writeFileSync(join(root, ".gitignore"), `${pattern}\n`);
  console.log(pattern);
  for (const path of paths) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), "");
    const git = spawnSync("git", ["-C", root, "check-ignore", "-q", path]).status === 0;
    const others = Object.entries(parsers).filter(([, parser]) => Boolean(parser(`${pattern}\n`)(path)) !== git);
    const names = others.map(([name]) => name).join(", ") || "nobody";
    console.log(`  ${path}: git ${git ? "ignores" : "keeps"} it, otherwise ${names}`);
  }
}
JS

seen=$(node ignore.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
*.log
  a.log: git ignores it, otherwise nobody
  logs/a.log: git ignores it, otherwise gitignore-parser
  a.logs: git keeps it, otherwise gitignore-parser
node_modules
  node_modules/a.js: git ignores it, otherwise nobody
  web/node_modules/a.js: git ignores it, otherwise gitignore-parser
  node_modules.md: git keeps it, otherwise gitignore-parser
**/secret
  secret: git ignores it, otherwise gitignore-parser, dotignore, ignore-file
  config/secret: git ignores it, otherwise nobody
a/**/b
  a/b: git ignores it, otherwise gitignore-parser, dotignore, ignore-file
  a/x/b: git ignores it, otherwise nobody
  a/x/y/b: git ignores it, otherwise nobody
/build
  build/main.js: git ignores it, otherwise dotignore, ignore-file
  docs/build: git keeps it, otherwise nobody
notes[0-9].txt
  notes1.txt: git ignores it, otherwise gitignore-parser
  notes.txt: git keeps it, otherwise nobody
{a,b}
  {a,b}: git ignores it, otherwise dotignore, ignore-file
  a: git keeps it, otherwise dotignore, ignore-file
Makefile
  Makefile: git ignores it, otherwise nobody
  makefile: git keeps it, otherwise ignore-file
TEXT
echo "as seen: other files are ignored"
