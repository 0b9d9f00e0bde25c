"""A session goes on after its connection was cut, with every byte once, on every engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.exceptions import SessionClosed
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle import reconnecting
from tests.engines.conftest import ENGINES
from tests.engines.scenarios import PATIENCE, Make, read_log, wait_for, wait_for_log
from tests.faults import FaultProxy
from tests.proxies import CuttingProxy

LINES = 600
NUMBERS = (
    f"i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo out $i; echo err $i >&2; "
    "[ $((i%20)) = 0 ] && sleep 0.1; done; read x; exit 3"
)


def numbered(word: str) -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), number + 1) for number in range(LINES))


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=20)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hj-") as made:
        yield Path(made)


@pytest.fixture
def proxy(client: Client, tmp_path: Path) -> Iterator[CuttingProxy]:
    with CuttingProxy(tmp_path / "proxy.sock", client._endpoint.path) as made:
        yield made


@pytest.fixture
def network(client: Client) -> Iterator[CuttingProxy]:
    """A proxy that makes it an engine on another machine, whose clock is not ours."""
    with CuttingProxy(None, client._endpoint.path) as made:
        yield made


@pytest.mark.core
@pytest.mark.depends_on("log_alters", "log_lacks_unfinished", "settles_after")
def test_two_cuts_cost_no_byte_of_a_container_that_was_seen_to_start(
    client: Client, container: Make, proxy: CuttingProxy
) -> None:
    made = container(NUMBERS.replace("read x; ", "sleep 4; "), start=False)
    session = client_for(proxy.url).attach(made)
    client.start(made)
    for cuts in range(2):
        seen = len(session.journal)
        session._lifecycle.wait_for(
            lambda seen=seen: len(session.journal) > seen + 500 or session._lifecycle.ended,
            PATIENCE,
        )
        proxy.cut()
        session._lifecycle.wait_for(
            lambda cuts=cuts: len(session.gaps) > 2 * cuts or session._lifecycle.ended,
            PATIENCE,
        )
    assert session.join(2 * PATIENCE) is State.EXITED
    assert session.exit_code == 3
    if b"\r" in client.profile.log_alters:  # its log has other ends of lines: nothing is proven
        assert session.complete is not True
        assert not any(gap.filled and gap.size for gap in session.gaps)
        return
    assert session.stdout.getvalue() == numbered("out")
    assert session.stderr.getvalue() == numbered("err")
    assert all(gap.filled for gap in session.gaps)
    assert [mark.kind for mark in session.marks] == ["cut"] * (len(session.gaps) // 2)
    assert session.complete is True


SIGNALLED = (
    "trap 'sleep 1; echo missed >&2; echo told' USR1; while :; do echo tick; sleep 0.1; done"
)


@pytest.mark.depends_on("log_alters", "log_lacks_unfinished", "log_time_step")
def test_a_cut_costs_a_late_session_no_line_of_a_stream_that_was_silent_before(
    client: Client, container: Make, network: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = container(SIGNALLED)
    witness = client.attach(made)
    witness.expect("tick")
    session = client_for(network.url).attach(made)
    session.expect("tick")
    monkeypatch.setattr(reconnecting, "_FIRST", 3600.0)
    monkeypatch.setattr(reconnecting, "_LONGEST", 3600.0)
    network.cut()
    assert session._lifecycle.wait_for(lambda: session.state is State.RECONNECTING, PATIENCE)
    client.kill(made, "USR1")  # it prints only well after the session was attached
    witness.expect("told")
    session.reconnect_now()
    assert session._lifecycle.wait_for(lambda: len(session.gaps) == 2, PATIENCE)
    (gap,) = (gap for gap in session.gaps if gap.stream is StreamType.STDERR)
    marked = b"\r" not in client.profile.log_alters  # else its log has other ends of lines
    assert (gap.filled, session.stderr.getvalue()) == (marked, b"missed\n" if marked else b"")
    for each in (session, witness):
        each.close(force=True)


SILENT = """
trap 'echo two; echo err two >&2; exit 3' USR1
echo one; echo err one >&2
while :; do sleep 0.1; done
"""


@pytest.mark.parametrize("from_start", [True, False], ids=["from its start", "running"])
def test_an_idle_connection_that_is_cut_again_and_again_leaves_no_gap(
    client: Client, container: Make, folder: Path, from_start: bool
) -> None:
    """Proxies do that after a minute or an hour; nothing was printed meanwhile."""
    made = container(SILENT, start=not from_start)
    if not from_start:
        wait_for_log(client, made, b"err one", stream=StreamType.STDERR)  # the last line
    with FaultProxy(f"unix://{client._endpoint.path}", folder / "f") as proxy:
        session = client_for(proxy.url).attach(made)
        if from_start:
            client.start(made)
            wait_for(session, b"one\n")
            wait_for(session, b"err one\n", StreamType.STDERR)
        for number in (2, 4):
            assert proxy.cut(None) > 0
            session._lifecycle.wait_for(
                lambda wanted=number: (
                    (len(session.gaps) == wanted and session.state is State.ATTACHED)
                    or session._lifecycle.ended
                ),
                PATIENCE,
            )
        assert proxy.counts.connections["attach"] == 3  # one attempt each
        client.kill(made, "USR1")
        assert session.join(PATIENCE) is State.EXITED, session.error
    before = b"one\n" if from_start else b""
    assert session.stdout.getvalue() == before + b"two\n"
    assert session.exit_code == 3
    proven = b"\r" not in client.profile.log_alters  # else its log has other ends of lines
    assert [gap.filled for gap in session.gaps] == [proven] * 4
    assert [mark.kind for mark in session.marks] == ["cut" if proven else "gap"] * 2
    # A log may lack the beginning of a line that is not finished. Only who saw the first byte knows
    # in the end that there was none.
    assert session.complete is not False
    assert (session.complete is True) or not (from_start and proven)
    session.close()


NUMBERED = """
n=0; while read line; do n=$((n + 1)); echo "read $n: $line"; done; echo "end of input"
exec sleep 1000
"""


@pytest.mark.depends_on("shares_stdio_connection")
def test_what_is_typed_around_a_cut_arrives_once_or_not_at_all_and_that_is_said(
    client: Client, container: Make, folder: Path
) -> None:
    made = container(NUMBERED, start=False, stdin=True)
    with FaultProxy(f"unix://{client._endpoint.path}", folder / "f") as proxy:
        session = client_for(proxy.url).attach(made)
        client.start(made)
        for number in range(5):
            session.send_line(f"line {number}")
        session.expect("line 4\n", PATIENCE)
        session.send_line("line 5")
        proxy.cut()
        again = session._lifecycle.wait_for(lambda: bool(session.gaps), PATIENCE)
        assert again, session
        (mark,) = session.marks
        assert "what was typed in the last moments may not have arrived" in mark.text
        ends_input = client.profile.shares_stdio_connection
        assert ("the cut has ended the container's input" in mark.text) is ends_input
        if ends_input:
            with pytest.raises(SessionClosed, match="its connection was cut"):
                session.send_line("line 6")
            session.expect("end of input", PATIENCE)
        else:
            session.send_line("line 6")
            session.expect("line 6\n", PATIENCE)
        session.close(force=True)
    lines = read_log(client, made).decode().splitlines()
    read = [line for line in lines if line.startswith("read ")]
    typed = [*range(5), *([] if ends_input else [6])]
    maybe = sorted([*typed, 5])
    assert read in [
        [f"read {number}: line {line}" for number, line in enumerate(found, 1)]
        for found in (typed, maybe)
    ]
    assert session.stdout.text.splitlines() == lines or not all(g.filled for g in session.gaps)
