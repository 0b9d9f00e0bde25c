#!/usr/bin/env bash
# kubernetes-resource-parser 0.1.0 (npm): the CPU usage that Kubernetes reports is read as a billion times as much, and
# sizes with a fraction as a few bytes.
#
# A Kubernetes quantity is a number, maybe with a fraction or an exponent ("e3"), and a suffix: n, u, m, k, M, G, T, P,
# E, or Ki to Ei (API reference, Quantity). The metrics API reports CPU in nanocores, "15263441n" for 0.015 cores. The
# API server writes values in its own form: a limit of 0.9Gi comes back as "966367641600m", in thousandths of bytes. The
# package is for "strings coming directly from the K8s API".
#
# It knows whole numbers with a suffix, and of CPU only "m". What it does not know goes to parseFloat or parseInt, which
# read the digits and drop the rest: "15263441n" is 15263441 cores, "1.5Gi" is one byte, "129e6" is 129. There is no
# error; thousandths of bytes are NaN.
#
# The right values are computed beside it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save kubernetes-resource-parser@0.1.0 > /dev/null

cat > parse.cjs <<'JS'
const { cpuParser, memoryParser } = require("kubernetes-resource-parser");

for (const [text, value] of [["250m", 0.25], ["15263441n", 15263441e-9], ["500u", 500e-6]])
  console.log(`cpu ${text}: ${cpuParser(text)}, is ${value}`);
for (const [text, value] of [
  ["128Mi", 128 * 1024 ** 2],
  ["1.5Gi", 1.5 * 1024 ** 3],
  ["0.5Ti", 0.5 * 1024 ** 4],
  ["129e6", 129e6],
  ["966367641600m", 966367641.6],
])
  console.log(`memory ${text}: ${memoryParser(text)}, is ${value}`);
JS

seen=$(node parse.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
cpu 250m: 0.25, is 0.25
cpu 15263441n: 15263441, is 0.015263441
cpu 500u: 500, is 0.0005
memory 128Mi: 134217728, is 134217728
memory 1.5Gi: 1, is 1610612736
memory 0.5Ti: 0, is 549755813888
memory 129e6: 129, is 129000000
memory 966367641600m: NaN, is 966367641.6
TEXT
echo "as seen: quantities lose their suffix or fraction"
