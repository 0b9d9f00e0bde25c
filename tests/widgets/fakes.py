"""A session without an engine: what it outputs and how it reacts is written down in the test."""

from __future__ import annotations

import threading
import time
import uuid
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from hyper_jupyter.exceptions import SessionClosed
from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.session import History
from hyper_jupyter.session.lifecycle.reconnecting import Reconnection
from hyper_jupyter.session.store.marks import Mark, MarkKind


@dataclass(frozen=True)
class ScriptedContainer:
    id: str = "f00dfeedf00dfeed"
    name: str = "web"
    image: str = "busybox"


@dataclass(frozen=True)
class ScriptedControls:
    stdin: str = ""
    eof: str = ""
    detach: str = ""
    signal: str = ""
    again: str = "the session is attached"
    start: str = "the session is attached"
    leave: str = "Leaving lets the container run on."
    follow: str = ""
    kernel_end: str = "the container runs on"
    heed: bool = False
    typing: bool = True


@dataclass(frozen=True)
class ScriptedStall:
    at: float
    seconds: float


@dataclass
class ScriptedJournal:
    """Keeps all bytes, or those from ``start`` on where a test has dropped some."""

    streams: dict[StreamType, bytearray] = field(
        default_factory=lambda: {StreamType.STDOUT: bytearray(), StreamType.STDERR: bytearray()}
    )
    starts: dict[StreamType, int] = field(default_factory=dict)
    runs: list[tuple[StreamType, int, float]] = field(default_factory=list)

    def append(self, stream: StreamType, data: bytes, at: float = 0.0) -> None:
        self.streams[stream] += data
        self.runs.append((stream, len(data), at))

    def start(self, stream: StreamType) -> int:
        return self.starts.get(stream, 0)

    def end(self, stream: StreamType) -> int:
        return len(self.streams[stream])

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        offset = max(offset, self.start(stream))
        return offset, bytes(self.streams[stream][offset : offset + size])

    def position(self, stream: StreamType, offset: int) -> int:
        if offset >= self.end(stream):
            return sum(map(len, self.streams.values()))
        return int(self._arrivals(stream, offset, 1)[0])

    def read_runs(
        self, stream: StreamType, offset: int, size: int
    ) -> tuple[int, bytes, array[float]]:
        offset, data = self.read_at(stream, offset, size)
        return offset, data, self._arrivals(stream, offset, size)

    def _arrivals(self, stream: StreamType, offset: int, size: int) -> array[float]:
        found = array("d")
        position = own = 0
        for kind, length, at in self.runs:
            if kind == stream:
                first, stop = max(offset, own), min(offset + size, own + length)
                if first < stop:
                    found.extend((position + first - own, stop - first, at))
                own += length
            position += length
        return found


class ScriptedSession:
    """A source whose container is the test.

    ``on_send`` is called with what is written to stdin. With ``refuse`` set, every request
    raises ``SessionClosed`` with that text.
    """

    def __init__(self, name: str = "web", *, tty: bool = False) -> None:
        self.name = name
        self.tty = tty
        self.terminal_size = (24, 80)
        self.state = "attached"
        self.exit_code: int | None = None
        self.error: Exception | None = None
        self.container = ScriptedContainer(id=uuid.uuid4().hex, name=name)
        self.engine = "embedded"
        self.host = "local:"
        self.started_at = time.time()
        self.ended_at: float | None = None
        self.restarts = 0
        self.wants = frozenset({"stdin", "stdout", "stderr"})
        self.journal = ScriptedJournal()
        self.history = History()
        self.stalls: tuple[ScriptedStall, ...] = ()
        self.stall_count = 0
        self.stall_seconds = 0.0
        self.complete: bool | None = None
        self.out_of_memory = False
        self.paused = self.removed = self.recreated = self.reads_log = False
        self.engine_ended = False
        self.awaits = ""
        self.reconnecting: Reconnection | None = None
        self.watches = 0
        self.kind = "attach"
        self.command: tuple[str, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        self.missing: dict[StreamType, int] = {}
        self.warnings: tuple[str, ...] = ()
        self.current = ScriptedControls()
        self.refuse = ""
        self.returned: list[bool] = []
        self.on_return: Callable[[], None] = lambda: None
        self.sent: list[bytes] = []
        self.hidden: list[bool] = []
        self.signals: list[str] = []
        self.calls: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.on_send: Callable[[bytes], None] = lambda data: None
        self._wakes: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    # -- the container's side

    def output(self, data: bytes, stream: StreamType = StreamType.STDOUT) -> None:
        with self._lock:
            self.journal.append(stream, data, time.time())
        self.changed()

    def mark(self, kind: MarkKind, text: str) -> None:
        with self._lock:
            offsets = {stream: self.journal.end(stream) for stream in self.journal.streams}
            number = len(self.marks) + 1
            mark = Mark(kind, text, time.time(), sum(offsets.values()), offsets, number)
            self.marks = (*self.marks, mark)
        self.changed()

    def exit(self, code: int) -> None:
        self.state = "exited"
        self.exit_code = code
        self.ended_at = time.time()
        reason = "the container has ended"
        self.current = ScriptedControls(
            stdin=reason, eof=reason, detach=reason, signal=reason, again=reason, start="", leave=""
        )
        self.changed()

    def changed(self) -> None:
        for wake in list(self._wakes):
            wake()

    # -- the widgets' side

    def controls(self) -> ScriptedControls:
        return self.current

    def watch_pauses(self) -> Callable[[], None]:
        self.watches += 1

        def end() -> None:
            self.watches -= 1

        return end

    def send(self, data: bytes | str, *, hidden: bool = False) -> None:
        self._request("send")
        self.hidden.append(hidden)
        raw = data.encode() if isinstance(data, str) else data
        self.sent.append(raw)
        self.on_send(raw)

    def send_eof(self) -> None:
        self._request("send_eof")

    def detach(self) -> None:
        self._request("detach")
        self.state = "detached"
        self.ended_at = time.time()
        reason = "the session is detached"
        self.current = ScriptedControls(
            stdin=reason, eof=reason, detach=reason, signal=reason, again="", start=reason, leave=""
        )
        self.changed()

    def reconnect_now(self) -> None:
        self._request("reconnect_now")

    def send_signal(self, signal: str) -> None:
        self._request("send_signal")
        self.signals.append(signal)

    def follow_restarts(self) -> None:
        self._request("follow_restarts")

    def attach_again(self, *, start: bool) -> None:
        self._request("attach_again")
        self.returned.append(start)
        self.on_return()

    def resize(self, height: int, width: int) -> None:
        self._request("resize")
        self.sizes.append((height, width))

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        self._wakes.append(wake)
        return lambda: self._wakes.remove(wake)

    def _request(self, name: str) -> None:
        self.calls.append(name)
        if self.refuse:
            raise SessionClosed(self.refuse)
