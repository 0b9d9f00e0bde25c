#!/usr/bin/env bash
# dockerfile-ast 0.7.1 (npm): getJSONStrings() gives the strings of CMD, ENTRYPOINT, RUN and COPY without their spaces.
#
# Docker's reference says of the exec form that "it is parsed as a JSON array". ["sh", "-c", "rm -f a b"] has three
# strings, the last one with spaces. The package "provides full programmatic access to a parsed Dockerfile":
# getJSONStrings() of an instruction, and getJSONValue() of each string.
#
# While it reads a string, the package leaves out spaces and tabs, as it does between the strings. A command is another
# one: "rm -f a b" reads "rm-fab". Two file names of COPY that differ in a space are the same. Escapes are wrong as
# well: of \u0041 and \/ only what stands behind \u is left, or nothing. Neither "," nor "]" inside a string does harm,
# and the range of each string in the file is right, so that the text can be found there.
#
# JSON.parse, for which each array here is valid, is shown beside it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dockerfile-ast@0.7.1 > /dev/null

cat > Dockerfile <<'DOCKERFILE'
FROM busybox
COPY ["notes 1.txt", "notes1.txt", "/srv/"]
RUN ["sh", "-c", "rm -f a b"]
ENTRYPOINT ["echo", "a, [b]", "c\\d"]
CMD ["\u0041B", "\/etc"]
DOCKERFILE
cat > strings.cjs <<'JS'
const text = require("fs").readFileSync("Dockerfile", "utf-8");
const { DockerfileParser } = require("dockerfile-ast");

for (const instruction of DockerfileParser.parse(text).getInstructions()) {
  if (instruction.getKeyword() === "FROM") continue;
  const values = instruction.getJSONStrings().map((string) => string.getJSONValue());
  console.log(instruction.getKeyword());
  console.log(`  dockerfile-ast ${JSON.stringify(values)}`);
  console.log(`  JSON           ${JSON.stringify(JSON.parse(instruction.getRawArgumentsContent()))}`);
}
JS

seen=$(node strings.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
COPY
  dockerfile-ast ["notes1.txt","notes1.txt","/srv/"]
  JSON           ["notes 1.txt","notes1.txt","/srv/"]
RUN
  dockerfile-ast ["sh","-c","rm-fab"]
  JSON           ["sh","-c","rm -f a b"]
ENTRYPOINT
  dockerfile-ast ["echo","a,[b]","c\\d"]
  JSON           ["echo","a, [b]","c\\d"]
CMD
  dockerfile-ast ["0041B","etc"]
  JSON           ["AB","/etc"]
TEXT
echo "as seen: spaces inside JSON strings are lost"
