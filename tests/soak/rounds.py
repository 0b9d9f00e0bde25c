"""One run of the soak against one engine.

Three containers print at once: numbered lines of both streams beside what is typed, one line again
and again, and long lines. A session of each goes through a proxy of its own, which breaks its
connections by the seed. At the end each transcript is compared with the container's log, which is
read without a proxy.

Any thread; blocks for the whole run.
"""

from __future__ import annotations

import contextlib
import math
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from tests.faults import Connection, Do, Fault, FaultProxy, Way
from tests.soak.compare import Hole, Verdict, compare, compare_alike, typed_numbers
from tests.soak.programs import SAME, Pace, flood, long_lines, same_line

__all__ = ["Figures", "Length", "run"]

PATIENCE: Final = 120.0
READING: Final = 1200.0
"""Seconds in which a log has to be read: that of a long run has hundreds of megabytes."""

PART: Final = 60.0
"""Seconds of one of several runs."""

TICK: Final = 0.02
BROKEN: Final = (Do.CUT, Do.RESET, Do.HALF_CLOSE)


@dataclass(frozen=True)
class Length:
    """How long a run is: until all of it is reached, or twice the seconds.

    Attributes:
        seconds: at least so long.
        cuts: at least so many connections are broken.
        typed: at least so many lines are typed, or refused.
        lines: the identical lines that are printed in all.
        piece: a connection is broken after at most so many bytes.
        pace: of the numbered lines.
        unplugged: seconds between two times at which the engine cannot be reached; 0 is never.
    """

    seconds: float = 600.0
    cuts: int = 300
    typed: int = 20
    lines: int = 100_000
    piece: int = 1_500_000
    pace: Pace = field(default_factory=Pace)
    unplugged: float = 60.0


@dataclass
class Figures:
    """What a run measured and found.

    Attributes:
        engine: its kind and version.
        seeds: of the runs.
        seconds: that they took.
        broken: faults that the proxies did, by what they did.
        unplugged: how often the engine could not be reached for a time.
        resumed: how often a session was attached again.
        compared: bytes of transcripts.
        filled: holes that were filled.
        marked: holes that stayed, and are marked.
        uncounted: of these, those of which the session says no number.
        missing: bytes that are missing at holes.
        typed: lines that were typed, and lines of these that the program has read.
        seconds_to_resume: from a cut to the next attachment, of each.
        details: what became of each session, a line each.
        wrong: what is not as promised, a line each.
    """

    engine: str
    seeds: list[int]
    seconds: float = 0.0
    broken: Counter[str] = field(default_factory=Counter)
    unplugged: int = 0
    resumed: int = 0
    compared: int = 0
    filled: int = 0
    marked: int = 0
    uncounted: int = 0
    missing: int = 0
    typed: tuple[int, int] = (0, 0)
    seconds_to_resume: list[float] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def cuts(self) -> int:
        return sum(self.broken[do] for do in BROKEN)

    def add(self, other: Figures) -> None:
        """Count another run of the same engine in."""
        self.seeds += other.seeds
        self.seconds += other.seconds
        self.broken += other.broken
        self.unplugged += other.unplugged
        self.resumed += other.resumed
        self.compared += other.compared
        self.filled += other.filled
        self.marked += other.marked
        self.uncounted += other.uncounted
        self.missing += other.missing
        self.typed = (self.typed[0] + other.typed[0], self.typed[1] + other.typed[1])
        self.seconds_to_resume += other.seconds_to_resume
        self.details += other.details
        self.wrong += [f"seed {other.seeds[0]}: {each}" for each in other.wrong]

    def lines(self) -> Iterator[str]:
        """Return the figures for people."""
        seeds = " to ".join(str(seed) for seed in sorted({self.seeds[0], self.seeds[-1]}))
        yield f"{self.engine}, seed {seeds}, {self.seconds:.0f} s"
        broken = ", ".join(f"{count} x {what}" for what, count in sorted(self.broken.items()))
        yield f"  connections broken: {self.cuts} ({broken}), unplugged {self.unplugged} times"
        yield f"  attached again: {self.resumed} times"
        if self.seconds_to_resume:
            median, most = statistics.median(self.seconds_to_resume), max(self.seconds_to_resume)
            yield f"  time to resume: median {median:.2f} s, longest {most:.2f} s"
        yield f"  bytes compared: {self.compared:,}"
        yield f"  gaps: {self.filled} filled, {self.marked} marked ({self.uncounted} uncounted)"
        yield f"  bytes missing where marked: {self.missing:,}"
        yield f"  lines typed: {self.typed[0]}, read by the program: {self.typed[1]}"
        yield from (f"    {each}" for each in self.details)
        yield f"  wrong: {len(self.wrong)}"
        yield from (f"    {each}" for each in self.wrong)


class Misfortune:
    """Gives attach connections their faults by chance; the same seed gives the same ones."""

    def __init__(self, seed: str, piece: int) -> None:
        self._random = random.Random(seed)
        self._piece = piece
        self.over = threading.Event()

    def __call__(self, connection: Connection) -> Sequence[Fault]:
        if connection.kind != "attach" or self.over.is_set():
            return ()
        chance = self._random
        do = chance.choices([Do.CUT, Do.RESET, Do.HALF_CLOSE], [7, 2, 1])[0]
        early = chance.random() < 0.15 and connection.number > 1  # the first one must be attached
        after = chance.randint(1, 120) if early else chance.randint(200, self._piece)
        faults = [Fault(do, after)]
        if chance.random() < 0.1:
            faults.append(Fault(Do.SPLIT, chance.randint(0, after), size=chance.randint(1, 9)))
        if chance.random() < 0.1:
            faults.append(Fault(Do.CUT, chance.randint(1, 2000), Way.REQUESTS, past_head=True))
        return faults


class Watched:
    """A session through a proxy, and how it fared."""

    def __init__(
        self, name: str, client: Client, script: str, path: Path, fortune: Misfortune, typing: bool
    ) -> None:
        self.name = name
        self._client = client
        self._fortune = fortune
        network = None if client.engine == "embedded" else "none"
        self.container = client.create(
            "default", ["sh", "-c", script], stdin=typing, network=network
        )
        self.proxy = FaultProxy(f"unix://{client._endpoint.path}", path, script=fortune)
        self.resumed: list[float] = []
        self._cut_at = 0.0
        self._printed: dict[StreamType, bytes] = {}
        through = client_for(self.proxy.url, timeout=20)
        self.session: Session = through.attach(self.container, stdin=typing)
        self.session.observe(self._observe)
        client.start(self.container)

    def _observe(self, old: State, new: State) -> None:
        if new == "reconnecting":
            self._cut_at = time.monotonic()
        elif old == "reconnecting" and new is State.ATTACHED:
            self.resumed.append(time.monotonic() - self._cut_at)

    def finish(self) -> None:
        """Let the container end, and the session with it."""
        self._fortune.over.set()
        with contextlib.suppress(HyperJupyterError):
            self._client.kill(self.container, "USR1")

    def printed(self, stream: StreamType) -> bytes:
        """Return what the container's log has of one stream; it is read once."""
        if stream in self._printed:
            return self._printed[stream]
        wanted = {"stdout": stream is StreamType.STDOUT, "stderr": stream is StreamType.STDERR}
        with self._client.logs(self.container, follow=False, **wanted) as log:
            log.join(READING)
            transcript = log.stdout if stream is StreamType.STDOUT else log.stderr
            self._printed[stream] = transcript.getvalue()
        return self._printed[stream]

    def holes(self, stream: StreamType) -> list[Hole]:
        """Return where the session says that output of one stream is missing."""
        found = []
        for gap in self.session.gaps:
            if gap.stream is stream and not gap.filled:
                # What was put there may lack something before it, or after it.
                places = sorted({gap.offset, gap.offset + gap.size})
                found += [Hole(place, None, gap.missing or 0) for place in places]
        return found

    def close(self) -> None:
        """Release everything, and remove the container."""
        with contextlib.suppress(HyperJupyterError):
            self.session.close(force=True)
        self.proxy.close()
        with contextlib.suppress(HyperJupyterError):
            self._client.remove(self.container, force=True)


def runs(
    client: Client,
    seed: int,
    length: Length,
    say: Callable[[str], object] = lambda _: None,
) -> Figures:
    """Run the soak again and again, with new containers and the next seed, and add up the figures.

    A log that grows for ten minutes is found in no place where people look: with it, most of the
    time would go into reading it.

    Args:
        client: of the engine, at a unix socket.
        seed: of the first run.
        length: of all runs together.
        say: is told how far it is.
    """
    part = replace(
        length,
        seconds=min(length.seconds, PART),
        cuts=math.ceil(length.cuts * min(1.0, PART / max(1.0, length.seconds))),
        unplugged=min(length.unplugged, PART / 2),
    )
    figures = run(client, seed, part, say)
    while figures.seconds < 2 * length.seconds and (
        figures.seconds < length.seconds or figures.cuts < length.cuts
    ):
        say(f"{figures.seconds:.0f} s, {figures.cuts} cuts in {len(figures.seeds)} runs")
        figures.add(run(client, seed + len(figures.seeds), part, say))
    return figures


def run(
    client: Client,
    seed: int,
    length: Length,
    say: Callable[[str], object] = lambda _: None,
) -> Figures:
    """Run the soak against one engine, and return what was found.

    Args:
        client: of the engine, at a unix socket.
        seed: chooses the faults.
        length: of the run.
        say: is told how far it is.
    """
    figures = Figures(f"{client.engine} {client.version().version}", [seed])
    began = time.monotonic()
    pace = length.pace
    programs = {
        "flood": (flood(pace), True),
        "same": (same_line(Pace(pace.lines, pace.pause, length.lines)), False),
        "long": (long_lines(Pace(max(1, pace.lines // 100), pace.pause * 2)), False),
    }
    with tempfile.TemporaryDirectory(prefix="hj-") as folder, contextlib.ExitStack() as stack:
        watched = []
        for name, (script, typing) in programs.items():
            fortune = Misfortune(f"{seed} {name}", length.piece)
            made = Watched(name, client, script, Path(folder) / name, fortune, typing)
            stack.callback(made.close)
            watched.append(made)
        typed = _go_through(watched, length, figures, began, say)
        for each in watched:
            each.finish()
        for each in watched:
            try:
                each.session.join(PATIENCE)
            except TimeoutError:
                figures.wrong.append(f"{each.name}: {each.session.state} after {PATIENCE:.0f} s")
        for each in watched:
            _judge(each, figures, length)
        read = typed_numbers(watched[0].printed(StreamType.STDOUT))
        figures.typed = (typed, len(read))
        if read != sorted(set(read)):
            figures.wrong.append("flood: typed lines came twice or in another order")
    figures.seconds = time.monotonic() - began
    return figures


def _go_through(
    watched: list[Watched],
    length: Length,
    figures: Figures,
    began: float,
    say: Callable[[str], object],
) -> int:
    """Type until the run is long enough; return how many lines were typed."""
    typed = tried = 0
    pulled = told = time.monotonic()
    plugged_in = True
    clock = threading.Event()
    while True:
        now = time.monotonic()
        _count(watched, figures)
        enough = figures.cuts >= length.cuts and tried >= length.typed
        late = 0 < 2 * length.seconds <= now - began
        if (enough or late) and plugged_in and now - began >= length.seconds:
            return typed
        if any(each.session.state in ("lost", "failed", "exited") for each in watched[::2]):
            ended = [f"{each.name} is {each.session.state}" for each in watched]
            figures.wrong.append(f"a session ended too early: {', '.join(ended)}")
            return typed
        if length.unplugged and plugged_in and now - pulled > length.unplugged:
            for each in watched:
                each.proxy.unplug()
            plugged_in, pulled = False, now
            figures.unplugged += 1
        elif not plugged_in and now - pulled > 1.0:
            for each in watched:
                each.proxy.plug_in()
            plugged_in = True
        if watched[0].session.state is State.ATTACHED:
            tried += 1
            with contextlib.suppress(HyperJupyterError):
                watched[0].session.send(f"in {typed + 1}\n", timeout=1.0)
                typed += 1
        if now - told > 20:
            told = now
            say(f"{now - began:.0f} s, {figures.cuts} cuts, {figures.resumed} resumed")
        clock.wait(TICK)


def _count(watched: list[Watched], figures: Figures) -> None:
    figures.broken = Counter()
    for each in watched:
        figures.broken.update({str(do): n for do, n in each.proxy.counts.done.items()})
    figures.seconds_to_resume = [seconds for each in watched for seconds in each.resumed]
    figures.resumed = len(figures.seconds_to_resume)


def _judge(watched: Watched, figures: Figures, length: Length) -> None:
    """Compare what a session has with what its container printed."""
    session = watched.session
    gaps = session.gaps
    figures.filled += sum(gap.filled for gap in gaps)
    figures.marked += sum(not gap.filled for gap in gaps)
    figures.uncounted += sum(not gap.filled and gap.missing is None for gap in gaps)
    ends = not _end_is_missing(session)
    for stream in (StreamType.STDOUT, StreamType.STDERR):
        received = (session.stdout if stream is StreamType.STDOUT else session.stderr).getvalue()
        holes = watched.holes(stream)
        verdict: Verdict
        if watched.name == "same" and stream is StreamType.STDOUT:
            lines = watched.printed(stream).count(SAME)
            verdict = compare_alike(received, SAME, lines, holes, ends=ends)
        else:
            verdict = compare(received, watched.printed(stream), holes, ends=ends)
        figures.compared += verdict.compared
        figures.missing += verdict.missing
        name = stream.name.lower()
        mine = [gap for gap in gaps if gap.stream is stream]
        figures.details.append(
            f"{watched.name}, {name}: {sum(gap.filled for gap in mine)} filled, "
            f"{sum(not gap.filled for gap in mine)} marked, {verdict.compared:,} bytes, "
            f"{verdict.missing:,} missing; complete: {session.complete}"
        )
        figures.wrong += [f"{watched.name}, {name}: {each}" for each in verdict.wrong]
    if session.state is not State.EXITED:
        figures.wrong.append(f"{watched.name}: it is {session.state}: {session.error}")
    if session.complete and any(not gap.filled for gap in gaps):
        figures.wrong.append(f"{watched.name}: it says that it is complete, with gaps")


def _end_is_missing(session: Session) -> bool:
    """Whether the session says that the end of its output is missing, or may be."""
    return session.complete is not True and any("end" in each for each in session.warnings)
