"""A Hyper endpoint from end to end: our engine with signatures required, our client with keys."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from requests import PreparedRequest

from hyper_jupyter import api
from hyper_jupyter.api import default
from hyper_jupyter.client import authentication
from hyper_jupyter.client.authentication import HyperAuth
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.kept_connections import close_kept
from tests.certificates import Certificates
from tests.client.servers import Script, ScriptedServer, answer
from tests.engine.driver import Engine, start_engine
from tests.engines.scenarios import ECHO, wait_for
from tests.recorded import KEYS
from tests.tls import TlsFront

PAIR: Final = "AKFAKE:SKFAKE"
PATIENCE: Final = 20.0


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        started = start_engine(Path(folder) / "s", "--require-signature", PAIR)
        try:
            yield started
        finally:
            assert started.stop() == 0


class Front:
    """Where the endpoint is, and how one connects to it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.url = url
        self.options = options

    def connect(self, **changes: Any) -> api.Client:
        return api.client_for(self.url, **{**KEYS, **self.options, **changes})


@pytest.fixture(params=["unix", "tls"])
def front(
    request: pytest.FixtureRequest, engine: Engine, certificates: Certificates
) -> Iterator[Front]:
    with ExitStack() as stack:
        made = Front(f"unix://{engine.path}")
        if request.param == "tls":
            relay = stack.enter_context(TlsFront(engine.path, certificates.serving()))
            made = Front(relay.url, tls={"ca": str(certificates.server / "ca.pem")})
        yield made
        close_kept()
        client = made.connect()
        for container in client.containers():
            client.remove(container.id, force=True)


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HYPER_CONFIG", "HYPER_ACCESS", "HYPER_SECRET", "HYPER_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def test_it_is_hyper_s_and_speaks_1_23(front: Front) -> None:
    client = front.connect()
    assert (client.engine, client.api_version) == ("hyper", "1.23")
    assert client.containers() == []


def test_a_container_is_run_typed_into_and_waited_for(front: Front) -> None:
    with front.connect().run("host", ["sh", "-c", ECHO], stdin_once=True) as session:
        session.send_line("one")
        assert wait_for(session, b"got:one\n") == b"got:one\n"
        assert wait_for(session, b"err:one\n", StreamType.STDERR) == b"err:one\n"
        session.send_eof()
        assert session.wait(PATIENCE) == 5
        assert session.stdout.getvalue() == b"got:one\nEND\n"


def test_a_terminal_is_typed_into_and_left(front: Front) -> None:
    client = front.connect()
    session = client.run("host", ["sh"], tty=True)
    session.send_line("echo $((40 + 2))")
    wait_for(session, b"42\r\n")
    session.detach()
    assert client.inspect(session.container.id)["State"]["Running"]
    again = client.attach(session.container.id)
    again.send_line("exit 3")
    assert again.wait(PATIENCE) == 3


@pytest.mark.parametrize("once", [False, True], ids=["open", "once"])
def test_by_websocket_it_is_typed_into_left_and_found_again(front: Front, once: bool) -> None:
    client = front.connect()
    container = client.create("host", ["sh", "-c", ECHO], stdin=True, stdin_once=once)
    client.start(container)
    for word in (b"one", b"two"):
        session = client.attach(container, ws=True)
        session.send_line(word.decode())
        wait_for(session, b"got:" + word)
        wait_for(session, b"err:" + word)
        session.detach()
    assert client.inspect(container)["State"]["Running"]


def test_its_log_is_read_and_followed(front: Front) -> None:
    client = front.connect()
    session = client.run("host", ["sh", "-c", "echo a; echo b >&2; exit 2"], stdin=False)
    assert session.wait(PATIENCE) == 2
    log = client.logs(session.container.id, follow=True)
    log.join(PATIENCE)
    assert (log.stdout.getvalue(), log.stderr.getvalue()) == (b"a\n", b"b\n")
    replayed = client.attach(session.container.id, logs=True, stream=False)
    replayed.join(PATIENCE)
    assert replayed.stdout.getvalue() == b"a\n"


def test_it_is_left_and_waited_for_apart(front: Front) -> None:
    client = front.connect()
    session = client.run("host", ["sh", "-c", "read l; exit 4"], stdin=True)
    session.send_line("go")
    assert client.wait(session.container.id, PATIENCE) == 4
    assert session.wait(PATIENCE) == 4


def test_a_command_is_executed_inside(front: Front) -> None:
    client = front.connect()
    container = client.create("host", ["sleep", "100"])
    client.start(container)
    command = {"Cmd": ["sh", "-c", "echo hi; exit 3"], "AttachStdout": True}
    execution = client.call("POST", f"/containers/{container}/exec", body=command).json()["Id"]
    connection, exchange = client.open(
        "POST",
        f"/exec/{execution}/start",
        headers={"Connection": "Upgrade", "Upgrade": "tcp"},
        body={"Detach": False, "Tty": False},
    )
    output = b""
    with connection:
        connection.settimeout(PATIENCE)
        connection.sendall(exchange.data_to_send())
        while data := connection.recv(65536):
            output += bytes(exchange.receive_data(data))
    assert exchange.head is not None
    assert exchange.head.status == 101
    assert output == b"\x01\x00\x00\x00\x00\x00\x00\x03hi\n"
    assert client.call("GET", f"/exec/{execution}/json").json()["ExitCode"] == 3


def test_events_are_streamed(front: Front) -> None:
    client = front.connect()
    connection, exchange = client.open("GET", "/events")
    with connection:
        connection.settimeout(PATIENCE)
        connection.sendall(exchange.data_to_send())
        while exchange.head is None:
            exchange.receive_data(connection.recv(65536))
        container = client.create("host", ["true"])
        text = b""
        while b"\n" not in text:
            text += bytes(exchange.receive_data(connection.recv(65536)))
    event = json.loads(text.splitlines()[0])
    assert (event["status"], event["id"]) == ("create", container)


# -- refusals, one line each -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"access_key": "other"}, "the access key is not known"),
        (
            {"secret_key": "other"},
            "the signature does not match the request and the secret key",
        ),
        (
            {"region": "eu-central-1"},
            "the request is signed for region eu-central-1, not us-west-1",
        ),
        ({"access_key": None, "secret_key": None}, "the request is not signed"),
    ],
    ids=["wrong access key", "wrong secret key", "wrong region", "no keys"],
)
def test_each_wrong_signature_is_one_line_and_the_next_step(
    front: Front, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ApiError) as caught:
        front.connect(**changes)
    assert (caught.value.status, str(caught.value)) == (401, text)
    assert caught.value.hint


def test_a_wrong_clock_is_one_line(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.now(UTC) + timedelta(minutes=7)
    monkeypatch.setattr(authentication, "now", lambda: late)
    with pytest.raises(ApiError) as caught:
        front.connect()
    monkeypatch.undo()
    assert re.fullmatch(
        r"the request's date \w+ is more than 5 minutes away from the server's, \w+",
        str(caught.value),
    )
    assert "clock" in caught.value.hint


class Spoiling(HyperAuth):
    """Changes attach requests after they were signed."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        super().__call__(r)
        if "/attach" in str(r.url):
            r.url = f"{r.url}&stdin=0"
        return r


class Replaying(HyperAuth):
    """Signs the first request, and sends its headers with all that follow."""

    kept: dict[str, str] | None = None

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        if self.kept is None:
            super().__call__(r)
            self.kept = {key: value for key, value in r.headers.items() if key != "Content-Length"}
        else:
            r.headers.update(self.kept)
        return r


def test_a_stream_that_was_changed_on_its_way_is_one_line(front: Front) -> None:
    client = front.connect()
    container = client.create("host", ["cat"], stdin=True)
    client.start(container)
    assert client._auth is not None
    client._auth = Spoiling(client._auth.credentials)
    with pytest.raises(ApiError) as caught:
        client.attach(container)
    assert (caught.value.status, str(caught.value)) == (
        401,
        "the signature does not match the request and the secret key",
    )


def test_a_replay_with_another_body_is_refused(front: Front) -> None:
    client = front.connect()
    assert client._auth is not None
    client._auth = Replaying(client._auth.credentials)
    client.create("host", ["true"])
    with pytest.raises(ApiError, match=r"(?m)^the body is not the one that was signed$"):
        client.create("host", ["false"])
    assert [container.command for container in front.connect().containers()] == ["true"]


# -- where the keys come from ----------------------------------------------------------------


def configure(folder: Path, clouds: Any) -> None:
    (folder / ".hyper").mkdir()
    (folder / ".hyper" / "config.json").write_text(json.dumps({"clouds": clouds}))


ENTRY: Final = {"accesskey": "AKFAKE", "secretkey": "SKFAKE"}


def test_keys_of_the_hyper_command_s_configuration_are_used(front: Front, tmp_path: Path) -> None:
    configure(tmp_path, {front.url: ENTRY | {"region": "us-west-1"}})
    assert api.client_for(front.url, **front.options).engine == "hyper"


def test_keys_of_the_environment_are_used_where_a_region_is_named(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPER_ACCESS", "AKFAKE")
    monkeypatch.setenv("HYPER_SECRET", "SKFAKE")
    assert api.client_for(front.url, region="us-west-1", **front.options).engine == "hyper"
    with pytest.raises(ApiError, match="not signed"):
        api.client_for(front.url, **front.options)


def test_connect_makes_it_the_default(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default, "_default", None)
    client = api.connect(front.url, **KEYS, **front.options)
    assert api.current_client() is client
    assert client.engine == "hyper"


def test_tcp_is_tls_where_the_hyper_command_has_the_keys(
    engine: Engine, certificates: Certificates, tmp_path: Path
) -> None:
    with TlsFront(engine.path, certificates.serving()) as relay:
        address = relay.url.replace("https:", "tcp:")
        configure(tmp_path, {address: ENTRY})
        client = api.client_for(address, verify=False)
        assert (client.host, client.engine) == (relay.url, "hyper")
        assert client.warnings  # of the certificate that is not verified
        with pytest.raises(ConnectionFailed, match="is not trusted"):
            api.client_for(address)
        for plain, keys in ((address, KEYS), (address.replace("tcp:", "http:"), {})):
            with pytest.raises(HyperJupyterError) as caught:
                api.client_for(plain, **keys)
            assert caught.value.hint == "This was without TLS; an https:// address is with it."


def test_the_doctor_signs_and_says_why_it_is_refused(engine: Engine, tmp_path: Path) -> None:
    url = f"unix://{engine.path}"
    configure(tmp_path, {url: ENTRY})
    texts = [finding.text for finding in api.diagnose(url)]
    assert any(text.startswith("it is hyper ") for text in texts), texts
    refused = [finding for finding in api.diagnose(url, region="other") if finding.good is False]
    assert "is signed for region other, not us-west-1" in refused[0].text
    assert not any("FAKE" in repr(finding) for finding in refused)


def test_half_a_pair_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConnectionFailed, match="secret_key is missing"):
        api.client_for("tcp://127.0.0.1:9", access_key="AK")


def test_keys_or_a_region_alone_mean_hyper_s_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialled: list[str] = []

    def refuse(host: str, *_: Any, **__: Any) -> Any:
        dialled.append(host)
        raise OSError("no network in a test")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    for host in (None, "tcp://*.hyper.sh:443"):
        with pytest.raises(HyperJupyterError):
            api.client_for(host, **KEYS)
    monkeypatch.setenv("HYPER_ACCESS", "AKFAKE")
    monkeypatch.setenv("HYPER_SECRET", "SKFAKE")
    with pytest.raises(HyperJupyterError):
        api.client_for(None, region="eu-central-1")
    assert dialled == ["us-west-1.hyper.sh", "us-west-1.hyper.sh", "eu-central-1.hyper.sh"]


# -- what only Hyper does --------------------------------------------------------------------


def test_a_log_that_comes_with_an_upgrade_is_read() -> None:
    """Hyper's documentation has 101 for logs, where Docker sends 200."""
    identifier = "0123456789ab" * 5 + "cdef"
    inspected = {"Id": identifier, "Name": "/web", "Config": {"Tty": False}, "State": {}}
    log = (
        b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
        b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        b"\x01\x00\x00\x00\x00\x00\x00\x03out\x02\x00\x00\x00\x00\x00\x00\x03err"
    )
    answers: dict[str, Script] = {
        "GET /containers/web/json": answer(inspected),
        f"GET /containers/{identifier}/json": answer(inspected),
        f"GET /containers/{identifier}/logs": log,
    }
    with ScriptedServer(None, answers) as server:
        session = api.client_for(server.url, **KEYS).logs("web", follow=False)
        session.join(PATIENCE)
        assert (session.stdout.getvalue(), session.stderr.getvalue()) == (b"out", b"err")
        logs = next(r for r in server.requests if "/logs?" in r.line)
        assert "authorization" in logs.headers


def test_hyper_connect_finds_the_keys_and_shows_none(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"unix://{engine.path}"
    configure(tmp_path, {url: ENTRY})
    monkeypatch.setattr(default, "_default", None)
    shell = InteractiveShell.instance(colors="nocolor")
    try:
        shell.run_line_magic("load_ext", "hyper_jupyter")
        with capture_output() as captured:
            shell.run_line_magic("hyper_connect", url)
        assert captured.stdout.startswith(f"Connected to {url} (you named it): hyper ")
        assert captured.stdout.endswith(", API 1.23.\n")
        with capture_output() as captured:
            shell.run_cell(f"%hyper_connect {url} --region eu-central-1")
        assert captured.stdout.strip() == (
            "ApiError: the request is signed for region eu-central-1, not us-west-1. Signed for "
            "region eu-central-1, with the keys from the hyper command's configuration. Check "
            f"them, and that this machine's clock is right. The engine is still {url}."
        )
    finally:
        InteractiveShell.clear_instance()
