#!/usr/bin/env bash
# nbclient 0.11.0 with ipywidgets 8.1.9: an executed notebook is saved with binary values that its widgets no longer
# have.
#
# Binary values of a widget go to the page as buffers: the message has the rest of the state, and a path for each
# buffer. A saved notebook has the same in its widget state. A page that opens it puts each buffer at its path. So the
# buffers of a saved state are to be those of the widget's last values, as they are in Widget.get_manager_state().
#
# nbclient collects the buffers of all messages by path, and never removes one. A Bytes trait that is set to None keeps
# its old content, and a list keeps the entries that it had when it was longer. The state beside it is right (None, one
# entry), but a page restores the buffers over it: a picture that was taken away is back, and a list is longer than
# it was. The old data is in the file too, although the notebook has replaced it.
#
# Seen with Python 3.11, ipykernel 7.4.0 and traitlets 5.16.1. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbclient==0.11.0 ipywidgets==8.1.9 ipykernel==7.4.0 \
  traitlets==5.16.1
export JUPYTER_PATH="$folder/venv/share/jupyter" IPYTHONDIR="$folder/ipython" JUPYTER_RUNTIME_DIR="$folder/runtime"

cat > save.py <<'PY'
import base64

import nbformat
from nbclient import NotebookClient

CELLS = (
    """
import base64
from ipywidgets import Widget
from traitlets import Bytes, List, Unicode

class Album(Widget):
    _model_name = Unicode("AlbumModel").tag(sync=True)
    cover = Bytes(None, allow_none=True).tag(sync=True)
    pages = List().tag(sync=True)

album = Album(cover=b"old cover", pages=[b"one", b"two", b"three"])
""",
    'album.cover = None; album.pages = [b"new"]',
    """
state = Widget.get_manager_state()["state"][album.model_id]
print([(each["path"], base64.b64decode(each["data"])) for each in state["buffers"]])
""",
)
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
NotebookClient(notebook, kernel_name="python3").execute()
print("get_manager_state():", notebook.cells[-1].outputs[0].text.strip())

states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
saved = next(each for each in states if each["model_name"] == "AlbumModel")
print("saved state: cover", saved["state"]["cover"], "and", len(saved["state"]["pages"]), "page")
print("saved buffers:", [(each["path"], base64.b64decode(each["data"])) for each in saved["buffers"]])
PY

seen=$(venv/bin/python save.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
get_manager_state(): [(['pages', 0], b'new')]
saved state: cover None and 1 page
saved buffers: [(['cover'], b'old cover'), (['pages', 0], b'new'), (['pages', 1], b'two'), (['pages', 2], b'three')]
TEXT
echo "as seen: the notebook keeps buffers that the widget has dropped"
