#!/usr/bin/env bash
# aioprometheus 23.12.0 (PyPI): with a quote, a backslash or a line end in the value of one label the page of metrics
# cannot be read, or has another value.
#
# The package writes the text format of Prometheus, in which a backslash, a double quote and a line feed in the value of
# a label "have to be escaped", and a backslash and a line feed in HELP. Prometheus drops a whole page if one line is
# wrong, so one label with the message of an error ends all metrics of a process.
#
# * Values and texts are written as they are.
#
# prometheus-client 0.23.1 reads what is written.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check aioprometheus==23.12.0 prometheus-client==0.23.1

cat > expose.py <<'PY'
import aioprometheus
from aioprometheus.formats import text
from prometheus_client.parser import text_string_to_metric_families


def read(page):
    try:
        return [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        ]
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


for value in ("plain", r"C:\new", 'say "hi"', "two\nlines"):
    registry = aioprometheus.Registry()
    counter = aioprometheus.Counter("runs", "Number of runs", registry=registry)
    counter.inc({"name": value})
    page = text.TextFormatter().marshall(registry).decode()
    print(f"{value!r}: {read(page)}")

registry = aioprometheus.Registry()
aioprometheus.Counter("runs", "Number of runs\nof a job", registry=registry).inc({})
print(f"help: {read(text.TextFormatter().marshall(registry).decode())}")
PY

seen=$(venv/bin/python expose.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
'plain': [('runs_total', {'name': 'plain'}, 1)]
'C:\\new': [('runs_total', {'name': 'C:\new'}, 1)]
'say "hi"': ValueError: Invalid labels: name="say "hi""
'two\nlines': ValueError: could not convert string to float: '{name="two'
help: ValueError: could not convert string to float: 'a'
TEXT
echo "as seen: labels are others, or the page cannot be read"
