#!/usr/bin/env bash
# prom2javascript 0.2.0 (npm): in C:\new the backslash and the n become a line feed, and one value NaN, or one label
# that ends with a backslash, fails all metrics of a scrape.
#
# Prometheus, text format: a label value has \\ for a backslash, \" for a quote and \n for a line feed; a value is "a
# float represented as required by Go's ParseFloat()", where "NaN, +Inf, and -Inf are valid values". Metric names may
# have colons. A summary without observations has NaN for its quantiles. The package is "to convert Prometheus metrics
# from text to JavaScript".
#
# * \\ is replaced before \n, so \\n, a backslash and an n, is read as a line feed in the second step.
# * \\" is taken for a backslash and an escaped quote: the value does not end there.
# * NaN, -Inf and names with a colon are refused.
#
# prometheus_client 0.22.1 (PyPI), the client for Python, writes the text and reads it back.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save prom2javascript@0.2.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check prometheus_client==0.22.1

cat > write.py <<'PY'
import json

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families as read

cases = []
for name, label, value in (
    ("used", "/data", 1),
    ("used", 'the "data"', 1),
    ("used", "C:\\data", 1),
    ("used", "C:\\new", 1),
    ("used", "C:\\", 1),
    ("used", "/data", float("nan")),
    ("used", "/data", float("-inf")),
    ("job:used", "/data", 1),
):
    registry = CollectorRegistry()
    gauge = Gauge(name, "Bytes.", ["path"], registry=registry)
    gauge.labels(label).set(value)
    text = generate_latest(registry).decode()
    cases.append(text)
    (sample,) = next(iter(read(text))).samples
    print(f"{len(cases)} {sample.name} {json.dumps(sample.labels['path'])}: {sample.value}")
json.dump(cases, open("cases.json", "w"))
PY
cat > read.cjs <<'JS'
const { getMetricsFromIterator } = require("prom2javascript");

(async () => {
  for (const [index, text] of require("./cases.json").entries()) {
    let answer;
    try {
      const metrics = await getMetricsFromIterator(text.split("\n").values());
      const [[name, { data }]] = Object.entries(metrics);
      answer = `${name} ${JSON.stringify(data[0].labels.path)}: ${data[0].value}`;
    } catch (error) {
      answer = error.message;
    }
    console.log(`${index + 1}  prom2javascript: ${answer}`);
  }
})();
JS

seen=$( (venv/bin/python write.py; node read.cjs) | LC_ALL=C sort -s -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
1 used "/data": 1.0
1  prom2javascript: used "/data": 1
2 used "the \"data\"": 1.0
2  prom2javascript: used "the \"data\"": 1
3 used "C:\\data": 1.0
3  prom2javascript: used "C:\\data": 1
4 used "C:\\new": 1.0
4  prom2javascript: used "C:\new": 1
5 used "C:\\": 1.0
5  prom2javascript: Cannot parse Prometheus label {path="C:\\"}
6 used "/data": nan
6  prom2javascript: Unable to parse metric [used{path="/data"} NaN]
7 used "/data": -inf
7  prom2javascript: Unable to parse metric [used{path="/data"} -Inf]
8 job:used "/data": 1.0
8  prom2javascript: Unable to parse metric [job:used{path="/data"} 1.0]
TEXT
echo "as seen: paths are others, and valid values are refused"
