"""Our secrets stay secret: searched for in everything that a user may show, save or send on."""

from __future__ import annotations

import base64
import json
import logging
import os
import socket
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import ipywidgets
import nbformat
import pytest
from IPython.core.ultratb import VerboseTB
from nbclient import NotebookClient

from hyper_jupyter import api
from hyper_jupyter.client import authentication
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import sign
from tests.client.servers import Peer, ScriptedServer, answer
from tests.engine.driver import Engine, start_engine

no_secret = pytest.mark.claim(
    "Secret keys, passwords of proxies, passwords in an address of the environment, values of "
    "`env=`, signatures and the headers of docker's configuration are in no output, error, "
    "traceback with variables, log record, `repr`, widget or saved notebook."
)

ACCESS: Final = "AKWORDFORTESTS"
SECRET: Final = "SKWORDFORTESTS"
KEYS: Final = {"access_key": ACCESS, "secret_key": SECRET}
PATIENCE: Final = 20.0
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        started = start_engine(Path(folder) / "s", "--require-signature", f"{ACCESS}:{SECRET}")
        try:
            yield started
        finally:
            assert started.stop() == 0


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every signature that is made."""
    made: list[str] = []

    def recording(*arguments: Any, **options: Any) -> dict[str, str]:
        added = sign(*arguments, **options)
        made.append(added["Authorization"].rpartition("=")[2])
        return added

    monkeypatch.setattr(authentication, "sign", recording)
    return made


def assert_silent(text: str, signatures: list[str]) -> None:
    assert signatures, "nothing was signed: this test shows nothing"
    for secret in (ACCESS, SECRET, "Signature=", "Credential=", *signatures):
        assert secret not in text


def chain(error: BaseException) -> list[BaseException]:
    """An error, and all that hang on it, shown or not."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, BaseException) and not any(current is each for each in found):
            found.append(current)
            waiting += [current.__cause__, current.__context__, *current.args]
    return found


def everything_said(error: BaseException) -> str:
    """Texts, arguments, notes, hints and attributes of an error and all that hang on it."""
    said = ["".join(traceback.format_exception(error))]
    for each in chain(error):
        said += [str(each), repr(each), repr(each.args), repr(getattr(each, "__notes__", ()))]
        said += [f"{name}={value!r}" for name, value in vars(each).items()]
    return "\n".join(said)


def garbage(peer: Peer) -> None:
    peer.send(b"this is no HTTP\r\n\r\n")


def silence(peer: Peer) -> None:
    peer.wait_for_end()


FAULTS: Final[dict[str, Any]] = {
    "refused": answer(b"the access key is not known\n", "403 Forbidden"),
    "redirect": answer(b"", "302 Found", {"Location": "http://127.0.0.1:9/"}),
    "garbage": garbage,
    "silence": silence,
    "end": lambda peer: None,
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "not JSON": answer(b"<html>"),
    "endless header": lambda peer: peer.repeat(b"X-A: b\r\n"),
}


@no_secret
@pytest.mark.parametrize("name", FAULTS)
def test_no_error_says_a_secret(signatures: list[str], name: str) -> None:
    with (
        ScriptedServer(None, {"GET /version": FAULTS[name]}) as server,
        pytest.raises(HyperJupyterError) as caught,
    ):
        api.client_for(server.url, **KEYS, timeout=0.5)
    assert_silent(everything_said(caught.value), signatures)


@no_secret
def test_no_error_of_a_connection_says_a_secret(signatures: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(HyperJupyterError) as caught:
        api.client_for(f"tcp://127.0.0.1:{port}", **KEYS)
    assert_silent(everything_said(caught.value), signatures)


@no_secret
def test_no_error_of_a_stream_says_a_secret(engine: Engine, signatures: list[str]) -> None:
    client = api.client_for(f"unix://{engine.path}", **KEYS)
    container = client.create("host", ["true"])
    client.start(container)
    client.wait(container)
    for call in (
        lambda: client.attach(container),
        lambda: client.attach("nosuch"),
        lambda: client.logs("nosuch"),
    ):
        with pytest.raises(HyperJupyterError) as caught:
            call()
        assert_silent(everything_said(caught.value), signatures)


def refused_connection() -> str:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return f"tcp://127.0.0.1:{unused.getsockname()[1]}"


@no_secret
@pytest.mark.parametrize("name", ["nobody there", *FAULTS])
def test_a_traceback_with_variables_shows_no_secret(signatures: list[str], name: str) -> None:
    with ScriptedServer(None, {"GET /version": FAULTS.get(name, b"")}) as server:
        host = refused_connection() if name == "nobody there" else server.url
        try:
            api.connect(host, **KEYS, timeout=0.5)
        except HyperJupyterError as error:
            # Without this function's own variables, which are the user's.
            trace = error.__traceback__ and error.__traceback__.tb_next
            caught = traceback.TracebackException(type(error), error, trace, capture_locals=True)
            shown = "".join(caught.format())
            if name == "nobody there":  # it is slow
                shown += VerboseTB(include_vars=True).text(type(error), error, trace)
    assert "region = None" in shown  # variables are shown, indeed
    assert_silent(shown, signatures)


ELSEWHERE: Final = "tcp://192.0.2.1:2375"


@no_secret
@pytest.mark.parametrize("host", [None, "nonsense://x", ELSEWHERE])
@pytest.mark.parametrize("proxy", ["http://user:{}@{}", "socks5://user:{}@{}"])
def test_a_traceback_with_variables_shows_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, host: str | None, proxy: str
) -> None:
    wants_password = answer(b"", "407 Proxy Authentication Required")
    with ScriptedServer(None, {"CONNECT 192.0.2.1:2375": wants_password}) as server:
        address = server.url.removeprefix("tcp://")
        monkeypatch.setenv("HTTP_PROXY", proxy.format(SECRET, address))
        monkeypatch.setenv("HYPER_SECRET", SECRET)
        monkeypatch.setenv("DOCKER_HOST", "nonsense://y")
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(HyperJupyterError) as caught:
            api.connect(host, timeout=0.5)
    error = caught.value
    trace = error.__traceback__ and error.__traceback__.tb_next
    shown = "".join(
        traceback.TracebackException(type(error), error, trace, capture_locals=True).format()
    )
    assert "region = None" in shown
    for secret in (SECRET, base64.b64encode(f"user:{SECRET}".encode()).decode()):
        assert secret not in shown


@no_secret
def test_nothing_of_ours_shows_a_secret(engine: Engine, signatures: list[str]) -> None:
    client = api.client_for(f"unix://{engine.path}", **KEYS)
    with client.run("host", ["sh", "-c", "echo a; read l"], stdin=True) as session:
        view = session.view()
        shown = [
            repr(thing)
            for thing in (client, client.discovery, client._auth, session, view, vars(client))
        ]
        shown += [repr(client.traits()), repr(client._trait_values), repr(client.trait_values())]
        state = ipywidgets.Widget.get_manager_state()["state"]
        assert len(state) > 3
        shown += [repr(state), repr(view.get_state())]
        session.send_line("x")
        session.wait(PATIENCE)
    assert_silent("\n".join(shown), signatures)


@no_secret
def test_no_log_record_has_a_secret(
    engine: Engine, signatures: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    loggers = [logging.getLogger(name) for name in (None, *logging.root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        client = api.client_for(f"unix://{engine.path}", **KEYS)
        with client.run("host", ["sh", "-c", "read l"], stdin=True) as session:
            session.send_line("x")
            session.wait(PATIENCE)
        with pytest.raises(HyperJupyterError):
            api.client_for(f"unix://{engine.path}", access_key=ACCESS, secret_key=SECRET + "x")
        logging.getLogger(__name__).debug("the end")
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    assert caplog.records[-1].getMessage() == "the end"
    records = [f"{record.getMessage()} {vars(record)!r}" for record in caplog.records]
    assert_silent("\n".join(records), signatures)


NOTEBOOK: Final = (
    "%load_ext hyper_jupyter",
    "%hyper_connect {url}",
    "s = %hyper_attach {container}",
    "s.send_line('hello'); s.wait(20)",
    "s",
    "import hyper_jupyter as hj; hj.api.current_client(), vars(s)",
    "%hyper ps -a",
    "%hyper_sessions",
    "%xmode Verbose\nhj.api.current_client().inspect('nosuch')",
    "hj.connect('{url}', region='eu-central-1')",
)


@no_secret
def test_a_saved_notebook_with_its_widgets_has_no_secret(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"unix://{engine.path}"
    (tmp_path / "config.json").write_text(
        json.dumps({"clouds": {url: {"accesskey": ACCESS, "secretkey": SECRET}}})
    )
    client = api.client_for(url, **KEYS)
    container = client.create("host", ["sh", "-c", "read l; echo got:$l"], stdin=True)
    client.start(container)
    monkeypatch.setenv("HYPER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT) + os.pathsep + os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cells = [cell.replace("{url}", url).replace("{container}", container) for cell in NOTEBOOK]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    NotebookClient(notebook, timeout=40, allow_errors=True, store_widget_state=True).execute()
    saved = nbformat.writes(notebook)
    assert "widgets" in notebook.metadata
    assert "Connected to unix://" in saved
    assert "got:hello" in saved or "application/vnd.jupyter.widget-view+json" in saved
    assert "the request is signed for region eu-central-1" in saved
    for secret in (ACCESS, SECRET, "Signature=", "Credential="):
        assert secret not in saved
