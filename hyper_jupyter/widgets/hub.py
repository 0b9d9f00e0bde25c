"""The bundle, and the hub: one widget per kernel that carries it; all others carry a stub.

Layer: widgets. Any thread; messages of the page are only passed on, to the publisher. Only front
ends without our extension get a hub (``front_end``), so anywidget is imported when the hub is made.

anywidget sends its module with every widget. With one bundle per attached cell, a notebook would
grow by 400 kB per cell. The stub (under 1 KB) waits for the bundle at a global symbol that is
named after the bundle's hash, keeps the messages that arrive meanwhile, and hands them over. The
order in which the page makes the widgets does not matter.

The bundle's text is the core of the page's code. The second modules (``js/second.mjs``) have a
trait each, which is empty until a widget of this kernel needs the module, or a page asks for it. It
is a trait so that the module is saved with the widgets' state: a saved player has no kernel to ask.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import traitlets

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session import runtime
from hyper_jupyter.widgets.front_end import PATIENCE
from hyper_jupyter.widgets.kernel import keep_route, note_subshell

__all__ = ["Bundle", "bundle", "hub", "provide"]

_STATIC: Final = Path(__file__).parent.parent / "static"

_STUB: Final = """\
const key = Symbol.for("hyper_jupyter:KEY");
const slot = (globalThis[key] ??= (() => {
  let resolve;
  const promise = new Promise((settle) => { resolve = settle; });
  return { promise, resolve };
})());
export default {
  initialize({ model }) {
    const early = [];
    const keep = (...message) => { early.push(message); };
    model.on("msg:custom", keep);
    let end, ended = false;
    slot.promise.then((bundle) => {
      model.off("msg:custom", keep);
      if (!ended) end = bundle.initialize(model, early);
    });
    return () => { ended = true; end?.(); };
  },
  async render({ model, el }) {
    const late = setTimeout(() => { el.textContent = "LATE"; }, PATIENCE);
    const bundle = await slot.promise;
    clearTimeout(late);
    el.textContent = "";
    return bundle.render(model, el);
  },
};
"""


_LATE: Final = (
    "The kernel has not sent hyper_jupyter's code. Run the cell again. If that does not help, this "
    "front end makes no hidden widgets: use JupyterLab, Notebook, nbclassic or Voilà."
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The built front end.

    Attributes:
        code: the module's text.
        hash: identifies exactly this text.
        key: where this kernel's widgets find it on the page. It is not known before the kernel
            starts, so a script that came with another notebook cannot put its own code there.
        stub: the module of every other widget.
        second: the texts of the second modules, by name. They are read together with the core, so
            that an installation meanwhile cannot mix them.
    """

    code: str
    hash: str
    key: str
    stub: str
    second: Mapping[str, str]


@functools.cache
def bundle() -> Bundle:
    """Read the built front end.

    Raises:
        HyperJupyterError: it is not built, in a checkout.
    """
    path = _STATIC / "index.js"
    try:
        code = path.read_text("utf-8")
        files = sorted((_STATIC / "second").glob("*.js"))
        second = {file.stem: file.read_text("utf-8") for file in files}
    except FileNotFoundError:
        raise HyperJupyterError(
            "the front end is not built", hint="Run npm ci and npm run build in js/."
        ) from None
    name = hashlib.sha256(code.encode()).hexdigest()[:16]
    key = f"{name}:{secrets.token_hex(16)}"
    stub = _STUB
    values = {"KEY": key, "LATE": _LATE, "PATIENCE": f"{PATIENCE * 1000:.0f}"}
    for word, value in values.items():
        stub = stub.replace(word, value)
    return Bundle(code, name, key, stub, second)


@functools.cache
def _hub_class() -> Any:
    import anywidget

    class Hub(anywidget.AnyWidget):
        """Carries the bundle. It is never displayed."""

        _esm = traitlets.Unicode().tag(sync=True)
        part = traitlets.Unicode("hub", read_only=True).tag(sync=True)
        bundle = traitlets.Unicode().tag(sync=True)
        key = traitlets.Unicode().tag(sync=True)

    own = {_trait(name): traitlets.Unicode().tag(sync=True) for name in bundle().second}
    return type(Hub.__name__, (Hub,), {"__module__": __name__, **own})


def _trait(name: str) -> str:
    """Return the name of a second module's trait; ``parts/sources.ts`` has the same."""
    return f"second_{name}"


_lock = threading.Lock()
_hub: Any = None


def hub() -> Any:
    """Return the kernel's hub. It is made on first use, and again if it was closed."""
    global _hub
    with _lock:
        if _hub is None or _hub.comm is None:
            built = bundle()
            _hub = _hub_class()(_esm=built.code, bundle=built.hash, key=built.key)
            keep_route(_hub.comm)
            _hub.on_msg(_receive)
        return _hub


def provide(name: str) -> None:
    """Give pages a second module; they have it before the next widget is made. Any thread."""
    found = hub()
    with _lock:
        setattr(found, _trait(name), bundle().second[name])


def _receive(widget: Any, message: object, _buffers: object) -> None:
    """Take a page's request. The thread of the cells, or a subshell's thread."""
    note_subshell()
    name = message.get("name") if isinstance(message, dict) else None
    if isinstance(name, str) and name in bundle().second:
        runtime().publisher.submit(lambda: _answer(widget, name))


def _answer(widget: Any, name: str) -> None:
    """Send a second module, also where the page missed it before. Publisher only."""
    if widget.comm is None:
        return  # it was closed
    trait, code = _trait(name), bundle().second[name]
    if getattr(widget, trait) == code:
        widget.send_state(trait)
    else:
        setattr(widget, trait, code)
