"""A session goes on after a cut, with every byte once, over each way there is to an engine."""

from __future__ import annotations

import getpass
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from tests.certificates import Certificates
from tests.engine.behaviour.signatures.signed_engine import signed_engine
from tests.engines.conftest import REAL
from tests.engines.scenarios import NUMBERS, PATIENCE, Make
from tests.engines.test_ways import reverse_proxy
from tests.faults import FaultProxy
from tests.proxies import Cable, TunnelProxy
from tests.real_engines import everything_everywhere, newest, skip_or_fail
from tests.recorded import KEYS
from tests.soak.compare import Hole, compare
from tests.sshd import SshServer
from tests.tls import TlsFront

OUTPUTS: Final = (StreamType.STDOUT, StreamType.STDERR)

ENGINES = [
    pytest.param({"host": "local:"}, id="local"),
    *(
        pytest.param({"host": each.url}, id=each.name, marks=pytest.mark.engines)
        for kind in ("docker", "podman")
        for each in newest(REAL, kind)
    ),
]


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=PATIENCE)


@dataclass
class Way:
    """A way to an engine.

    Attributes:
        url: where the engine is, over it.
        cut: ends the connections on it.
        options: for the client.
        attach: for the session.
        mend: lets connections through again, if the cut is longer than a moment.
        setup: what the program does first.
        proven: whether the log can prove what is missing.
    """

    url: str
    cut: Callable[[], object]
    options: dict[str, Any] = field(default_factory=dict)
    attach: dict[str, Any] = field(default_factory=dict)
    mend: Callable[[], object] | None = None
    setup: str = ""
    proven: bool = True


@dataclass
class Ground:
    """What a way is built from: it ends with ``stack``."""

    stack: ExitStack
    client: Client
    certificates: Certificates
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def socket(self) -> str:
        return self.client._endpoint.path

    def faults(self, *, tcp: bool) -> FaultProxy:
        path = None if tcp else self.folder / "f"
        return self.stack.enter_context(FaultProxy(f"unix://{self.socket}", path))

    def tls(self, serving: Path | None = None) -> Cable:
        """A line to a front that speaks TLS."""
        context = self.certificates.serving(client=True, folder=serving)
        front = self.stack.enter_context(TlsFront(self.socket, context))
        return self.line(int(front.url.rpartition(":")[2]))

    def line(self, port: int) -> Cable:
        return self.stack.enter_context(Cable(("127.0.0.1", port)))


def tcp(ground: Ground) -> Way:
    proxy = ground.faults(tcp=True)
    return Way(proxy.url, lambda: proxy.cut(None, reset=True))


def tls(ground: Ground) -> Way:
    line = ground.tls()
    return Way(f"https://127.0.0.1:{line.port}", line.cut_all, {"tls": ground.certificates.client})


def ssh(ground: Ground) -> Way:
    if shutil.which("docker") is None:
        skip_or_fail("no docker command")
    server = SshServer(ground.folder)
    ground.stack.callback(server.close)
    ground.patch.setenv("PATH", f"{server.bin}:{os.environ['PATH']}")
    line = ground.line(server.port)
    url = f"ssh://{getpass.getuser()}@127.0.0.1:{line.port}{ground.socket}"
    return Way(url, line.cut_all)


def http_proxy(ground: Ground) -> Way:
    faults = ground.faults(tcp=True)
    port = int(faults.url.rpartition(":")[2])
    tunnel = ground.stack.enter_context(TunnelProxy(("127.0.0.1", port)))
    ground.patch.setenv("HTTP_PROXY", f"http://{tunnel.address}")
    ground.patch.setenv("NO_PROXY", "")
    return Way("tcp://engine.example:2375", lambda: faults.cut(None))


def https_proxy(ground: Ground) -> Way:
    line = ground.tls(ground.certificates.elsewhere)
    tunnel = ground.stack.enter_context(TunnelProxy(("127.0.0.1", line.port)))
    ground.patch.setenv("HTTPS_PROXY", f"http://{tunnel.address}")
    ground.patch.setenv("NO_PROXY", "")
    return Way("https://elsewhere.example", line.cut_all, {"tls": ground.certificates.client})


def behind(kind: str, ground: Ground) -> Way:
    """The engine is away for a moment: what stands in front of it answers in its place."""
    faults = ground.faults(tcp=False)
    url = ground.stack.enter_context(
        reverse_proxy(kind, True, faults.url.removeprefix("unix://"), ground.folder,
                      ground.certificates)
    )  # fmt: skip
    return Way(url, faults.unplug, {"tls": ground.certificates.client}, mend=faults.plug_in)


def nginx(ground: Ground) -> Way:
    return behind("nginx", ground)


def haproxy(ground: Ground) -> Way:
    return behind("haproxy", ground)


def websocket(ground: Ground) -> Way:
    if not ground.client.profile.has_websocket:
        pytest.skip("this engine has no WebSocket")
    proxy = ground.faults(tcp=True)
    return Way(
        proxy.url,
        lambda: proxy.cut(None, reset=True),
        attach={"ws": True},
        setup="exec 2>&1",
        proven=False,
    )


@pytest.fixture
def ground(
    client: Client, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder, ExitStack() as stack:
        yield Ground(stack, client, certificates, Path(folder), monkeypatch)


def goes_on(client: Client, way: Way, made: str) -> None:
    """Follow numbered lines over a cut; what came is what the container's log has."""
    session = client_for(way.url, timeout=PATIENCE, **way.options).attach(made, **way.attach)
    streams = OUTPUTS[:1] if session._attachment.plan.mixes_streams else OUTPUTS
    try:
        client.start(made)
        await_more(session, streams)
        way.cut()
        if way.mend is not None:
            tried = session._lifecycle.wait_for(
                lambda: session.reconnecting is not None and session.reconnecting.attempt > 1,
                PATIENCE,
            )
            assert tried, session
            way.mend()
        attached = session._lifecycle.wait_for(lambda: len(session.gaps) >= len(streams), PATIENCE)
        assert attached, (session, session.reconnecting)
        await_more(session, streams)
        client.kill(made, "USR1")
        assert session.join(PATIENCE) is State.EXITED, session.error
        assert session.exit_code == 3
        log = client.logs(made, follow=False)
        assert log.join(PATIENCE) is State.EXITED
        pairs = ((session.stdout, log.stdout), (session.stderr, log.stderr))
        for stream, (ours, theirs) in zip(OUTPUTS, pairs, strict=True):
            gaps = [gap for gap in session.gaps if gap.stream is stream and not gap.filled]
            holes = [Hole(gap.offset) for gap in gaps]
            assert compare(ours.getvalue(), theirs.getvalue(), holes).wrong == []
        # Where both streams come as one, the log has their lines in another order.
        proven = way.proven
        assert {gap.filled for gap in session.gaps} == {proven}
        assert {mark.kind for mark in session.marks} == {"cut" if proven else "gap"}
        assert session.complete is (True if proven else None)
        log.close()
    finally:
        session.close(force=True)


def await_more(session: Session, streams: Sequence[StreamType]) -> None:
    """Wait until much more has come of each stream."""
    seen = {stream: session.journal.end(stream) for stream in streams}
    came = session._lifecycle.wait_for(
        lambda: (
            session._lifecycle.ended
            or all(session.journal.end(each) > seen[each] + 500 for each in streams)
        ),
        PATIENCE,
    )
    assert came, session
    assert not session._lifecycle.ended, (session, session.error)


KINDS: Final[dict[Callable[[Ground], Way], str]] = {
    tcp: "docker",
    tls: "podman",
    ssh: "",
    http_proxy: "podman",
    https_proxy: "docker",
    nginx: "docker",
    haproxy: "podman",
    websocket: "docker",
}
"""The ways, each with the kind of engine that it is tried with, beside the embedded one.

A connection through ssh takes seconds on a busy machine, and a session needs several.
"""


def chosen() -> Iterator[Any]:
    """Each way to the embedded engine, and each once more to a Docker or a Podman."""
    for way in KINDS:
        for engine in ENGINES:
            kind = str(engine.id).partition("-")[0].rstrip("0123456789")
            if kind in ("local", KINDS[way]) or everything_everywhere():
                marks = engine.marks
                yield pytest.param(
                    engine.values[0], way, id=f"{engine.id}-{way.__name__}", marks=marks
                )


@pytest.mark.parametrize(("client", "way"), [*chosen()], indirect=["client"])
def test_a_session_goes_on_after_a_cut(
    way: Callable[[Ground], Way], client: Client, container: Make, ground: Ground
) -> None:
    made = way(ground)
    goes_on(client, made, container(made.setup + NUMBERS, start=False))


def test_a_session_of_a_hyper_endpoint_goes_on_after_a_cut() -> None:
    """Every request is signed anew, those of the second connection too."""
    keys: dict[str, Any] = dict(KEYS)
    with signed_engine() as engine, tempfile.TemporaryDirectory(prefix="hj-") as folder:
        client = client_for(f"unix://{engine.path}", **keys, timeout=PATIENCE)
        with FaultProxy(client.host, Path(folder) / "f") as proxy:
            made = client.create("host", ["sh", "-c", NUMBERS])
            way = Way(proxy.url, lambda: proxy.cut(None), keys)
            goes_on(client, way, made)
            client.remove(made, force=True)
