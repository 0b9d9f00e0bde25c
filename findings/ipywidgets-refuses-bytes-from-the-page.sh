#!/usr/bin/env bash
# ipywidgets 8.1.9 and anywidget 0.11.0, with traitlets 5.16.1 and ipykernel 7.4.0: a synced Bytes trait cannot be
# set by the page.
#
# A Bytes trait goes to the page as a binary buffer and arrives there as a DataView. When the page sets the same
# trait to a DataView, the widget's protocol brings it back as a binary buffer, in an update of the same form. One
# expects that it works in both directions, as for Int or Unicode.
#
# The kernel hands the buffers of a message to the widget as memoryview. traitlets' Bytes accepts nothing but bytes
# and raises TraitError; the trait keeps its old value. The error goes to the kernel's log and to an "error" message
# that belongs to no cell. Meanwhile the update has been echoed to all pages, so they hold the new bytes. An Any
# trait takes the same update, as memoryview.
#
# The messages below go through a real kernel. Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder IPYTHONDIR=$folder/ipython
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ipywidgets==8.1.9 anywidget==0.11.0 traitlets==5.16.1 \
  ipykernel==7.4.0 jupyter_client==8.10.0

cat > page.py <<'PY'
"""Play the page: send updates to widgets in a kernel, and print what the kernel answers and keeps."""

from jupyter_client.manager import start_new_kernel

SETUP = """
import anywidget, ipywidgets, traitlets

def traits():
    return {
        "data": traitlets.Bytes(b"kernel").tag(sync=True),
        "free": traitlets.Any(b"kernel").tag(sync=True),
        "text": traitlets.Unicode("kernel").tag(sync=True),
    }

Plain = type("Plain", (ipywidgets.DOMWidget,), traits())
Any = type("Any", (anywidget.AnyWidget,), {"_esm": "export default {}", **traits()})
widgets = {"ipywidgets": Plain(), "anywidget": Any()}
"""
manager, client = start_new_kernel(kernel_name="python3")


def run(code):
    printed = []

    def keep(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    client.execute_interactive(code, output_hook=keep, timeout=60)
    return "".join(printed).strip()


def update(model, state, paths, buffers):
    data = {"method": "update", "state": state, "buffer_paths": paths}
    message = client.session.msg("comm_msg", {"comm_id": model, "data": data})
    client.session.send(client.shell_channel.socket, message, buffers=buffers)
    answers = []
    while True:
        answer = client.get_iopub_msg(timeout=60)
        if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "comm_msg":
            answers.append(content["data"]["method"])
        elif kind == "error":
            answers.append(content["ename"])
        elif kind == "status" and content["execution_state"] == "idle":
            return ", ".join(answers)


try:
    run(SETUP)
    for package in ("ipywidgets", "anywidget"):
        model = run(f"print(widgets[{package!r}].model_id)")
        for name, state, paths, buffers in (
            ("text", {"text": "page"}, [], []),
            ("data", {}, [["data"]], [b"page"]),
            ("free", {}, [["free"]], [b"page"]),
        ):
            answers = update(model, state, paths, buffers)
            value = run(
                f"v = widgets[{package!r}].{name}\n"
                "print(type(v).__name__, v if isinstance(v, str) else bytes(v))"
            )
            print(f"{package} {name}: {answers}; kernel has {value}")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
PY

seen=$(venv/bin/python page.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
ipywidgets text: echo_update; kernel has str page
ipywidgets data: echo_update, TraitError; kernel has bytes b'kernel'
ipywidgets free: echo_update; kernel has memoryview b'page'
anywidget text: echo_update; kernel has str page
anywidget data: echo_update, TraitError; kernel has bytes b'kernel'
anywidget free: echo_update; kernel has memoryview b'page'
TEXT
echo "as seen: a Bytes trait refuses what the page sends, after all pages were told to take it"
