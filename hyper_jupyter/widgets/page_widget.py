"""The base of all our widgets: one widget, in whatever form its pages can show it.

Layer: widgets. Made in the user's thread; opened again by the publisher. ``front_end`` decides
which form, and says what the forms are.

Opening a widget again gives it a new comm, so its model on the page is another one, and the boxes
that it is in are brought up to date. It is never an output by itself: a page that was reloaded
cannot find its outputs by name, Voilà cannot either, and JupyterLab hides one whose widget closes.
So its outputs show a frame, a box of ipywidgets with this one child.
"""

from __future__ import annotations

import functools
import html
import threading
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

import ipywidgets
import traitlets
from ipywidgets.widgets import widget as registered

from hyper_jupyter.version import __version__
from hyper_jupyter.widgets.front_end import Form, front_end
from hyper_jupyter.widgets.hub import bundle, hub, provide
from hyper_jupyter.widgets.kernel import is_terminal, keep_open, keep_route, publish

__all__ = ["MODULE", "PageWidget", "shared_layout"]

MODULE: Final = "_hyper_jupyter"
"""The extension's module, as in ``js/src/extension/widget.ts``. No package on npm can have a name
that starts with ``_``, so front ends that look for modules there find nothing, and nobody's."""

_VIEW: Final = "application/vnd.jupyter.widget-view+json"

_INTERFACE: Final = "1.0.0"
"""The version of the extension's classes, as in ``widget.ts``. It is not the package's, because an
extension of any version may answer."""


class PageWidget(ipywidgets.DOMWidget):
    """A widget whose code is in the bundle.

    Attributes:
        form: what it is on its pages.
        displayed: whether users place it; the others are never drawn.
        second_module: which second module draws it; the core does if it is empty.
        version: of the kernel's package.
        front: what the extension of the page says of itself.
        notice: what an extension of another version shows in its place.
    """

    displayed: ClassVar[bool] = False
    second_module: ClassVar[str] = ""

    # As ipywidgets has them, but they change with the form.
    _model_name = traitlets.Unicode().tag(sync=True)
    _model_module = traitlets.Unicode().tag(sync=True)
    _model_module_version = traitlets.Unicode().tag(sync=True)
    _view_name = traitlets.Unicode().tag(sync=True)
    _view_module = traitlets.Unicode().tag(sync=True)
    _view_module_version = traitlets.Unicode().tag(sync=True)
    version = traitlets.Unicode(__version__, read_only=True).tag(sync=True)
    front = traitlets.Dict().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    comm: Any
    # Each belongs to one form only, which has it among its keys.
    _esm = traitlets.Unicode()
    value = traitlets.Unicode()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make an ``AnyWidget`` where it has to be one: marimo and others look at the class."""
        made: Any = cls
        if front_end().form is Form.ANYWIDGET:
            made = _anywidget_class(made)
        return super().__new__(made, *args, **kwargs)  # type: ignore[no-any-return]

    def __init__(self, **kwargs: Any) -> None:
        self._frame: Any = None
        self._comm_lock = threading.RLock()  # it is opened again and closed on different threads
        self._outputs: dict[str, dict[str, Any]] = {}  # by their names, what is shown there
        self._told = ""  # what its outputs say of a page that has no widgets
        self.form = front_end().form
        super().__init__(**self._identity(self.form), **self._counted(), **kwargs)
        front_end().add(self)

    @traitlets.default("keys")
    def _default_keys(self) -> list[str]:
        # Not when the comm opens: marimo reads the state before that.
        own = {Form.ANYWIDGET: ["_esm"], Form.NOTICE: ["value"]}.get(self.form, [])
        return [*self.traits(sync=True), *own]

    def open(self) -> None:
        """Open the comm; the page decides which subshell handles its messages."""
        super().open()
        comm = self.comm
        keep_route(comm)
        keep_open(comm, lambda: self._refused(comm))

    def switch(self, form: Form, notice: str = "") -> None:
        """Open it again in another form, wherever it is shown. Publisher only."""
        identity = self._identity(form, notice)  # before anything is closed: it may fail
        with self._comm_lock:
            old = self.comm
            if old is None:
                return  # it was closed
            old.close()
            registered._instances.pop(old.comm_id, None)
            self.comm = self._model_id = None
            self.form = form
            self.keys = self._default_keys()
            for name, value in {**identity, **self._counted(), "front": {}}.items():
                self.set_trait(name, value)
            self.open()
        for box in list(registered._instances.values()):
            if any(child is self for child in getattr(box, "children", None) or ()):
                box.send_state("children")

    def _handle_msg(self, msg: Any) -> None:
        """Take a message of the page, unless it was for a comm that has been replaced."""
        comm = self.comm
        if comm is not None and msg["content"].get("comm_id", comm.comm_id) == comm.comm_id:
            super()._handle_msg(msg)

    def _refused(self, comm: Any) -> None:
        """Note that a page has closed a comm of it, unless another has replaced that."""
        if comm is self.comm:
            front_end().refuse(self)

    def close(self) -> None:
        """Remove it from all pages."""
        with self._comm_lock:
            super().close()
        if self._frame is not None:
            self._frame.close()

    def _identity(self, form: Form, notice: str = "") -> dict[str, str]:
        """Return the traits that say which classes of the page it has."""
        match form:
            case Form.EXTENSION:
                names, module, version = ("PartModel", "PartView"), MODULE, _INTERFACE
                own = {}
            case Form.ANYWIDGET:
                import anywidget

                hub()
                if self.second_module:
                    provide(self.second_module)
                names, module = ("AnyModel", "AnyView"), "anywidget"
                version = anywidget.AnyWidget._model_module_version.default_value
                own = {"_esm": bundle().stub}
            case Form.NOTICE:
                names, module = ("HTMLModel", "HTMLView"), "@jupyter-widgets/controls"
                version = ipywidgets.HTML._model_module_version.default_value
                own = {"value": _notice_html(notice)}
        return {
            "_model_name": names[0],
            "_model_module": module,
            "_model_module_version": version,
            "_view_name": names[1],
            "_view_module": module,
            "_view_module_version": version,
            **own,
        }

    def _counted(self) -> dict[str, Any]:
        """Have the page count its views, and say so, as long as an answer is needed."""
        if not self.displayed:
            return {}
        return {"_view_count": None if front_end().answered is self.form else 0}

    def stop_counting(self) -> None:
        """Have pages count its views no more, and send no message for each."""
        for counted in (self, self._frame):
            if counted is not None:
                counted._view_count = None

    @traitlets.observe("_view_count", "front")
    def _answered(self, change: Any) -> None:
        drawn = change["name"] == "_view_count" and (change["new"] or 0) > (change["old"] or 0)
        if self.comm is not None and (drawn or change["name"] == "front"):
            front_end().report(self, self.front, drawn=drawn)

    def _framed(self, change: Any) -> None:
        """Note that a page has drawn the frame, where its error for the widget is not counted.

        By the extension it says more by itself, in one message, and the frame's may come first.
        """
        drawn = (change["new"] or 0) > (change["old"] or 0)
        if drawn and self.form is Form.ANYWIDGET and self.comm is not None:
            front_end().report(self, {}, drawn=True)

    def publish(self, texts: Mapping[str, Any] | None = None) -> None:
        """Show it below the running cell.

        Args:
            texts: for readers without widgets, by MIME type; its ``repr`` if omitted.
        """
        if self._frame is None or self._frame.comm is None:
            self._frame = ipywidgets.VBox([self], layout=shared_layout(), **self._counted())
            self._frame.observe(self._framed, "_view_count")
            keep_route(self._frame.comm)
            keep_open(self._frame.comm)
        view = {"version_major": 2, "version_minor": 0, "model_id": self._frame.model_id}
        data = {"text/plain": repr(self), **(texts or {}), _VIEW: view}
        name = f"hyper_jupyter-{uuid.uuid4().hex}"
        if front_end().answered is None:  # else there is nothing to say in them
            self._outputs[name] = data
        publish({**data, **_notice_texts(self._told)}, name)
        front_end().note_display()

    def tell(self, notice: str) -> None:
        """Have its outputs say so where a page has no widgets; or, if it is empty, no longer.

        Publisher only. Such a page finds them by name: it has never had widgets to lose. New
        outputs say it at once: they show the same frame, so the page has nothing more to close.
        """
        self._told = notice  # first: cells may add outputs meanwhile
        for name, data in list(self._outputs.items()):
            publish({**data, **_notice_texts(notice)}, name, update=True)
        if not notice:
            self._outputs.clear()

    def _ipython_display_(self) -> None:
        """Show it as a cell's value, in a frame."""
        if is_terminal():
            raise NotImplementedError  # then IPython prints the one line of repr()
        self.publish()


def _notice_texts(notice: str) -> dict[str, str]:
    """Return what an output says instead of its own texts; nothing if there is no notice."""
    return {"text/plain": notice, "text/html": _notice_html(notice)} if notice else {}


def _notice_html(notice: str) -> str:
    return f'<div class="hyper-jupyter-notice">{html.escape(notice)}</div>'


@functools.cache
def _anywidget_class(cls: Any) -> Any:
    """Return the class that is ``cls`` and an ``AnyWidget``."""
    import anywidget

    return type(cls.__name__, (cls, anywidget.AnyWidget), {"__module__": cls.__module__})


_layout: Any = None


def shared_layout() -> Any:
    """Return the layout of hidden widgets and frames: each would have a comm of its own."""
    global _layout
    if _layout is None or _layout.comm is None:
        _layout = ipywidgets.Layout(overflow="visible")  # of menus that stand out
    return _layout
