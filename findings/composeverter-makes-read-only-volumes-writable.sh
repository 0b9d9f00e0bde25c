#!/usr/bin/env bash
# composeverter 1.7.5 (npm): with expandVolumes, a volume that is read-only becomes a writable one, other options become
# a part of its path, and the mode 0440 of a config becomes 440.
#
# The Compose specification has volumes in a short form, SOURCE:TARGET:MODE, and in a long one. There "ro" is
# "read_only: true"; "nocopy" is an option for volumes, which keeps the data of the image out of a new one. MODE is a
# list with commas. The mode of a config is "in octal notation", and the specification's example is 0440. The package
# converts Compose files; expandVolumes is to write "long volume syntax".
#
# * "ro" is written as "nocopy: true", also for a folder of the host, for which there is no such option. The container
#   can write where it could only read, and a new volume does not get the files of the image.
# * "nocopy", "cached", "rslave" and the list "ro,rslave" stay at the end of the path: the volume is mounted at
#   "/data:nocopy".
# * 0440 is read as a decimal number and written as 440, which is 0670 in octal notation. This does not need
#   expandVolumes.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save composeverter@1.7.5 yaml@2.8.1 > /dev/null

cat > compose.yaml <<'YAML'
name: example
services:
  web:
    image: nginx
    volumes:
      - data:/data
      - data:/data:ro
      - ./conf:/etc/nginx:ro
      - data:/data:nocopy
      - ./conf:/etc/nginx:cached
      - ./conf:/etc/nginx:ro,rslave
    configs:
      - source: site
        target: /site
        mode: 0440
volumes:
  data: {}
configs:
  site:
    file: ./site
YAML
cat > convert.js <<'JS'
const { readFileSync } = require("node:fs");
const { migrateToCommonSpec } = require("composeverter");
const { parse } = require("yaml");

const before = readFileSync("compose.yaml", "utf8");
const after = parse(migrateToCommonSpec(before, { expandVolumes: true })).services.web;
parse(before).services.web.volumes.forEach((volume, i) => {
  const { type, source, target, ...rest } = after.volumes[i];
  console.log(`${volume} -> ${type} of ${source} at ${target} ${JSON.stringify(rest)}`);
});
const [line] = migrateToCommonSpec(before).match(/mode:.*/);
console.log(`mode: 0440 -> ${line}`);
JS

seen=$(node convert.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
data:/data -> volume of data at /data {}
data:/data:ro -> volume of data at /data {"volume":{"nocopy":true}}
./conf:/etc/nginx:ro -> bind of ./conf at /etc/nginx {"volume":{"nocopy":true}}
data:/data:nocopy -> volume of data at /data:nocopy {}
./conf:/etc/nginx:cached -> bind of ./conf at /etc/nginx:cached {}
./conf:/etc/nginx:ro,rslave -> bind of ./conf at /etc/nginx:ro,rslave {}
mode: 0440 -> mode: 440
TEXT
echo "as seen: the read-only volumes are writable"
