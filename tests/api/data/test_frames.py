"""Output as records and tables: each says the same."""

from __future__ import annotations

import math
import sys
import threading
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hyper_jupyter.api.data.record import Record
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session import State
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.api.data.printing import Printing
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
COLUMNS = ["time", "stream", "text", "number", "complete", "clock"]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()
PATIENCE = 30.0


def talked() -> Printing:
    """A session that has printed five lines, the last one unfinished."""
    session = Printing()
    session.prints(b"one\r\ntw", when=NOON)
    session.prints(b"caf\xc3\xa9 \xff\n", stream=ERR, when=NOON + 1)
    session.prints(b"o\n\n", when=NOON + 2.5)
    session.prints(b"pro", b"mpt\r", stream=ERR, when=NOON + 3)
    return session


RECORDS = [
    Record(NOON, "stdout", "one", 1, True, "arrival"),
    Record(NOON + 1, "stderr", "café \ufffd", 1, True, "arrival"),
    Record(NOON + 2.5, "stdout", "two", 2, True, "arrival"),
    Record(NOON + 2.5, "stdout", "", 3, True, "arrival"),
    Record(NOON + 3, "stderr", "prompt\r", 2, False, "arrival"),
]


def from_dicts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows


def from_pandas(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{**row, "time": row["time"] and row["time"].timestamp()} for row in rows]


def from_polars(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{**row, "time": row["time"] and row["time"].timestamp()} for row in frame.to_dicts()]


def from_arrow(table: pa.Table) -> list[dict[str, Any]]:
    table.validate(full=True)
    return [{**row, "time": row["time"] and row["time"].timestamp()} for row in table.to_pylist()]


TABLES = {
    "to_dicts": from_dicts,
    "to_pandas": from_pandas,
    "to_polars": from_polars,
    "to_arrow": from_arrow,
}


@pytest.fixture(params=TABLES)
def rows(request: pytest.FixtureRequest) -> Any:
    """A function that returns a session's lines as dicts, by way of one kind of table."""

    def make(session: Printing, *arguments: Any, **options: Any) -> list[dict[str, Any]]:
        table = getattr(session, request.param)(*arguments, **options)
        return TABLES[request.param](table)

    return make


def test_records_are_lines_in_the_order_of_their_ends() -> None:
    assert list(talked().records()) == RECORDS


def test_tables_have_what_records_have(rows: Any) -> None:
    found = rows(talked())
    assert found == [record._asdict() for record in RECORDS]
    assert [list(row) for row in found] == [COLUMNS] * 5


@pytest.mark.parametrize("stream", ["stderr", StreamType.STDERR])
def test_tables_can_have_a_part(rows: Any, stream: Any) -> None:
    session = talked()
    assert [row["number"] for row in rows(session, stream)] == [1, 2]
    since = datetime.fromtimestamp(NOON + 1, UTC)
    assert [row["text"] for row in rows(session, since=since, until=NOON + 3)] == [
        "café \ufffd",
        "two",
        "",
    ]
    assert [record.number for record in session.records("stdout", since)] == [2, 3]


def remembering() -> Printing:
    """A session whose container had printed four lines before, one at a time unknown."""
    session = talked()
    session.history.set(
        [
            TimedOutput(OUT, b"old\r\n", NOON - 3),
            TimedOutput(ERR, b"caf\xc3\xa9\n", NOON - 2),
            TimedOutput(OUT, b"no time\n", None),
            TimedOutput(OUT, b"promp", NOON - 1),
        ],
        {},
    )
    return session


BEFORE = [
    Record(NOON - 3, "stdout", "old", -3, True, "engine"),
    Record(NOON - 2, "stderr", "café", -1, True, "engine"),
    Record(math.nan, "stdout", "no time", -2, True, "engine"),
    Record(NOON - 1, "stdout", "promp", -1, False, "engine"),
]


def without_nan(row: dict[str, Any]) -> dict[str, Any]:
    time = row["time"]
    return {**row, "time": None if time is None or math.isnan(time) else time}


@settings(max_examples=20)
@example(1700000000.7481565)
@given(st.floats(1.7e9, 2e9))
def test_the_times_of_a_table_are_bounds_that_part_its_lines(when: float) -> None:
    session = Printing()
    for seconds in (when, when + 1):
        session.prints(b"line\n", when=seconds)
    first, second = session.to_pandas()["time"]
    records = list(session.records())
    for moments in ((first, second), [record.time for record in records]):
        assert list(session.records(since=moments[0])) == records
        assert list(session.records(since=moments[1])) == records[1:]
        assert list(session.records(until=moments[1])) == records[:1]
        assert list(session.records(until=moments[0])) == []


def test_tables_begin_with_the_history_if_it_is_asked_for(rows: Any) -> None:
    session = remembering()
    assert rows(session) == [record._asdict() for record in RECORDS]
    found = rows(session, history=True)
    wanted = [record._asdict() for record in [*BEFORE, *RECORDS]]
    assert list(map(without_nan, found)) == list(map(without_nan, wanted))
    assert next(row["text"] for row in rows(session, "stderr", history=True)) == "café"
    assert [row["text"] for row in rows(session, until=NOON, history=True)] == [
        "old",
        "café",
        "promp",
    ]


def test_records_begin_with_the_history_if_it_is_asked_for() -> None:
    session = remembering()
    assert [record[1:] for record in session.records(history=True)] == [
        record[1:] for record in [*BEFORE, *RECORDS]
    ]
    session.ends()
    texts = [record.text for record in session.records(follow=True, history=True)]
    assert texts == [record.text for record in [*BEFORE, *RECORDS]]


def test_fields_of_the_history_are_parsed(rows: Any) -> None:
    session = Printing()
    session.history.set([TimedOutput(OUT, b'{"level": "info"}\n', NOON)], {})
    session.prints(b'{"level": "warn"}\n', when=NOON + 1)
    found = rows(session, parse="json", history=True)
    assert [(row["level"], row["parse_error"]) for row in found] == [("info", None), ("warn", None)]


def test_an_empty_session_is_an_empty_table(rows: Any) -> None:
    assert rows(Printing()) == []
    assert rows(Printing(), parse="(?P<a>x)") == []


def test_tables_of_a_log_have_the_engines_clock(rows: Any) -> None:
    session = talked()
    session.clock = "engine"
    assert {row["clock"] for row in rows(session)} == {"engine"}


def test_fields_are_columns_and_lines_that_do_not_parse_stay(rows: Any) -> None:
    session = Printing()
    session.prints(b'{"level": "info", "n": 1, "text": "x"}\nplain\n', when=NOON)
    session.prints(b'{"level": "warn", "extra": [1, "a"]}\n', when=NOON)
    found = rows(session, parse="json")
    assert list(found[0]) == [*COLUMNS, "level", "n", "text_", "extra", "parse_error"]
    assert [row["level"] for row in found] == ["info", None, "warn"]
    assert [row["n"] for row in found] == [1, None, None]
    assert [row["text_"] for row in found] == ["x", None, None]
    assert found[1]["text"] == "plain"
    assert [row["parse_error"] for row in found] == [
        None,
        "not JSON: Expecting value at column 1",
        None,
    ]


@pytest.mark.parametrize(
    "values", ['1 "a"', "1 {}", "[1] {}", "9999999999999999999999 1", "null 1.5", '"\\ud800" 1']
)
def test_values_of_several_types_break_no_table(rows: Any, values: str) -> None:
    session = Printing()
    for value in values.split():
        session.prints(b'{"v": %s}\n' % value.encode())
    found = rows(session, parse="json")
    assert len(found) == 2
    assert [row["parse_error"] for row in found] == [None, None]


def test_dropped_bytes_are_a_row_of_their_own(rows: Any) -> None:
    session = Printing(Journal(16, Spool(32, RoomyDisk())))
    for number in range(1, 21):
        session.prints(b"line %02d\n" % number, when=NOON)
    mark, cut, *rest = rows(session, parse=r"(?P<n>\d+)$")
    assert mark["text"] == f"[{session.stdout.dropped} bytes are not kept]"
    assert (mark["number"], mark["complete"]) == (0, False)
    assert mark["parse_error"] == "no line: these bytes are not kept"
    assert not cut["complete"]
    assert [int(row["n"]) for row in rest] == [row["number"] for row in rest]


def test_types_are_those_that_the_libraries_have_for_it() -> None:
    session = talked()
    frame = session.to_pandas()
    assert frame.dtypes.astype(str).to_dict() == {
        "time": "datetime64[us, UTC]",
        "stream": "category",
        "text": "str",
        "number": "int64",
        "complete": "bool",
        "clock": "category",
    }
    assert session.to_polars().schema["time"] == pl.Datetime("us", "UTC")
    assert session.to_arrow().schema.field("time").type == pa.timestamp("us", "UTC")
    frame.loc[0, "number"] = 7  # the columns are the user's own
    assert frame["number"].tolist() == [7, 1, 2, 3, 2]


def test_pandas_without_arrow_has_the_same_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = talked().to_pandas()
    with pd.option_context("mode.string_storage", "python"):
        found = talked().to_pandas()
    assert found["text"].dtype.storage == "python"
    assert found.astype(object).equals(expected.astype(object))


@given(st.lists(st.tuples(st.sampled_from([OUT, ERR]), st.binary(max_size=8)), max_size=12))
def test_tables_agree_about_any_bytes(pieces: list[tuple[StreamType, bytes]]) -> None:
    session = Printing()
    for number, (stream, data) in enumerate(pieces):
        session.prints(data.replace(b"0", b"\n"), stream=stream, when=NOON + number)
    records = [record._asdict() for record in session.records()]
    for name, read in TABLES.items():
        assert read(getattr(session, name)()) == records, name


@pytest.mark.parametrize(
    ("method", "library"),
    [("to_pandas", "pandas"), ("to_polars", "polars"), ("to_arrow", "pyarrow")],
)
def test_a_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, method: str, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(HyperJupyterError, match=f"{method}\\(\\) needs {library}") as caught:
        getattr(talked(), method)()
    assert caught.value.hint == f"Install it: %pip install {library}"


@pytest.mark.parametrize(
    "options",
    [{"stream": "stdin"}, {"since": "yesterday"}, {"until": datetime(2026, 1, 1)}],  # noqa: DTZ001
)
def test_what_is_no_stream_or_moment_is_refused_at_once(options: dict[str, Any]) -> None:
    session = talked()
    with pytest.raises(HyperJupyterError):
        session.records(**options)
    with pytest.raises(HyperJupyterError):
        session.to_dicts(**options)


# -- following -------------------------------------------------------------------------------


def test_records_are_followed_to_the_end() -> None:
    session = Printing()
    session.prints(b"one\n", when=NOON)
    records = session.records(follow=True)
    assert next(records).text == "one"
    waits = threading.Event()
    session.when_waiting(waits.set)

    def go_on() -> None:
        assert waits.wait(PATIENCE)
        session.prints(b"tw", stream=ERR)
        session.prints(b"three\n")
        session.ends()

    thread = threading.Thread(target=go_on)
    thread.start()
    assert [(r.text, r.complete) for r in records] == [("three", True), ("tw", False)]
    thread.join()


def test_records_that_are_followed_to_a_loss_end_with_its_error() -> None:
    session = Printing()
    session.prints(b"one\ntw")
    session.reason = ConnectionLost("cut")
    session.ends(State.LOST)
    records = session.records(follow=True)
    assert next(records).text == "one"
    with pytest.raises(ConnectionLost, match="cut"):
        next(records)
    assert [record.text for record in session.records()] == ["one", "tw"]


def test_following_ends_when_its_time_is_over() -> None:
    session = Printing()
    session.prints(b"one\n", when=NOON)
    assert [r.text for r in session.records(until=NOON + 1, follow=True)] == ["one"]
    records = session.records(follow=True, timeout=0.01)
    assert next(records).text == "one"
    with pytest.raises(TimeoutError, match=r"no record came in 0\.01 s"):
        next(records)


def test_a_table_takes_little_more_room_than_its_bytes() -> None:
    session = Printing()
    for _ in range(50):
        session.prints(b"a line of twenty bytes\n" * 2000, when=NOON)
    table = session.to_arrow()
    assert table.num_rows == 100_000
    assert table.nbytes < 100_000 * (22 + 4 + 8 + 8 + 1 + 1 + 1)
