"""A million lines as a table: a session's own ways against docker-py and pandas' readers.

Both have received the lines: a session in its journal, docker-py as the bytes that ``logs()``
returns. The clock is processor time, and begins there. docker-py's bytes, joined and decoded, go to
``pandas.read_csv`` with one column of text (which knows nothing of streams, numbers and times), or
are split by Python. Each runs in a fresh process, and its memory is measured before, and at its
peak.

``python -m benchmarks.frames`` prints a Markdown table.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.part import Options, alone, median, progress, resident, table

LINE = b"2026-11-28T12:00:00Z level=info msg=%-57s n=%07d\n"
LENGTH = len(LINE % (b"", 0))

WAYS: dict[str, tuple[str, str]] = {
    "pandas.read_csv": ("docker-py: `logs()`, then `pandas.read_csv`", ""),
    "splitlines": ("docker-py: `logs()`, then `splitlines` and `pandas.DataFrame`", ""),
    "to_pandas": ("`s.to_pandas()`", "stdout"),
    "to_polars": ("`s.to_polars()`", "stdout"),
    "to_arrow": ("`s.to_arrow()`", "stdout"),
    "to_pandas, alternating": ("`s.to_pandas()`, streams that alternate", "both"),
    "to_arrow, alternating": ("`s.to_arrow()`, streams that alternate", "both"),
    "records": ("`for record in s.records()`", "stdout"),
}


def lines(count: int) -> list[bytes]:
    return [LINE % (b"'a line of a hundred bytes'", number) for number in range(count)]


def with_read_csv(data: bytes) -> Any:
    import pandas as pd

    return pd.read_csv(
        io.BytesIO(data), sep="\x01", header=None, names=["text"], quoting=csv.QUOTE_NONE
    )


def with_splitlines(data: bytes) -> Any:
    import pandas as pd

    return pd.DataFrame({"text": data.decode().splitlines()})


def received(count: int, *, alternating: bool) -> Any:
    """Return a session that has received the lines, a hundred at a time or one at a time."""
    from hyper_jupyter.api.data.reading import ReadableSession
    from hyper_jupyter.protocol import Output, StreamType
    from hyper_jupyter.session import Journal

    class Received(ReadableSession):
        clock: Any = "arrival"

        def __init__(self) -> None:
            self.journal = Journal()

    session = Received()
    printed = lines(count)
    for begin in range(0, count, 100):
        part = printed[begin : begin + 100]
        if alternating:
            session.journal.extend(
                Output(StreamType(1 + at % 2), line) for at, line in enumerate(part)
            )
        else:
            session.journal.extend([Output(StreamType.STDOUT, b"".join(part))])
    return session


def measure(way: str, count: int) -> tuple[float, int, int]:
    """Make one table, in its own process.

    Returns:
        Seconds of processor time; growth of resident memory in bytes, after and at its peak.
    """
    import pandas as pd

    pd.Series(["loads what pandas loads late"])
    work: Callable[[], Any]
    if WAYS[way][1]:
        session = received(count, alternating=WAYS[way][1] == "both")
        method = way.split(",", maxsplit=1)[0]
        if method == "records":

            def work() -> list[Any]:
                return [record.number for record in session.records()]
        else:
            getattr(received(1, alternating=False), method)()  # loads the library
            work = getattr(session, method)
    else:
        data = b"".join(lines(count))
        reader = with_read_csv if way == "pandas.read_csv" else with_splitlines
        reader(data[:LENGTH])

        def work() -> Any:
            return reader(data)

    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    began = time.process_time()
    made = work()
    seconds = time.process_time() - began
    grown, peak = resident("VmRSS") - before, resident("VmHWM") - before
    assert len(made) == count
    return seconds, grown, peak


def section(options: Options) -> str:
    """Return the table, as Markdown."""
    count = 200_000 if options.quick else 1_000_000
    size = count * LENGTH
    figures: dict[str, list[tuple[float, int, int]]] = {way: [] for way in WAYS}
    for turn in range(options.times(5, 1)):
        progress(f"tables, turn {turn + 1}")
        for way in WAYS:
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                figures[way].append(process.submit(measure, way, count).result())
    base = [seconds for seconds, _, _ in figures["pandas.read_csv"]]
    rows = []
    for way, found in figures.items():
        ratio = median(one[0] / other for one, other in zip(found, base, strict=True))
        rows.append(
            [
                WAYS[way][0],
                f"{median(seconds for seconds, _, _ in found):.2f} s",
                f"{ratio:.2f}",
                "" if way == "records" else f"{median(grown / size for _, grown, _ in found):.1f}",
                f"{median(peak / size for _, _, peak in found):.1f}",
            ]
        )
    head = ["by", "processor time", "ratio", "memory of it : bytes", "at its peak : bytes"]
    return f"## {count:,} lines of {LENGTH} bytes as a table\n\n{table(head, rows)}"


if __name__ == "__main__":
    alone(section, __doc__)
