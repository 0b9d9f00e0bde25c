"""Which bytes go to which page, without a kernel and without a clock."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.widgets.delivery import output_sender
from hyper_jupyter.widgets.delivery.output_sender import (
    ANSWER_WITHIN,
    CAP,
    CHUNK,
    GREET_AFTER,
    GREETING,
    INTERVAL,
    PROBE_AFTER,
    PROBE_AFTER_CELL,
    PROBES,
    RELOAD,
    SHARE,
    SLOW_CHUNK,
    OutputSender,
)
from hyper_jupyter.widgets.delivery.page_state import EVERYONE, FASTEST, SLOWEST, SPEED
from hyper_jupyter.widgets.delivery.rate_limiter import BURST, CEILING, RATE, TOTAL, RateLimiter
from tests.widgets.fakes import ScriptedJournal

STDOUT, STDERR = StreamType.STDOUT, StreamType.STDERR
NOTHING = {"1": 0, "2": 0}
# In bytes, for a page whose speed is not known yet.
WINDOW = int(SPEED * output_sender.WINDOW)
BEHIND = int(SPEED * output_sender.BEHIND)
TAIL = int(SPEED * output_sender.TAIL)


class RecordedPage:
    """Everything that was sent, and pages that show it as the front end does."""

    def __init__(self, limiter: RateLimiter | None = None, *, greeting: int = 0) -> None:
        self.journal = ScriptedJournal()
        self.messages: list[dict[str, Any]] = []
        self.buffers: list[bytes] = []
        self.runs: list[list[tuple[float, ...]]] = []
        self.marks: list[Any] = []
        self.sender = OutputSender(self.journal, self._send, limiter, self._newest, greeting)
        self.now = 100.0
        self.turn = 0

    def _send(self, message: Any, buffers: list[bytes]) -> None:
        self.messages.append(message)
        self.buffers.append(buffers[0] if buffers else b"")
        self.runs.append(list(struct.iter_unpack("<3d", buffers[1])) if buffers else [])

    def _newest(self, after: int, count: int) -> list[Any]:
        return [mark for mark in self.marks if mark["number"] > after][-count:]

    def mark(self) -> None:
        self.marks.append({"number": len(self.marks) + 1})

    def hello(self, page: str = "p", have: Any = NOTHING, marks: int = 0) -> None:
        self.turn += 1
        self.sender.hello(page, have, self.turn, marks=marks)

    def append(self, data: bytes, stream: StreamType = STDOUT) -> None:
        self.journal.append(stream, data, self.now)

    def pump(self, seconds: float = 10.0, *, busy: bool = False) -> None:
        """Let time pass, calling as often as is asked for."""
        end = self.now + seconds
        while True:
            delay = self.sender.pump(self.now, busy=busy)
            if delay is None or self.now + delay > end:
                break
            self.now += delay
        self.now = end

    def outputs(self, page: str = "p") -> Iterator[tuple[dict[str, Any], bytes]]:
        for message, data in zip(self.messages, self.buffers, strict=True):
            if message["type"] == "output" and message["page"] == page:
                yield message, data

    def bytes_of(self, stream: StreamType, page: str = "p") -> bytes:
        return b"".join(data for m, data in self.outputs(page) if m["stream"] == stream)

    def last_seq(self, page: str = "p") -> int:
        return [message["seq"] for message, _ in self.outputs(page)][-1]


@pytest.fixture
def bench() -> RecordedPage:
    return RecordedPage()


def test_nothing_is_sent_before_a_page_says_hello(bench: RecordedPage) -> None:
    bench.append(b"abc")
    assert bench.sender.pump(bench.now) is None
    assert bench.messages == []


def test_hello_is_answered_with_where_the_streams_end(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.hello("p", NOTHING)
    assert bench.messages == [
        {
            "type": "welcome",
            "page": "p",
            "ends": {"1": 3, "2": 0},
            "revision": 0,
            "history": [],
            "link": None,
        }
    ]


def test_the_first_output_goes_at_once_and_says_what_it_is(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.hello("p", NOTHING)
    bench.sender.pump(bench.now)
    assert list(bench.outputs()) == [
        (
            {
                "type": "output",
                "page": "p",
                "stream": 1,
                "offset": 0,
                "end": 3,
                "seq": 1,
                "before": 0,
                "skipped": 0,
                "lost": 0,
                "through": {"1": 3, "2": 3},
                "replay": False,
                "revision": 0,
                "replies": [],
                "marks": [],
            },
            b"abc",
        )
    ]


def test_what_follows_within_the_interval_waits_and_goes_together(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"a")
    bench.sender.pump(bench.now)
    bench.append(b"b")
    delay = bench.sender.pump(bench.now + 0.010)
    assert delay == pytest.approx(INTERVAL - 0.010)
    bench.append(b"c")
    assert [data for _, data in bench.outputs()] == [b"a"]
    bench.sender.pump(bench.now + INTERVAL)
    assert [data for _, data in bench.outputs()] == [b"a", b"bc"]


def test_a_late_call_does_not_lower_the_rate(bench: RecordedPage) -> None:
    bench.hello("p")
    for seconds in (0.0, INTERVAL + 0.010):
        bench.append(b"x")
        bench.sender.pump(bench.now + seconds)
    bench.append(b"x")
    assert bench.sender.pump(bench.now + 2 * INTERVAL - 0.005) == pytest.approx(0.005)


def test_both_streams_take_turns(bench: RecordedPage) -> None:
    bench.append(b"o" * 2 * CHUNK, STDOUT)
    bench.append(b"e" * 2 * CHUNK, STDERR)
    bench.hello("p", NOTHING)
    bench.pump(1.0)
    assert [message["stream"] for message, _ in bench.outputs()] == [1, 2, 1, 2]


def test_no_message_is_larger_than_a_chunk(bench: RecordedPage) -> None:
    bench.append(b"x" * (3 * CHUNK + 1))
    bench.hello("p", NOTHING)
    bench.pump(1.0)
    assert [len(data) for _, data in bench.outputs()] == [CHUNK, CHUNK, CHUNK, 1]


def test_a_second_of_flood_is_at_most_forty_messages(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    start = bench.now
    while bench.now < start + 1.0:
        bench.append(b"x" * 100)
        bench.sender.pump(bench.now)
        if bench.messages[-1]["type"] == "output":
            bench.sender.ack("p", bench.last_seq(), bench.now)
        bench.now += 0.001
    assert 38 <= len(list(bench.outputs())) <= 41


def test_an_unacknowledged_page_gets_one_window(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"x" * 3 * WINDOW)
    bench.pump(PROBE_AFTER / 2)
    assert [len(data) for _, data in bench.outputs()] == [CHUNK] * (WINDOW // CHUNK)


def test_an_acknowledgement_opens_the_window_by_what_it_covers(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"x" * 2 * WINDOW)
    bench.pump(0.5)
    bench.sender.ack("p", 2, bench.now)
    bench.pump(0.5)
    assert len(bench.bytes_of(STDOUT)) == WINDOW + 2 * CHUNK


def test_an_acknowledgement_of_an_unknown_page_does_nothing(bench: RecordedPage) -> None:
    bench.sender.ack("p", 2, bench.now)
    assert bench.messages == []


def test_a_page_far_behind_jumps_to_the_newest_and_is_told(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"x" * 10)
    bench.pump(0.1)
    bench.append(b"y" * (BEHIND + 1))
    bench.pump(PROBE_AFTER / 2)
    message, data = list(bench.outputs())[1]
    assert message["offset"] == 10 + BEHIND + 1 - TAIL
    assert message["skipped"] == BEHIND + 1 - TAIL
    assert (message["lost"], message["replay"]) == (0, False)
    assert data == b"y" * CHUNK
    assert [message["skipped"] for message, _ in bench.outputs()][2:] == [0, 0, 0]


def test_a_page_that_is_a_little_behind_misses_nothing(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    whole = bytes(range(256)) * (2 * WINDOW // 256)
    bench.append(whole)
    bench.hello("p", {"1": 1, "2": 0})
    for _ in range(4):
        bench.pump(1.0)
        bench.sender.ack("p", bench.last_seq(), bench.now)
    assert bench.bytes_of(STDOUT) == whole[1:]


def test_a_reloaded_page_gets_the_last_megabyte_of_each_stream(bench: RecordedPage) -> None:
    bench.append(b"x" * (RELOAD + 5), STDOUT)
    bench.append(b"short", STDERR)
    bench.hello("new", NOTHING)
    for _ in range(3):
        bench.pump(1.0)
        bench.sender.ack("new", bench.last_seq("new"), bench.now)
    first, _ = next(bench.outputs("new"))
    assert (first["offset"], first["skipped"]) == (5, 5)
    assert len(bench.bytes_of(STDOUT, "new")) == RELOAD
    assert bench.bytes_of(STDERR, "new") == b"short"


def test_a_page_that_was_greeted_before_a_flood_gets_no_more_than_that() -> None:
    bench = RecordedPage(greeting=GREETING)
    bench.append(b"x" * 10)
    bench.pump(0.1)
    bench.append(b"y" * (2 * RELOAD))
    bench.hello("p", {"1": 10, "2": 0})
    for _ in range(6):
        bench.pump(1.0)
        bench.sender.ack("p", bench.last_seq(), bench.now)
    first, _ = next(bench.outputs("p"))
    assert (first["offset"], first["skipped"]) == (10 + RELOAD, RELOAD)
    assert bench.bytes_of(STDOUT, "p") == b"y" * RELOAD


def test_bytes_that_the_journal_no_longer_has_are_named(bench: RecordedPage) -> None:
    bench.append(b"x" * 100)
    bench.journal.starts[STDOUT] = 60
    bench.hello("p", NOTHING)
    bench.pump(0.1)
    message, data = next(bench.outputs())
    assert (message["offset"], message["skipped"], message["lost"]) == (60, 60, 60)
    assert data == b"x" * 40


def test_a_page_that_says_hello_again_goes_on_from_what_it_has(bench: RecordedPage) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"abcdef")
    bench.pump(0.1)
    bench.hello("p", {"1": 4, "2": 0})
    bench.pump(0.1)
    assert [data for _, data in bench.outputs()] == [b"abcdef", b"ef"]


@pytest.mark.parametrize(
    ("missed", "skipped"),
    [(RELOAD, 0), (max(RELOAD, BEHIND), 0), (20 * RELOAD, 19 * RELOAD)],
)
def test_a_page_that_says_hello_again_far_behind_gets_the_newest_of_what_it_missed(
    bench: RecordedPage, missed: int, skipped: int
) -> None:
    bench.append(b"seen")
    bench.hello("p", NOTHING)
    bench.pump()
    bench.append(b"x" * missed)
    bench.hello("p", {"1": 4, "2": 0})
    for _ in range(200):
        bench.pump(1.0)
        bench.sender.ack("p", bench.last_seq(), bench.now)
    outputs = [(m, data) for m, data in bench.outputs() if data and m["offset"] >= 4]
    assert sum(m["skipped"] for m, _ in outputs) == skipped
    assert sum(len(data) for _, data in outputs) == missed - skipped
    assert outputs[0][0]["offset"] == 4 + skipped


def test_what_a_page_has_seen_is_marked_as_replay_for_another(bench: RecordedPage) -> None:
    bench.hello("one", NOTHING)
    bench.append(b"old")
    bench.pump(0.1)
    bench.append(b"new")
    bench.hello("two", NOTHING)
    bench.sender.ack("one", 1, bench.now)
    bench.pump(1.0)
    replays = [(data, m["replay"]) for m, data in bench.outputs("two")]
    assert b"".join(data for data, _ in replays) == b"oldnew"
    assert replays[0][1]
    assert [(data, m["replay"]) for m, data in bench.outputs("one")] == [
        (b"old", False),
        (b"new", False),
    ]


def test_a_slow_page_does_not_hold_up_a_quick_one(bench: RecordedPage) -> None:
    bench.hello("slow", NOTHING)
    bench.hello("quick", NOTHING)
    bench.append(b"x" * 2 * WINDOW)
    for _ in range(4):
        bench.pump(PROBE_AFTER / 4)
        bench.sender.ack("quick", bench.last_seq("quick"), bench.now)
    assert len(bench.bytes_of(STDOUT, "quick")) == 2 * WINDOW
    assert len(bench.bytes_of(STDOUT, "slow")) == WINDOW


def test_a_silent_page_is_probed_ever_more_rarely_and_then_left_alone(
    bench: RecordedPage,
) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"abc")
    bench.pump(PROBE_AFTER * 2 ** (PROBES + 2))
    probes = [message for message, data in bench.outputs() if not data]
    assert len(probes) == 2 * PROBES
    assert {message["offset"] for message in probes if message["stream"] == 1} == {3}
    assert bench.sender.pump(bench.now) is None


def test_an_acknowledgement_after_a_long_silence_brings_the_page_back(
    bench: RecordedPage,
) -> None:
    bench.hello("p", NOTHING)
    bench.append(b"x" * 2 * WINDOW)
    bench.pump(PROBE_AFTER * 2 ** (PROBES + 2))
    bench.sender.ack("p", bench.last_seq(), bench.now)
    bench.pump(1.0)
    assert len(bench.bytes_of(STDOUT)) == 2 * WINDOW


def test_ten_megabytes_leave_nothing_behind(bench: RecordedPage) -> None:
    sizes: list[int] = []
    bench.sender = OutputSender(
        bench.journal, lambda message, buffers: sizes.append(message.get("seq", 0))
    )
    bench.hello("p", NOTHING)
    block = b"x" * CHUNK
    bench.append(block * 80)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(400):
        bench.now += INTERVAL
        bench.sender.pump(bench.now)
        bench.sender.ack("p", sizes[-1], bench.now)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 64 * 1024


def test_many_reloads_leave_only_the_newest_pages(bench: RecordedPage) -> None:
    bench.append(b"abc")
    for number in range(40):
        bench.hello(f"page {number}", NOTHING)
    bench.pump(2.0)
    served = {m["page"] for m in bench.messages if m["type"] == "output"}
    assert served == {f"page {number}" for number in range(24, 40)}


def test_many_reloads_leave_a_page_that_answers(bench: RecordedPage) -> None:
    bench.hello("alive")
    for number in range(40):
        bench.hello(f"page {number}")
        bench.append(b"x")
        bench.pump(1.0)
        bench.sender.ack("alive", bench.last_seq("alive"), bench.now)
    assert len(list(bench.outputs("alive"))) == 40


def test_a_hello_that_was_overtaken_by_a_later_one_does_nothing(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.sender.hello("p", NOTHING, 2)
    bench.pump(0.1)
    bench.sender.hello("p", NOTHING, 1)
    bench.pump(0.1)
    assert [message["type"] for message in bench.messages] == ["welcome", "output"]


def test_a_flush_sends_all_that_the_window_allows_without_a_pause(bench: RecordedPage) -> None:
    bench.hello("p")
    bench.append(b"x" * 2 * CHUNK)
    bench.append(b"e", STDERR)
    bench.sender.flush()
    assert len(bench.bytes_of(STDOUT)) == 2 * CHUNK
    assert bench.bytes_of(STDERR) == b"e"


def test_while_a_cell_runs_output_goes_on_slowly_without_acknowledgements(
    bench: RecordedPage,
) -> None:
    bench.hello()
    bench.append(b"x" * (2 * WINDOW))
    bench.pump(1.0, busy=True)
    first = sum(len(data) for _, data in bench.outputs())
    assert first > WINDOW
    bench.messages.clear()
    bench.buffers.clear()
    bench.append(b"x" * (WINDOW // 2))
    bench.pump(2.0, busy=True)
    slow = [data for message, data in bench.outputs() if data]
    assert 18 <= len(slow) <= 22
    assert max(map(len, slow)) == SLOW_CHUNK


def test_while_a_cell_runs_unacknowledged_output_has_a_cap(bench: RecordedPage) -> None:
    bench.hello()
    for _ in range(120):
        bench.append(b"x" * 100_000)
        bench.pump(0.5, busy=True)
    sent = sum(len(data) for _, data in bench.outputs())
    assert CAP <= sent < CAP + SLOW_CHUNK


def test_an_acknowledgement_while_a_cell_runs_brings_back_full_speed(bench: RecordedPage) -> None:
    bench.hello()
    bench.append(b"x" * (2 * WINDOW))
    bench.pump(1.0, busy=True)
    last = list(bench.outputs())[-1][0]["seq"]
    bench.sender.ack("p", last, bench.now)
    bench.pump(1.0, busy=True)
    assert sum(len(data) for _, data in bench.outputs()) == 2 * WINDOW


def test_an_answer_travels_with_the_echo(bench: RecordedPage) -> None:
    bench.hello()
    bench.sender.answer("p", 1, None, bench.now)
    bench.append(b"x")
    bench.pump(1.0)
    [(message, data)] = bench.outputs()
    assert (message["replies"], data) == ([(1, None)], b"x")


def test_an_answer_without_an_echo_does_not_wait_long(bench: RecordedPage) -> None:
    bench.hello()
    bench.sender.answer("p", 1, "no", bench.now)
    bench.sender.answer("p", 2, None, bench.now)
    assert bench.sender.pump(bench.now) == pytest.approx(ANSWER_WITHIN)
    assert list(bench.outputs()) == []
    bench.pump(ANSWER_WITHIN)
    [(message, data)] = bench.outputs()
    assert (message["replies"], data) == ([(1, "no"), (2, None)], b"")


def test_an_answer_to_an_unknown_page_is_left_for_when_it_asks_again(bench: RecordedPage) -> None:
    bench.sender.answer("p", 1, None, bench.now)
    bench.pump()
    assert bench.messages == []


def test_a_revised_status_is_told_every_page_at_once_and_until_it_answers(
    bench: RecordedPage,
) -> None:
    bench.hello("p")
    bench.hello("q")
    bench.sender.revise(7, bench.now)
    bench.pump(1.0)
    for page in ("p", "q"):
        [(message, data)] = bench.outputs(page)
        assert (message["revision"], data) == (7, b"")
    bench.sender.ack("p", bench.last_seq("p"), bench.now)
    bench.pump(PROBE_AFTER + 1)
    assert len(list(bench.outputs("p"))) == 1
    assert len(list(bench.outputs("q"))) > 1


def test_after_a_cell_silent_pages_are_soon_asked_again(bench: RecordedPage) -> None:
    bench.hello()
    bench.append(b"x")
    bench.pump(10_000.0, busy=True)
    before = len(list(bench.outputs()))
    bench.pump(PROBE_AFTER_CELL + 0.1)
    assert len(list(bench.outputs())) > before


def test_an_output_names_the_one_before_it_to_the_same_page_whatever_its_stream(
    bench: RecordedPage,
) -> None:
    bench.hello("p")
    bench.hello("q")
    bench.append(b"out")
    bench.append(b"err", STDERR)
    bench.pump(1.0)
    for page in ("p", "q"):
        seqs = [(message["before"], message["seq"]) for message, _ in bench.outputs(page)]
        assert [before for before, _ in seqs] == [0, *(seq for _, seq in seqs[:-1])]


def test_while_a_cell_keeps_every_hello_back_output_goes_to_everyone(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.pump(GREET_AFTER / 2, busy=True)
    assert bench.messages == []
    bench.pump(GREET_AFTER, busy=True)
    assert bench.bytes_of(STDOUT, EVERYONE) == b"abc"
    bench.append(b"def")
    bench.pump(busy=True)
    assert bench.bytes_of(STDOUT, EVERYONE) == b"abcdef"
    bench.append(b"x" * 2 * CAP)
    bench.pump(1000.0, busy=True)
    assert len(bench.bytes_of(STDOUT, EVERYONE)) < CAP + SLOW_CHUNK


def test_once_a_page_has_said_hello_nothing_goes_to_everyone(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.pump(busy=True)
    bench.hello("p")
    bench.append(b"def")
    bench.pump(busy=True)
    assert bench.bytes_of(STDOUT, EVERYONE) == b"abc"
    assert bench.bytes_of(STDOUT, "p") == b"abcdef"


def test_a_greeting_has_the_first_output_before_any_page_says_hello() -> None:
    bench = RecordedPage(greeting=GREETING)
    assert bench.sender.pump(bench.now) is None
    bench.append(b"out")
    bench.append(b"err", STDERR)
    bench.pump(60.0)
    assert (bench.bytes_of(STDOUT, EVERYONE), bench.bytes_of(STDERR, EVERYONE)) == (b"out", b"err")
    bench.append(b" more")
    bench.pump(60.0)
    assert bench.bytes_of(STDOUT, EVERYONE) == b"out more"
    # A page that was not there yet gets it too, and afterwards nothing goes to everyone.
    bench.hello("p")
    bench.append(b" yet")
    bench.pump(60.0)
    assert bench.bytes_of(STDOUT, "p") == b"out more yet"
    assert bench.bytes_of(STDOUT, EVERYONE) == b"out more"


@pytest.mark.parametrize("busy", [False, True])
def test_a_greeting_is_short(busy: bool) -> None:
    bench = RecordedPage(greeting=GREETING)
    bench.append(b"x" * (GREETING + 1))
    bench.pump(GREET_AFTER / 2, busy=busy)
    assert bench.messages == []  # it would have to be left out in part
    bench = RecordedPage(greeting=GREETING)
    bench.append(b"x" * GREETING)
    bench.pump(GREET_AFTER / 4, busy=busy)
    bench.append(b"x" * GREETING)
    bench.pump(GREET_AFTER / 4, busy=busy)
    assert len(bench.bytes_of(STDOUT, EVERYONE)) == GREETING


def test_a_greeting_counts_in_no_shared_limit_until_a_cell_holds_hellos_back() -> None:
    limiter = RateLimiter()
    bench = RecordedPage(limiter, greeting=GREETING)
    bench.append(b"x" * 1000)
    bench.pump(GREET_AFTER / 2, busy=True)
    assert bench.bytes_of(STDOUT, EVERYONE) == b"x" * 1000
    assert limiter.in_flight == 0
    bench.append(b"y" * GREETING)
    bench.pump(busy=True)
    assert len(bench.bytes_of(STDOUT, EVERYONE)) == 1000 + GREETING
    assert limiter.in_flight == 1000 + GREETING
    bench.hello("p")
    assert limiter.in_flight == 0


def test_a_greeting_is_not_said_again_for_a_new_status_or_mark() -> None:
    bench = RecordedPage(greeting=GREETING)
    bench.append(b"abc")
    bench.pump()
    bench.append(b"x" * 2 * BEHIND)
    bench.pump()
    count = len(bench.messages)
    bench.sender.revise(1, bench.now)
    bench.mark()
    bench.pump()
    assert len(bench.messages) == count  # a page must not be told to leave out what lies between


def test_nothing_goes_to_everyone_while_no_cell_runs(bench: RecordedPage) -> None:
    bench.append(b"abc")
    bench.pump(60.0)
    assert bench.messages == []


def test_all_sessions_together_keep_to_one_rate() -> None:
    limiter = RateLimiter()
    benches = [RecordedPage(limiter) for _ in range(20)]
    for bench in benches:
        bench.hello()
    seconds = 5
    for step in range(seconds * 1000):
        for bench in benches:
            if not step % 10:  # more often than it may send
                bench.append(b"x")
            for message in bench.messages[-1:]:
                bench.sender.ack("p", message.get("seq", 0), bench.now)
            bench.sender.pump(100.0 + step / 1000)
    counts = [len(list(bench.outputs())) for bench in benches]
    assert sum(counts) <= seconds * RATE + BURST
    assert sum(counts) > 0.9 * seconds * RATE
    assert max(counts) < 1.5 * min(counts)


def test_all_sessions_together_keep_to_one_window() -> None:
    limiter = RateLimiter()
    benches = [RecordedPage(limiter) for _ in range(40)]
    for bench in benches:
        bench.hello()
        bench.append(b"x" * WINDOW)
        bench.pump()
    assert limiter.in_flight <= TOTAL + len(benches) * SHARE
    assert min(len(bench.bytes_of(STDOUT)) for bench in benches) >= SHARE
    for bench in benches:
        bench.pump(60.0, busy=True)
    assert limiter.in_flight < CEILING + SLOW_CHUNK
    for bench in benches:
        bench.sender.close()
    assert limiter.in_flight == 0


def test_bytes_of_a_page_that_starts_anew_are_no_longer_in_flight() -> None:
    limiter = RateLimiter()
    bench = RecordedPage(limiter)
    bench.hello()
    bench.append(b"x" * 1000)
    bench.pump(1.0)
    assert limiter.in_flight == 1000
    bench.hello()
    assert limiter.in_flight == 0
    bench.pump(1.0)
    bench.sender.ack("p", bench.last_seq(), bench.now)
    assert limiter.in_flight == 0


def test_a_jump_lands_on_the_start_of_a_line(bench: RecordedPage) -> None:
    bench.hello()
    bench.pump(1.0)
    line = b"\x1b[31m" * 20 + b"\n"
    bench.append(line * (2 * BEHIND // len(line)))
    bench.pump(1.0)
    (message, data), *_ = (found for found in bench.outputs() if found[1])
    assert message["offset"] % len(line) == 0
    assert data.startswith(line)
    bench.hello("q")
    bench.pump(1.0)
    (message, data), *_ = (found for found in bench.outputs("q") if found[1])
    assert message["offset"] % len(line) == 0
    assert data.startswith(line)


def test_a_jump_to_the_very_start_of_a_line_keeps_that_line(bench: RecordedPage) -> None:
    bench.hello()
    bench.append(b"x" * 1023 + b"\n")
    bench.append((b"y" * 1023 + b"\n") * (2 * BEHIND // 1024))
    bench.pump(1.0)
    (message, _), *_ = bench.outputs()
    assert message["offset"] == bench.journal.end(STDOUT) - TAIL


def test_bytes_that_are_dropped_while_they_are_sent_are_counted(bench: RecordedPage) -> None:
    bench.hello()
    bench.append(b"0123456789")
    bench.journal.starts[STDOUT] = 4
    bench.pump(1.0)
    [(message, data)] = bench.outputs()
    assert (message["offset"], message["skipped"], message["lost"], data) == (4, 4, 4, b"456789")


def draw(bench: RecordedPage, speed: float, seconds: float) -> None:
    """A flood of the page's own speed or more, acknowledged as it draws."""
    shown = 0
    for _ in range(int(seconds / 0.05)):
        bench.append(b"x" * int(2 * speed * 0.05))
        bench.pump(0.05)
        shown += int(speed * 0.05)
        for message, data in list(bench.outputs())[getattr(bench, "acked", 0) :]:
            if len(data) > shown:
                break
            shown -= len(data)
            bench.acked = getattr(bench, "acked", 0) + 1  # type: ignore[attr-defined]
            bench.sender.ack("p", message["seq"], bench.now)


@pytest.mark.parametrize("speed", [1_000_000, 4_000_000])
def test_a_page_has_at_most_a_second_of_drawing_before_it(bench: RecordedPage, speed: int) -> None:
    bench.hello()
    draw(bench, speed, 4.0)
    [entry] = bench.sender._pages.values()
    assert min(speed, SPEED) * 0.7 < entry.speed < speed * 1.3
    before_it = entry.in_flight + bench.journal.end(STDOUT) - entry.cursors[STDOUT]
    assert before_it < speed


def test_a_page_with_little_to_draw_is_not_thought_slow(bench: RecordedPage) -> None:
    bench.hello()
    for _ in range(20):
        bench.append(b"x" * 2 * CHUNK)
        bench.pump(1.0)
        bench.sender.ack("p", bench.last_seq(), bench.now)
    [entry] = bench.sender._pages.values()
    assert entry.speed == SPEED


@pytest.mark.parametrize(
    ("seconds", "low", "high"), [(100.0, SLOWEST, 1.1 * SLOWEST), (0.001, 2 * SPEED, FASTEST)]
)
def test_a_page_s_speed_is_believed_within_bounds(
    bench: RecordedPage, seconds: float, low: float, high: float
) -> None:
    bench.hello()
    for _ in range(10):
        bench.append(b"x" * 2 * WINDOW)
        bench.pump(0.5)
        seqs = [message["seq"] for message, _ in bench.outputs()]
        bench.sender.ack("p", seqs[-4], bench.now)
        bench.sender.ack("p", seqs[-2], bench.now + seconds)
    [entry] = bench.sender._pages.values()
    assert low <= entry.speed <= high


def test_a_page_that_is_loaded_anew_gets_its_last_megabyte_however_slow_it_is(
    bench: RecordedPage,
) -> None:
    bench.append(b"x" * 2 * RELOAD)
    bench.hello()
    while len(bench.bytes_of(STDOUT)) < RELOAD:
        bench.pump(0.5)
        seqs = [message["seq"] for message, _ in bench.outputs()]
        bench.sender.ack("p", seqs[-2], bench.now)
        bench.sender.ack("p", seqs[-1], bench.now + 100.0)
        bench.now += 100.0
    assert len([m for m, _ in bench.outputs() if m["skipped"]]) == 1


def test_a_page_that_is_gone_takes_no_room_from_others_until_it_speaks_again() -> None:
    limiter = RateLimiter()
    bench = RecordedPage(limiter)
    bench.hello()
    bench.append(b"x" * 1000)
    bench.pump(1.0)
    bench.pump(PROBE_AFTER * 2 ** (PROBES + 1))
    assert limiter.in_flight == 0
    bench.append(b"x" * 10)
    bench.pump(1.0)
    first = next(bench.outputs())[0]["seq"]
    bench.sender.ack("p", first, bench.now)
    assert limiter.in_flight == 10
    bench.sender.close()
    assert limiter.in_flight == 0


def test_an_output_says_where_its_bytes_lie_among_those_of_both_streams(
    bench: RecordedPage,
) -> None:
    bench.hello()
    bench.pump()
    bench.journal.append(STDOUT, b"out", 1.5)
    bench.journal.append(STDERR, b"error", 2.5)
    bench.journal.append(STDOUT, b"put\n", 3.5)
    bench.pump(0.1)
    (out, _), (err, _) = bench.outputs()
    assert (out["stream"], err["stream"]) == (1, 2)
    assert bench.runs[1:] == [[(0, 3, 1.5), (8, 4, 3.5)], [(3, 5, 2.5)]]
    # Of stdout nothing is to come before position 12; of stderr the byte at 3 is the next one.
    assert out["through"] == {"1": 12, "2": 3}
    assert err["through"] == {"1": 12, "2": 12}


def test_an_acknowledgement_says_whether_there_is_more() -> None:
    bench = RecordedPage()
    bench.hello()
    bench.append(b"x")
    assert bench.sender.ack("p", 0, bench.now) is True
    bench.pump()
    assert bench.sender.ack("p", bench.last_seq(), bench.now) is False
    assert bench.sender.ack("nobody", 1, bench.now) is False


def test_every_page_has_a_share_that_is_more_than_it_gets_while_a_cell_runs() -> None:
    assert SHARE == 64 * 1024 > SLOW_CHUNK


def test_a_page_that_is_discarded_has_no_turn_any_more() -> None:
    bench = RecordedPage()
    bench.hello("gone")
    bench.hello("stays")
    bench.sender._discard("gone")
    bench.sender._discard("gone")
    assert list(bench.sender._order) == [("stays", STDOUT), ("stays", STDERR)]


def numbers(bench: RecordedPage, page: str = "p") -> list[list[int]]:
    """The marks in each output to a page."""
    return [[mark["number"] for mark in m["marks"]] for m, _ in bench.outputs(page)]


def test_a_mark_comes_with_the_output_that_follows_it_and_once(bench: RecordedPage) -> None:
    bench.hello()
    bench.append(b"before")
    bench.mark()
    bench.append(b"after")
    bench.pump(1.0)
    bench.append(b"later")
    bench.pump(1.0)
    assert numbers(bench) == [[1], []]


def test_a_mark_without_output_after_it_is_sent_to_every_page(bench: RecordedPage) -> None:
    bench.hello("p")
    bench.hello("q")
    bench.pump(1.0)
    bench.mark()
    bench.pump(1.0)
    assert numbers(bench, "p") == numbers(bench, "q") == [[1]]


def test_a_page_that_says_hello_gets_the_marks_that_it_does_not_have(bench: RecordedPage) -> None:
    for _ in range(3):
        bench.mark()
    bench.hello("new")
    bench.hello("old", marks=2)
    bench.hello("knows", marks=3)
    bench.pump(1.0)
    assert numbers(bench, "new") == [[1, 2, 3]]
    assert numbers(bench, "old") == [[3]]
    assert numbers(bench, "knows") == []


def test_of_very_many_marks_a_page_gets_the_newest(bench: RecordedPage) -> None:
    for _ in range(output_sender.MARKS + 5):
        bench.mark()
    bench.hello()
    bench.pump(1.0)
    assert numbers(bench) == [list(range(6, output_sender.MARKS + 6))]
