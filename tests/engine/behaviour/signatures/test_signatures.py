"""An engine that requires signatures: what it lets in, and what it says to the rest."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import unix_connect

from hyper_jupyter.protocol import sign
from tests.engine.driver import (
    TIMEOUT,
    Engine,
    Reply,
    Stream,
    UnixConnection,
    demultiplex,
    start_engine,
)
from tests.recorded import KEYS, REGION, TIME, Recorded, requests, runs

PAIR: Final = "AKFAKE:SKFAKE"
ROOT: Final = Path(__file__).parents[4]
WEB: Final = 'while read l; do [ "$l" = bye ] && exit 7; echo "o:$l"; echo "e:$l" >&2; done'


class SignedEngine(Engine):
    """An engine to talk to with signed requests; `changes` spoil what is sent."""

    def __init__(self, path: str, process: subprocess.Popen[bytes]) -> None:
        super().__init__(path, process)
        self.date: str | None = None

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        sent_body: bytes | None = None,
        without: str = "",
        **changes: Any,
    ) -> tuple[int, str, str]:
        """Status, content type and text of the answer."""
        fields = self.signed(method, target, body, headers or {}, **changes)
        fields = {name: value for name, value in fields.items() if name != without}
        connection = UnixConnection(self.path)
        try:
            connection.request(method, target, body if sent_body is None else sent_body, fields)
            response = connection.getresponse()
            kind = response.headers.get("Content-Type", "")
            return response.status, kind, response.read().decode()
        finally:
            connection.close()

    def signed(
        self, method: str, target: str, body: bytes, headers: dict[str, str], **changes: Any
    ) -> dict[str, str]:
        date = self.date or datetime.now(UTC)
        options = {**KEYS, "region": REGION, "date": date, **changes}
        fields = {"Host": "engine", **headers}
        return fields | sign(method, target, fields, body, **options)

    def call(self, method: str, path: str, body: Any = None, *, prefix: str | None = None) -> Any:
        """As an :class:`Engine`'s, signed."""
        target = (self.prefix if prefix is None else prefix) + path
        content = b"" if body is None else json.dumps(body).encode()
        fields = self.signed(method, target, content, {})
        connection = UnixConnection(self.path)
        try:
            connection.request(method, target, content, fields)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def sent(self, data: bytes) -> Stream:
        connected = self.dial()
        connected.sendall(data)
        return Stream(connected)


@pytest.fixture(scope="module")
def guarded() -> Iterator[SignedEngine]:
    """Requires signatures of AKFAKE, by the real clock."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        started = start_engine(Path(folder) / "s", "--require-signature", PAIR)
        assert started.process is not None
        engine = SignedEngine(started.path, started.process)
        engine.prefix = "/v1.23"
        try:
            yield engine
        finally:
            engine.hang_up()
            assert engine.stop() == 0


@pytest.fixture
def recorded_engine() -> Iterator[SignedEngine]:
    """Requires signatures of AKFAKE, with the clock of the recording, and runs its container."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = str(Path(folder) / "s")
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.dated_engine", path, PAIR, TIME],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        with process.stdout as stdout:
            assert stdout.readline() == b"ready\n"
        engine = SignedEngine(path, process)
        engine.prefix, engine.date = "/v1.23", TIME
        try:
            engine.run("sh", "-c", WEB, name="web", stdin=True)
            yield engine
        finally:
            engine.hang_up()
            assert engine.stop() == 0


# -- what the published command line sends ---------------------------------------------------


def test_the_recording_is_of_this_container() -> None:
    assert json.dumps(WEB) in runs()["inspect"]["stdout"]
    assert len(requests()) == 12


@pytest.mark.parametrize("recorded", [r for r in requests() if "/exec/" not in r.target], ids=str)
def test_each_recorded_request_is_served_byte_by_byte(
    recorded_engine: SignedEngine, recorded: Recorded
) -> None:
    """But for those that name an exec: its id is another one here (see the next test)."""
    stream = recorded_engine.sent(recorded.raw)
    assert stream.status == recorded.status
    kind = re.search(rb"(?i)content-type: ([^\r]*)", stream.head)
    kinds = {
        101: b"application/vnd.docker.raw-stream",
        204: None,
        404: b"text/plain; charset=utf-8",
    }
    expected = kinds.get(recorded.status, b"application/json")
    if not recorded.target.startswith("/v1.23/containers/web/logs"):
        assert (kind and kind[1]) == expected
    if recorded.status == 404:
        stream.half_close()
        assert stream.read_all() == b"No such container: nosuch\n"


def test_the_recorded_attach_types_behind_its_empty_body(recorded_engine: SignedEngine) -> None:
    recorded = next(r for r in requests() if "/attach" in r.target)
    assert recorded.behind == b"hello\nbye\n"
    stream = recorded_engine.sent(recorded.raw + recorded.behind)
    assert stream.outputs() == (b"o:hello\n", b"e:hello\n")
    assert recorded_engine.inspect("web")["State"]["ExitCode"] == runs()["attach"]["exit_status"]


def test_the_recorded_exec_runs(recorded_engine: SignedEngine) -> None:
    create, start = (r for r in requests() if r.run == "exec")
    made = recorded_engine.sent(create.raw)
    made.half_close()
    execution = json.loads(made.read_all())["Id"]
    target = re.sub(r"/exec/[0-9a-f]{64}/", f"/exec/{execution}/", start.target)
    headers = dict(start.headers) | {"Host": "127.0.0.1:6443"}
    added = sign(start.method, target, headers, start.body, **KEYS, region=REGION, date=TIME)
    lines = [f"{start.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (headers | added).items()]
    stream = recorded_engine.sent("\r\n".join([*lines, "", ""]).encode() + start.body)
    assert stream.status == 101
    assert demultiplex(stream.read_all())[0] == b"hi\n"
    assert recorded_engine.exec_code(execution) == 3


def test_a_recorded_request_is_refused_when_it_is_stale(guarded: SignedEngine) -> None:
    stream = guarded.sent(requests()[0].raw)
    stream.half_close()
    assert stream.status == 401
    assert stream.read_all().startswith(
        b"the request's date 20261123T170718Z is more than 5 minutes away from the server's, "
    )


# -- what is refused -------------------------------------------------------------------------

WRONG: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "wrong access key": ({"access_key": "other"}, "the access key is not known"),
    "wrong secret key": (
        {"secret_key": "other"},
        "the signature does not match the request and the secret key",
    ),
    "wrong region": (
        {"region": "eu-central-1"},
        "the request is signed for region eu-central-1, not us-west-1",
    ),
    "replay with another body": (
        {"sent_body": b'{"Image":"host","Cmd":["rm"]}'},
        "the body is not the one that was signed",
    ),
    "without a signature": ({"without": "Authorization"}, "the request is not signed"),
    "without a date": ({"without": "X-Hyper-Date"}, "the request has no valid X-Hyper-Date"),
    "without a digest": (
        {"without": "X-Hyper-Content-Sha256"},
        "the body is not the one that was signed",
    ),
    "without a content type": (
        {"without": "Content-Type"},
        "the headers host;x-hyper-content-sha256;x-hyper-date have to be signed, and no others",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_signature_is_401_with_its_reason_in_plain_text(
    guarded: SignedEngine, name: str
) -> None:
    changes, reason = WRONG[name]
    body = b'{"Image":"host","Cmd":["true"]}'
    answer = guarded.request("POST", "/v1.23/containers/create", body, **changes)
    assert answer == (401, "text/plain; charset=utf-8", reason + "\n")
    assert guarded.call("GET", "/containers/json?all=1").json == []


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_date_is_refused(guarded: SignedEngine, minutes: int) -> None:
    date = datetime.now(UTC) + timedelta(minutes=minutes)
    status, _, text = guarded.request("GET", "/v1.23/version", date=date)
    assert status == 401
    assert text.startswith(f"the request's date {date:%Y%m%dT%H%M%SZ} is more than 5 minutes away")


def test_a_newer_version_s_error_is_json(guarded: SignedEngine) -> None:
    for target in ("/v1.24/version", "/version", "/_ping"):
        status, kind, text = guarded.request("GET", target, without="Authorization")
        assert (status, kind) == (401, "application/json")
        assert json.loads(text) == {"message": "the request is not signed"}


@pytest.mark.parametrize(
    "target",
    [
        "/_ping", "/version", "/v1.23/info", "/v9.9/info", "/nowhere", "//_ping", "/%zz", "/",
        "/v1.23/events", "/v1.23/containers/web/json", "http://engine/_ping",
    ],
)  # fmt: skip
def test_nothing_is_told_without_a_signature(guarded: SignedEngine, target: str) -> None:
    answer = guarded.raw(f"GET {target} HTTP/1.0\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"\r\nWWW-Authenticate: HYPER-HMAC-SHA256\r\n" in answer


def test_an_attach_without_a_signature_is_refused_and_runs_nothing(guarded: SignedEngine) -> None:
    stream = guarded.attach("web", behind=b"bye\n")
    stream.half_close()
    assert stream.status == 401
    assert stream.read_all() == b"the request is not signed\n"


def test_a_websocket_is_let_in_when_its_get_is_signed(guarded: SignedEngine) -> None:
    container = guarded.run("cat", stdin=True)
    for prefix, words in [("/v1.23", b"not signed\n"), ("", b'not signed"}\n')]:
        target = f"{prefix}/containers/{container}/attach/ws?stream=1&stdin=1&stdout=1"
        fields = guarded.signed("GET", target, b"", {})
        del fields["Host"]
        uri = f"ws://engine{target}"
        with unix_connect(guarded.path, uri, additional_headers=fields) as client:
            client.send(b"hello")
            assert client.recv(TIMEOUT) == ("hello" if prefix else b"hello")
        changed = uri.replace("stdout=1", "stdout=0")
        for headers, said in [({}, words), (fields, b"does not match")]:
            with pytest.raises(InvalidStatus) as caught:
                unix_connect(guarded.path, changed, additional_headers=headers)
            response = caught.value.response
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "HYPER-HMAC-SHA256"
            assert said in response.body
    guarded.remove(container)


# -- how it is told the keys -----------------------------------------------------------------


def test_without_the_option_nothing_has_to_be_signed(engine: Engine) -> None:
    assert engine.call("GET", "/_ping").status == 200


def run_engine(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hyper_jupyter.engine", "--socket", str(folder / "s"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
    )


@pytest.mark.parametrize("way", ["file", "environment"])
def test_keys_may_come_from_a_file_or_the_environment(way: str) -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as name:
        folder = Path(name)
        (folder / "keys").write_text(f"{PAIR}\nwhat follows does not count\n")
        if way == "file":
            process = run_engine(folder, "--require-signature", f"@{folder}/keys")
        else:
            process = run_engine(
                folder, "--require-signature", HYPER_ACCESS="AKFAKE", HYPER_SECRET="SKFAKE"
            )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            engine = SignedEngine(str(folder / "s"), process)
            status, *_ = engine.request("GET", "/v1.23/version")
            unsigned, *_ = engine.request("GET", "/v1.23/version", without="Authorization")
            process.terminate()
    assert (status, unsigned) == (200, 401)


def test_another_region_is_named_by_an_option() -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as name:
        path = Path(name) / "s"
        started = start_engine(path, "--require-signature", PAIR, "--region", "eu-central-1")
        assert started.process is not None
        engine = SignedEngine(started.path, started.process)
        there, *_ = engine.request("GET", "/v1.23/version", region="eu-central-1")
        here, *_ = engine.request("GET", "/v1.23/version")
        engine.stop()
    assert (there, here) == (200, 401)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("SECRETWORD", "no ACCESS:SECRET in --require-signature"),
        ("AKFAKE:", "no ACCESS:SECRET in --require-signature"),
        (":SECRETWORD", "no ACCESS:SECRET in --require-signature"),
        ("@/nowhere/keys", "/nowhere/keys: No such file or directory"),
        ("@/bin/sh", "/bin/sh is not text"),
        ("@/dev/null", "no ACCESS:SECRET in /dev/null"),
        ("", "no ACCESS:SECRET in HYPER_ACCESS and HYPER_SECRET"),
    ],
)
def test_without_keys_it_does_not_start_and_says_so_without_what_was_given(
    given: str, said: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        with run_engine(
            Path(folder), "--require-signature", given, HYPER_ACCESS="", HYPER_SECRET=""
        ) as process:
            output, errors = process.communicate(timeout=TIMEOUT)
        assert (process.returncode, output) == (2, b"")
        assert errors.decode() == f"hyper engine: {said}\n"


def test_a_container_does_not_get_the_engine_s_keys() -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = Path(folder)
        with run_engine(
            path, "--require-signature", HYPER_ACCESS="AKFAKE", HYPER_SECRET="SKFAKE"
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            engine = SignedEngine(str(path / "s"), process)
            container = engine.run("env")
            assert engine.wait(container) == 0
            text = engine.logs(container)
            process.terminate()
    assert b"PATH=" in text
    assert b"FAKE" not in text
