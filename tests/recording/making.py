"""Sessions and recordings for the tests of recordings."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from hypothesis import strategies as st

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.recording import (
    Event,
    Exit,
    Header,
    Input,
    Marker,
    Output,
    Recording,
    Resize,
)
from hyper_jupyter.session.store.history import History
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import MarkKind, Marks
from hyper_jupyter.session.store.sizes import Sizes
from hyper_jupyter.session.store.spool import Spool
from hyper_jupyter.session.store.typed import Typed

NOON = 1_790_000_000.0  # 2026-09-21 14:13:20 UTC

STDOUT, STDERR = StreamType.STDOUT, StreamType.STDERR


class StoredSession:
    """What a recording needs of a session, with a real store.

    Args:
        tty: whether it has a terminal.
        memory: bytes of its journal.
        capacity: bytes of its spool.
    """

    def __init__(self, *, tty: bool = False, memory: int = 2**23, capacity: int = 2**31) -> None:
        self.name = "web"
        self.container = SimpleNamespace(name="web", image="busybox", command="sh -c 'date'")
        self.engine = "docker"
        self.kind = "attach"
        self.command: tuple[str, ...] = ()
        self.tty = tty
        self.clock = "arrival"
        self.started_at = NOON
        self.ended_at: float | None = None
        self.exit_code: int | None = None
        self.complete: bool | None = None
        self.journal = Journal(memory, Spool(capacity))
        self.sizes = Sizes(self.journal, (24, 80))
        self.typed = Typed(self.journal, threading.RLock())
        self._marks = Marks(self.journal, threading.RLock())
        self.history = History("all")

    @property
    def marks(self) -> tuple[object, ...]:
        return self._marks.all

    def output(self, data: bytes, after: float, stream: StreamType = STDOUT) -> None:
        self.journal.extend([(stream, data)], NOON + after)  # type: ignore[list-item]

    def mark(self, text: str, after: float, kind: MarkKind = MarkKind.NOTE) -> None:
        self._marks.add(kind, text, NOON + after)

    def end(self, code: int, after: float) -> None:
        self.exit_code, self.ended_at = code, NOON + after


def recording(*events: Event, tty: bool = False, **header: object) -> Recording:
    return Recording.from_events(Header(tty=tty, **header), events)  # type: ignore[arg-type]


def printed(found: Recording, stream: str = "stdout") -> bytes:
    """Return all bytes of a stream."""
    return b"".join(
        event.data
        for event in found.events()
        if isinstance(event, Output) and event.stream == stream
    )


# What is often cut wrongly: line ends, characters of several bytes, invalid bytes, sequences.
BITS = st.sampled_from(
    [
        b"\n",
        b"\r",
        b"\r\n",
        b"a",
        b"long line ",
        "é".encode(),
        "中".encode(),
        "😀".encode(),
        b"\xff",
        b"\xc3",
        b"\xf0\x9f",
        b"\x9f\x98\x80",
        b"\xf0",
        b"\x9f",
        b"\x98",
        b"\x80",
        b"\xed\xa0\x80",
        b"\x1b[31m",
        b"\x1b",
        b"[2J",
        b"\x00",
        b"\xe2\x80\xa8",
        b"</script>",
        b"\x7f",
        b'"\\',
    ]
)
DATA = st.one_of(
    st.lists(BITS, min_size=1, max_size=6).map(b"".join), st.binary(min_size=1, max_size=8)
)
TIMES = st.integers(-(10**9), 10**9).map(lambda number: number / 10**6)
OUTPUTS = st.builds(Output, TIMES, st.sampled_from(["stdout", "stderr"]), DATA)
TERMINAL_OUTPUTS = st.builds(Output, TIMES, st.just("stdout"), DATA)
OTHERS = st.one_of(
    st.builds(Input, TIMES, DATA),
    st.builds(Resize, TIMES, st.integers(1, 65535), st.integers(1, 65535)),
    st.builds(
        Marker,
        TIMES,
        st.sampled_from(["", "here", "é ü"]),
        st.sampled_from(["note", "cut"]),
        lost=st.just(()),
    ),
)
EXITS = st.builds(Exit, TIMES, st.integers(-1, 255))


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Make recordings of all kinds."""
    tty = draw(st.booleans())
    outputs = TERMINAL_OUTPUTS if tty else OUTPUTS
    events = draw(st.lists(st.one_of(outputs, OTHERS), max_size=12))
    events.sort(key=lambda event: event.time)
    if draw(st.booleans()):
        events.append(draw(EXITS))
    header = Header(
        title=draw(st.sampled_from(["", "web", "é </script>"])),
        command=draw(st.sampled_from(["", "sh -c 'a b'"])),
        container="web",
        image="busybox",
        engine="docker",
        kind=draw(st.sampled_from(["attach", "exec", "logs"])),
        started_at=draw(st.sampled_from([None, 0.0, NOON, NOON + 0.123456])),
        rows=draw(st.integers(1, 300)),
        columns=draw(st.integers(1, 300)),
        tty=tty,
        clock=draw(st.sampled_from(["arrival", "engine"])),
        complete=draw(st.sampled_from([None, True, False])),
        idle_limit=draw(st.sampled_from([None, 2.5])),
    )
    return Recording.from_events(header, events)
