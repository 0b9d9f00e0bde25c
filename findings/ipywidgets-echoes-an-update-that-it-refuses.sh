#!/usr/bin/env bash
# ipywidgets 8.1.9, traitlets 5.16.1: an update that the kernel refuses is echoed to all pages as if it had been taken,
# and nothing corrects them afterwards.
#
# Since version 8 the kernel repeats a page's update to all pages (echo_update), so that several views of a notebook
# show the state that the kernel has. One expects the echo of a refused update to carry the kept value, as a clamped
# value does: a slider with max 5 that is sent 50 gets an echo of 50, and at once an update to 5.
#
# The echo is sent before the values are validated. If validation raises, the whole update is undone in the kernel,
# valid traits of the same message too. No message takes the echo back, so all pages go on showing the refused values.
# Sending the kept value from Python does not help: it is no change, so no message follows.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ipywidgets==8.1.9 traitlets==5.16.1 comm==0.2.3

cat > echo.py <<'PY'
import comm
import ipywidgets
from comm.base_comm import BaseComm

sent = []


class Channel(BaseComm):
    """A comm that keeps what the kernel would send to the pages."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        if msg_type == "comm_msg":
            sent.append(f"{data['method']} {data['state']}")


comm.create_comm = Channel


def show(name, widget, state, traits):
    """Let `widget` handle the update `state` from a page, then print what was sent and what it keeps."""
    sent.clear()
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"comm_id": widget.model_id, "data": data}, "buffers": []})
    kept = {trait: getattr(widget, trait) for trait in traits}
    print(f"{name}: {'; '.join(sent)}; kernel has {kept}")


slider = ipywidgets.IntSlider(value=3, max=5)
show("clamped", slider, {"value": 50}, ["value"])

limits = ipywidgets.IntRangeSlider(value=(1, 2), max=5)
show("refused", limits, {"value": [4, 2]}, ["value"])
show("refused with a valid trait", limits, {"description": "page", "value": [4, 2]}, ["description", "value"])
sent.clear()
limits.value = (1, 2)
print(f"set again from Python: {'; '.join(sent) or 'nothing'}")
PY

seen=$(venv/bin/python echo.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
clamped: echo_update {'value': 50}; update {'value': 5}; kernel has {'value': 5}
refused: echo_update {'value': [4, 2]}; kernel has {'value': (1, 2)}
refused with a valid trait: echo_update {'description': 'page', 'value': [4, 2]}; kernel has {'description': '', 'value': (1, 2)}
set again from Python: nothing
TEXT
echo "as seen: pages are told a value that the kernel does not have"
