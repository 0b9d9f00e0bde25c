"""What users hold: ``connect``, :class:`Client`, :class:`Session`.

Layer: api, thin: it puts client, session and widgets together. Any thread.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from hyper_jupyter.client import (
    ANY_REGION,
    DEFAULT_ADDRESS,
    Credentials,
    Discovery,
    EngineClient,
    Finding,
    TlsChoice,
    configured_detach_keys,
    discover,
    examine,
    find_credentials,
    hide,
    hyper_address,
    named,
    protected,
)
from hyper_jupyter.exceptions import Conflict, ConnectionFailed, HyperJupyterError
from hyper_jupyter.recording import SavedOutput
from hyper_jupyter.session import ENDED, AttachOptions, call_later, directory
from hyper_jupyter.session import Session as _Session
from hyper_jupyter.widgets import (
    SavedDisplay,
    SessionView,
    SessionWidgets,
    kernel_findings,
    link_policy,
)

__all__ = [
    "Client",
    "Session",
    "attach",
    "client_for",
    "configure",
    "connect",
    "current_client",
    "default_client",
    "diagnose",
    "saved_output",
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

    def view(self, layout: str = "split", *, rows: int | None = None) -> SessionView:
        """A widget that shows the whole session; several of one session are fine.

        Args:
            layout: ``"split"`` (side by side), ``"merged"`` (one pane, in the order of arrival) or
                ``"tabs"``; the view can change over at any time.
            rows: lines that each pane shows; ``None`` is the default.

        Raises:
            ValueError: another layout.
        """
        return self.widgets.view(layout, **({} if rows is None else {"rows": rows}))

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

        Views and parts of this session that are on a page change over to the new one, and so does
        what is saved beside them. This session keeps its transcripts. Where it was attached again
        before and that session goes on, that one is returned.

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
            for saved in self._saved:
                saved.follow(session)
            session._saved, self._saved = (*session._saved, *self._saved), ()
            return session

    def release(self) -> None:
        """Leave, take the widgets off the page and give the name up; never ends the input.

        So does a session that followed by :meth:`attach_again`.
        """
        if self._successor is not None:
            self._successor.release()
        for saved in self._saved:  # the outputs of the cell are being replaced
            saved.close()
        self._saved = ()
        self.detach()
        directory.forget(self)
        if "widgets" in self.__dict__:
            self.widgets.close()

    def _ipython_display_(self) -> None:
        """Show it where it is a cell's last value; a magic may have done so already."""
        from hyper_jupyter.widgets.kernel import execution_count, is_terminal

        if is_terminal():
            raise NotImplementedError  # which has IPython print the one line of repr()
        if self._shown_in != execution_count() or self._shown_in is None:
            self.show()

    def show(self, layout: str = "split", *, rows: int | None = None) -> None:
        """Display it now, and not again as the value of the running cell.

        Two outputs: the view, and for readers without a kernel what :func:`configure` has saved.
        """
        from hyper_jupyter.widgets.kernel import publish

        self.mark_shown()
        view = self.view(layout, rows=rows)
        policy = saved_output()
        if not policy.enabled:
            publish(view.mime_bundle())
            return
        # The words for other readers are in the second output.
        publish({**view.mime_bundle(), "text/plain": "", "text/html": ""})
        saved = SavedDisplay(self, policy)
        saved.show()
        self._saved = (*self._saved, saved)

    def mark_shown(self) -> None:
        """It is not to be displayed as the value of the running cell."""
        from hyper_jupyter.widgets.kernel import execution_count

        self._shown_in = execution_count()

    _shown_in: int | None = None
    _saved: tuple[SavedDisplay, ...] = ()


class Client(EngineClient):
    """One engine: its containers, and sessions with them. Made by :func:`connect`."""

    def __init__(self, discovery: Discovery, **options: Any) -> None:
        super().__init__(discovery, later=call_later, **options)

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
        ws: bool = False,
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
            ws: by WebSocket, for where a proxy in between blocks the upgrade: stdout and stderr
                come as one, and the input cannot be ended. Docker and Hyper only.

        Raises:
            NotFound: no such container; the hint has near names.
            Conflict: it is paused, restarting, or has ended.
            InvalidDetachKeys: also for an empty sequence.
            ConnectionFailed: the engine did not answer within ``timeout`` seconds.
        """
        options = AttachOptions(stdin, stdout, stderr, logs, stream, detach_keys, ws)
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
    host: str | None = None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    api_version: str | None = None,
    timeout: float = 10,
) -> Client:
    """Choose an engine; it is the default of :func:`attach` and the magics from now on.

    Args:
        host: ``local:`` (the embedded engine: it runs commands of this machine, and is no
            sandbox), ``unix:///path``, ``tcp://host:port``, ``https://host:port``,
            ``ssh://user@host``; ``None`` finds one: ``HYPER_JUPYTER_HOST``,
            ``c.Client.default_host``, ``DOCKER_HOST``, ``DOCKER_CONTEXT`` or docker's current
            context, ``CONTAINER_CONNECTION``, ``CONTAINER_HOST`` or Podman's default connection,
            then well-known sockets. Never falls back to ``local:`` by itself.
        context: the name of a docker context, instead of ``host``.
        tls: a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, or a mapping of ``ca``,
            ``cert`` and ``key`` to files; ``True`` trusts the system's CAs, ``False`` is no TLS;
            ``None`` is as for the docker command (``DOCKER_TLS_VERIFY``, ``DOCKER_CERT_PATH``).
        verify: ``False`` trusts whoever answers, with a warning.
        access_key: of a Hyper endpoint, whose requests are signed; ``None`` looks for the keys
            where the hyper command does.
        secret_key: that belongs to it.
        region: that is signed for, such as ``"us-west-1"``; without ``host`` it names the endpoint
            too.
        api_version: such as ``"1.41"``; ``None`` takes ``DOCKER_API_VERSION``, or for Hyper
            ``HYPER_API_VERSION``, and else negotiates.
        timeout: seconds for connecting and for each call.

    Raises:
        ConnectionFailed: no engine there; the text lists what was tried.
        ApiError: it refuses our signature, or wants one and there are no keys.
    """
    global _default
    access_key, secret_key = hide(access_key), hide(secret_key)  # tracebacks may show variables
    _default = client_for(
        host,
        context=context,
        tls=tls,
        verify=verify,
        access_key=access_key,
        secret_key=secret_key,
        region=region,
        api_version=api_version,
        timeout=timeout,
    )
    return _default


def client_for(
    host: str | None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    api_version: str | None = None,
    timeout: float = 10,
) -> Client:
    """As :func:`connect`, but the default client stays what it is."""
    access_key, secret_key = hide(access_key), hide(secret_key)
    keys = (access_key, secret_key, region)
    discovery, credentials = _discovery(host, context, tls, verify, keys)
    try:
        return Client(
            discovery,
            api_version=api_version,
            timeout=timeout,
            credentials=credentials,
            parent=_application(),
        )
    except ConnectionFailed as error:
        if host is None:
            error.args = (f"{error} ({discovery.why})",)
        if credentials and discovery.endpoint.scheme == "tcp" and not discovery.endpoint.tls:
            error.hint = error.hint or "This was without TLS; an https:// address is with it."
        raise


def diagnose(
    host: str | None = None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    region: str | None = None,
    timeout: float = 10,
) -> list[Finding]:
    """What ``%hyper_doctor`` prints: the way to the engine and the kernel, step by step.

    Args:
        host: as for :func:`connect`; ``None`` looks at the default client, where there is one.
        context: as for :func:`connect`.
        tls: as for :func:`connect`.
        verify: as for :func:`connect`.
        region: as for :func:`connect`.
        timeout: seconds for each call.
    """
    try:
        if host is None and context is None and _default is not None:
            discovery, credentials = _default.discovery, _default.credentials
        else:
            keys = (None, None, region)
            discovery, credentials = _discovery(host, context, tls, verify, keys)
        make = functools.partial(Client, credentials=credentials)
        findings = examine(discovery, make, timeout=timeout)
    except HyperJupyterError as error:
        findings = [Finding(False, str(error), error.hint)]
    return [*findings, *kernel_findings()]


def _discovery(
    host: str | None,
    context: str | None,
    tls: TlsChoice,
    verify: bool,
    keys: tuple[str | None, str | None, str | None],
) -> tuple[Discovery, Credentials | None]:
    """Which engine is meant, and what its requests are signed with."""
    access_key, secret_key, region = keys
    if host is not None and context is not None:
        raise ConnectionFailed("host and context are two names of an engine", hint="Give one.")
    if host == ANY_REGION or (host is None and context is None and any(keys)):
        address, why = hyper_address(region) or DEFAULT_ADDRESS
        discovery = replace(named(address, tls=tls, verify=verify), why=why)
    elif host is not None:
        discovery = named(host, tls=tls, verify=verify)
    else:
        configured = _configured_host(_application())
        discovery = discover(
            context=context, configured=configured, hyper=hyper_address(), tls=tls, verify=verify
        )
    credentials = find_credentials(
        discovery.endpoint, access_key=access_key, secret_key=secret_key, region=region
    )
    if tls is None and not (host or "").startswith("http:"):
        endpoint = protected(discovery.endpoint, credentials, verify=verify)
        discovery = replace(discovery, endpoint=endpoint)
    return discovery, credentials


def _configured_host(application: Any) -> str:
    """``c.Client.default_host``, before there is a client that could say it."""
    config = getattr(application, "config", None) or {}
    for section in ("Client", "EngineClient"):
        if section in config and (value := config[section].get("default_host")):
            return str(value)
    return ""


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


def attach(c: str, *, client: Client | None = None, **options: Any) -> Session:
    """Attach with the default client, or another one; options as for :meth:`Client.attach`."""
    return (client or default_client()).attach(c, **options)


@functools.cache
def saved_output() -> SavedOutput:
    """What is saved in the notebook beside a view; changes hold from the next update on."""
    return SavedOutput(parent=_application())


def configure(
    *,
    save_output: bool | None = None,
    save_lines: int | None = None,
    save_size: int | None = None,
    redact: Iterable[Any] | None = None,
    direct_link: bool | None = None,
) -> None:
    """Choose how sessions are saved in the notebook, and how pages reach them.

    What is left out stays as it is. The same is ``c.SavedOutput`` and ``c.DirectLink`` in IPython's
    configuration.

    Args:
        save_output: whether anything is; holds for views that are shown from now on.
        save_lines: of each stream at most, the last ones.
        save_size: characters of HTML per session at most.
        redact: what must not be saved: regular expressions, whose matches are replaced, and
            functions ``(text) -> text``. If one fails nothing is saved. The live view, transcripts
            and what ``--wait`` prints are not filtered.
        direct_link: whether a page in a browser on the kernel's machine is offered a WebSocket of
            its own to the kernel's process, on the loopback interface; holds for pages that are
            loaded from now on.

    Raises:
        TraitError: a value that is not possible.
    """
    policy = saved_output()
    chosen = {"enabled": save_output, "lines": save_lines, "size": save_size}
    if redact is not None:
        policy.redact = list(redact)
    for name, value in chosen.items():
        if value is not None:
            setattr(policy, name, value)
    if direct_link is not None:
        link_policy().enabled = direct_link


def _application() -> Any:
    """IPython, for its configuration (``c.Client.image = "…"``); ``None`` outside."""
    from traitlets.config import Configurable

    from hyper_jupyter.widgets.kernel import shell

    found = shell()
    return cast("Any", found) if isinstance(found, Configurable) else None
