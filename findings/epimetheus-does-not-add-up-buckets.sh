#!/usr/bin/env bash
# epimetheus 0.4.0 (PyPI): each bucket of a histogram has the values since the bucket before alone, and the help of a
# metric is written for a metric that has the first word of the text as its name.
#
# The package is a "simplified prometheus client library". In the text format of Prometheus a bucket with the label le
# has the number of all values up to that limit, so no bucket is below the one before it, and the one for +Inf "must be
# identical to the value of x_count". A HELP line has the name of the metric before its text.
#
# * A value is counted in the first bucket that it fits into, and in no other; the numbers are written as they are. A
#   quantile that Prometheus computes from them is another one.
# * HELP is written without the name. Nothing is escaped in it.
#
# prometheus-client 0.23.1 reads what is written, and writes the same values.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check epimetheus==0.4.0 prometheus-client==0.23.1

cat > expose.py <<'PY'
import epimetheus
import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

VALUES = [0.1, 0.2, 0.7, 0.8, 0.9, 3]
BUCKETS = (0.25, 0.5, 1)

ours = epimetheus.Registry()
group = ours.histogram("wait_seconds", help="Time until an answer", buckets=BUCKETS)
other = prometheus_client.CollectorRegistry()
histogram = prometheus_client.Histogram("wait_seconds", "Time until an answer", registry=other, buckets=BUCKETS)
for value in VALUES:
    group.with_labels().observe(value)
    histogram.observe(value)

texts = {
    "epimetheus": "\n".join(ours.expose()) + "\n",
    "prometheus-client": prometheus_client.generate_latest(other).decode(),
}
for name, text in texts.items():
    for family in text_string_to_metric_families(text):
        if family.name == "wait_seconds":
            values = {sample.labels["le"]: sample.value for sample in family.samples if "le" in sample.labels}
            count = next(sample.value for sample in family.samples if sample.name.endswith("_count"))
            print(f"{name}: {family.name}, {family.documentation!r}, {values}, count {count}")
        else:
            print(f"{name}: {family.name}, {family.documentation!r}, {family.samples}")
PY

seen=$(venv/bin/python expose.py | grep -v created)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
epimetheus: Time, 'until an answer', []
epimetheus: wait_seconds, '', {'0.25': 2, '0.5': 0, '1': 3, '+Inf': 1}, count 6
prometheus-client: wait_seconds, 'Time until an answer', {'0.25': 2.0, '0.5': 2.0, '1.0': 5.0, '+Inf': 6.0}, count 6.0
TEXT
echo "as seen: buckets do not add up"
