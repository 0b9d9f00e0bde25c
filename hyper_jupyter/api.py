"""What users hold: ``connect``, :class:`Client`, :class:`Session`.

Layer: api, thin: it puts client, session and widgets together. Any thread.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Mapping, Sequence
from typing import Any, cast

from hyper_jupyter.client import Discovery, Endpoint, EngineClient, configured_detach_keys, discover
from hyper_jupyter.exceptions import Conflict, ConnectionFailed, HyperJupyterError
from hyper_jupyter.session import ENDED, AttachOptions, directory
from hyper_jupyter.session import Session as _Session
from hyper_jupyter.widgets import SessionView, SessionWidgets

__all__ = [
    "Client",
    "Session",
    "attach",
    "client_for",
    "connect",
    "current_client",
    "default_client",
]


class Session(_Session):
    """A session with its widgets; see :class:`hyper_jupyter.session.Session`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._again_lock = threading.Lock()
        self._successor: Session | None = None
        super().__init__(*args, **kwargs)

    @functools.cached_property
    def widgets(self) -> SessionWidgets:
        """Its parts ``stdout``, ``stderr``, ``stdin`` and ``detach``, each a widget of its own."""
        return SessionWidgets(self)

    def view(self, *, rows: int | None = None) -> SessionView:
        """A widget that shows the whole session; several of one session are fine.

        Args:
            rows: lines that each pane shows; ``None`` is the default.
        """
        return self.widgets.view() if rows is None else self.widgets.view(rows=rows)

    def close(self, force: bool = False) -> None:
        """Detach and release everything, the widgets too; the transcripts stay readable.

        Args:
            force: also where that ends the container's input.

        Raises:
            Conflict: it would end the container's input, and ``force`` is not set.
        """
        super().close(force)
        if "widgets" in self.__dict__:
            self.widgets.close()

    def attach_again(self, *, start: bool = False) -> Session:
        """Attach to the same container with the same options, as a new session.

        Views and parts of this session that are on a page change over to the new one. This
        session keeps its transcripts. Where it was attached again before and that session goes
        on, that one is returned.

        Args:
            start: start the container first where it does not run; nothing that it prints from
                then on is missed.

        Returns:
            The new session. Its name is this one's, unless that is taken.

        Raises:
            Conflict: this session has not ended, or read the log only; the container is paused,
                or has ended and ``start`` is not set.
            HyperJupyterError: as for :meth:`Client.attach` and ``start``.
        """
        with self._again_lock:
            controls = self.controls()
            if controls.again and controls.start:
                raise Conflict(409, f"it cannot be attached again: {controls.again}")
            session = self._successor
            if session is None:
                session = type(self).attach(
                    self.client,
                    self.container.id,
                    self.options,
                    configured_keys=configured_detach_keys(self.engine),
                    start=start,
                )
                self._successor = session
            elif session.state in ENDED:
                session = session.attach_again(start=start)
            if "widgets" in self.__dict__:
                session.widgets.take_over(self.widgets)
            return session

    def release(self) -> None:
        """Leave, take the widgets off the page and give the name up; never ends the input.

        So does a session that followed by :meth:`attach_again`.
        """
        if self._successor is not None:
            self._successor.release()
        self.detach()
        directory.forget(self)
        if "widgets" in self.__dict__:
            self.widgets.close()

    def _ipython_display_(self) -> None:
        """Show it where it is a cell's last value; a magic may have done so already."""
        from IPython.display import display

        from hyper_jupyter.widgets.kernel import execution_count

        if self._shown_in != execution_count() or self._shown_in is None:
            display(self.view())

    def show(self, *, rows: int | None = None) -> None:
        """Display it now, and not again as the value of the running cell."""
        from IPython.display import display

        from hyper_jupyter.widgets.kernel import execution_count

        self._shown_in = execution_count()
        display(self.view(rows=rows))

    _shown_in: int | None = None


class Client(EngineClient):
    """One engine: its containers, and sessions with them. Made by :func:`connect`."""

    def attach(
        self,
        c: str,
        *,
        stdin: bool = True,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
        detach_keys: str | None = None,
    ) -> Session:
        """Attach to a container. Returns once the engine has answered.

        A running container is attached; a created one too, and its start is waited for. An exited
        one gives its log with ``logs=True, stream=False``.

        Args:
            c: name or id.
            stdin: type into it.
            stdout: receive its stdout.
            stderr: receive its stderr.
            logs: receive what it printed before.
            stream: receive what it prints from now on.
            detach_keys: such as ``"ctrl-p,ctrl-q"``; ``None`` takes the user's configuration, else
                a rare sequence of our own.

        Raises:
            NotFound: no such container; the hint has near names.
            Conflict: it is paused, restarting, or has ended.
            InvalidDetachKeys: also for an empty sequence.
            ConnectionFailed: the engine did not answer within ``timeout`` seconds.
        """
        options = AttachOptions(stdin, stdout, stderr, logs, stream, detach_keys)
        keys = configured_detach_keys(self.engine)
        return Session.attach(self, c, options, configured_keys=keys)

    def run(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        tty: bool = False,
        stdin: bool = True,
        stdin_once: bool = False,
        env: Mapping[str, str] | Sequence[str] | None = None,
        auto_remove: bool = False,
        network: str | None = None,
        detach_keys: str | None = None,
    ) -> Session:
        """Create a container, attach to it, and start it: nothing that it prints is missed.

        Args:
            image: ``"default"`` stands for :attr:`default_image`.
            command: a list, or a string for :func:`shlex.split`.
            name: ``None`` lets the engine choose.
            tty: with a pseudo-terminal.
            stdin: open, and attached.
            stdin_once: end its input when the client that has it goes.
            env: a mapping, or ``NAME=value`` lines.
            auto_remove: remove it when it exits.
            network: the network mode, such as ``"none"``.
            detach_keys: as for :meth:`attach`.

        Raises:
            HyperJupyterError: as for ``create``, :meth:`attach` and ``start``. A container that
                could not be started is removed again.
        """
        container = self.create(
            image,
            command,
            name=name,
            tty=tty,
            stdin=stdin,
            stdin_once=stdin_once,
            env=env,
            auto_remove=auto_remove,
            network=network,
        )
        return self.start_attached(container, stdin=stdin, detach_keys=detach_keys)

    def start_attached(
        self, c: str, *, stdin: bool = True, detach_keys: str | None = None
    ) -> Session:
        """Attach to a container that was just created, then start it.

        Args:
            c: its id.
            stdin: attach its stdin.
            detach_keys: as for :meth:`attach`.

        Raises:
            HyperJupyterError: as for :meth:`attach` and ``start``; then it is removed again.
        """
        session: Session | None = None
        try:
            session = self.attach(c, stdin=stdin, detach_keys=detach_keys)
            self.start(c)
        except BaseException:
            if session is not None:
                session.close(force=True)
            with contextlib.suppress(HyperJupyterError):  # engines remove such a one themselves
                self.remove(c, force=True)
            raise
        return session

    def logs(
        self,
        c: str,
        follow: bool = True,
        *,
        stdout: bool = True,
        stderr: bool = True,
        tail: int | None = None,
    ) -> Session:
        """Read a container's log as a session without stdin.

        Args:
            c: name or id.
            follow: go on with what it prints from now on.
            stdout: with its stdout.
            stderr: with its stderr.
            tail: so many of the last lines; ``None`` is all.

        Raises:
            NotFound: no such container; the hint has near names.
        """
        return Session.read_logs(self, c, follow=follow, stdout=stdout, stderr=stderr, tail=tail)


_default: Client | None = None


def connect(
    host: str | None = None, *, api_version: str | None = None, timeout: float = 10
) -> Client:
    """Choose an engine; it is the default of :func:`attach` and the magics from now on.

    Args:
        host: ``local:`` (the embedded engine: it runs commands of this machine, and is no
            sandbox), ``unix:///path``, ``tcp://host:port``; ``None`` finds one:
            ``HYPER_JUPYTER_HOST``, ``DOCKER_HOST``, then well-known sockets. Never falls back to
            ``local:`` by itself.
        api_version: such as ``"1.41"``; ``None`` negotiates.
        timeout: seconds for connecting and for each call.

    Raises:
        ConnectionFailed: no engine there; the text lists what was tried.
    """
    global _default
    _default = client_for(host, api_version=api_version, timeout=timeout)
    return _default


def client_for(host: str | None, *, api_version: str | None = None, timeout: float = 10) -> Client:
    """As :func:`connect`, but the default client stays what it is."""
    discovery = discover() if host is None else Discovery(Endpoint.parse(host), "it was named")
    return Client(discovery, api_version=api_version, timeout=timeout, parent=_application())


def current_client() -> Client | None:
    """The client of the last :func:`connect`, where there was one."""
    return _default


def default_client() -> Client:
    """The client of the last :func:`connect`.

    Raises:
        ConnectionFailed: there was none, and none is found.
    """
    try:
        return _default or connect()
    except ConnectionFailed as error:
        error.hint = error.hint or "Choose an engine with connect(HOST)."
        raise


def attach(c: str, **options: Any) -> Session:
    """Attach with the default client; options as for :meth:`Client.attach`."""
    return default_client().attach(c, **options)


def _application() -> Any:
    """IPython, for its configuration (``c.Client.image = "…"``); ``None`` outside."""
    from traitlets.config import Configurable

    from hyper_jupyter.widgets.kernel import shell

    found = shell()
    return cast("Any", found) if isinstance(found, Configurable) else None
