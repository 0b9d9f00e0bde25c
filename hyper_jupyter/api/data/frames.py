"""Lines as tables: lists of dicts, pandas, Polars, Arrow.

Layer: api, data. No I/O, no threads. The libraries are imported when they are asked for.

Strategy: build columns in bulk, one batch after another. What the lines of a span have in common is
repeated by ``array``, in C. Where Arrow is at hand it cuts the text itself, so that there is no
Python object for any line.
"""

from __future__ import annotations

import importlib
import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from operator import mul
from typing import Any, Final

from hyper_jupyter.api.data.columns import arrow_column, pandas_column, polars_column
from hyper_jupyter.api.data.parsing import ERROR, Fields, Parse
from hyper_jupyter.api.data.record import Clock
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session import STREAM_NAMES, LineBatch

__all__ = ["Lines", "to_arrow", "to_dicts", "to_pandas", "to_polars"]

COLUMNS: Final = ("time", "stream", "text", "number", "complete", "clock")

_STREAMS: Final = tuple(STREAM_NAMES.values())
_CODES: Final = bytes.maketrans(bytes(STREAM_NAMES), bytes(range(len(STREAM_NAMES))))
"""Translates a stream to the index of its name."""
_CLOCKS: Final = ("engine", "arrival")
_NO_TIME: Final = -(2**63)
"""Is no time in NumPy, too."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines to make a table of.

    Attributes:
        batches: the lines, in order, and whose times they have.
        parse: how to parse them; ``None`` is not at all.
    """

    batches: Iterable[tuple[LineBatch, Clock]]
    parse: Parse | None = None

    def fields(self) -> Fields | None:
        """Return what collects the parsed fields."""
        return None if self.parse is None else Fields(self.parse, COLUMNS)


@dataclass(frozen=True, slots=True)
class _Spread:
    """The columns of a batch other than the text, one item for each line.

    Attributes:
        times: microseconds since the epoch; :data:`_NO_TIME` where it is not known.
        timed: whether all are known.
        streams: indexes of :data:`_STREAMS`.
        numbers: the lines' numbers.
        complete: 1 for whole lines, else 0.
    """

    times: array[int]
    timed: bool
    streams: bytes
    numbers: array[int]
    complete: bytes

    @classmethod
    def of(cls, batch: LineBatch) -> _Spread:
        spans = batch.spans
        codes = bytes(spans.kinds.translate(_CODES))
        timed = not math.isnan(sum(spans.times))
        moments = array("q", map(round if timed else _rounded, map(mul, spans.times, repeat(1e6))))
        if sum(spans.lines) == len(spans):  # a line each: no loop of Python's code
            return cls(moments, timed, codes, spans.numbers, bytes(spans.complete))
        times, numbers = array("q"), array("q")
        streams, complete = bytearray(), bytearray()
        columns = zip(codes, moments, spans.lines, spans.numbers, spans.complete, strict=True)
        for code, when, count, number, whole in columns:
            if count == 1:
                times.append(when)
                numbers.append(number)
                streams.append(code)
                complete.append(whole)
            else:
                times += array("q", (when,)) * count
                numbers.extend(range(number, number + count))
                streams += bytes((code,)) * count
                complete += bytes((whole,)) * count
        return cls(times, timed, bytes(streams), numbers, bytes(complete))

    def known(self) -> list[int | None]:
        """Return the times, ``None`` where it is not known."""
        return [None if time == _NO_TIME else time for time in self.times]


def _rounded(time: float) -> int:
    return _NO_TIME if math.isnan(time) else round(time)


def to_dicts(lines: Lines) -> list[dict[str, Any]]:
    """Return a dict for each line."""
    fields = lines.fields()
    rows: list[dict[str, Any]] = []
    for batch, clock in lines.batches:
        texts = batch.texts()
        index = 0
        for stream, time, count, number, complete in batch.spans:
            name = STREAM_NAMES[stream]
            rows += [
                {
                    "time": time,
                    "stream": name,
                    "text": text,
                    "number": each,
                    "complete": complete,
                    "clock": clock,
                }
                for each, text in enumerate(texts[index : index + count], number)
            ]
            index += count
        if fields is not None:
            spread = _Spread.of(batch)
            fields.add(texts, numbers=spread.numbers, complete=spread.complete)
    for name, values in _parsed(fields):
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return rows


def to_arrow(lines: Lines) -> Any:
    """Return a ``pyarrow.Table``. Its times are timestamps in microseconds, UTC."""
    pa = _library("pyarrow", "to_arrow")
    fields = lines.fields()
    chunks: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    categories = pa.array(_STREAMS), pa.array(_CLOCKS)
    types = {
        "time": pa.timestamp("us", "UTC"),
        "stream": pa.dictionary(pa.int8(), pa.string()),
        "text": pa.string(),
        "number": pa.int64(),
        "complete": pa.bool_(),
        "clock": pa.dictionary(pa.int8(), pa.string()),
    }
    for batch, clock in lines.batches:
        spread = _Spread.of(batch)
        count = len(spread.numbers)
        code = bytes([_CLOCKS.index(clock)])

        def column(
            kind: Any, data: bytes | array[int], count: int = count
        ) -> Any:  # without a copy
            return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(data)])

        chunks["time"].append(
            column(types["time"], spread.times)
            if spread.timed
            else pa.array(spread.known(), types["time"])
        )
        for name, codes, values in (
            ("stream", spread.streams, categories[0]),
            ("clock", code * count, categories[1]),
        ):
            indexes = column(pa.int8(), codes)
            chunks[name].append(pa.DictionaryArray.from_arrays(indexes, values))
        chunks["text"].append(_arrow_texts(pa, batch, count))
        chunks["number"].append(column(pa.int64(), spread.numbers))
        chunks["complete"].append(column(pa.uint8(), spread.complete).cast(pa.bool_()))
        if fields is not None:
            fields.add(batch.texts(), numbers=spread.numbers, complete=spread.complete)
    columns = {name: pa.chunked_array(chunks[name], types[name]) for name in COLUMNS}
    for name, values in _parsed(fields):
        columns[name] = arrow_column(pa, values) if name != ERROR else pa.array(values, pa.string())
    return pa.table(columns)


def _arrow_texts(pa: Any, batch: LineBatch, count: int) -> Any:
    """Return the lines of a batch as an array of strings."""
    data = batch.data
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            data = data.decode("utf-8", "replace").encode()
    offsets = pa.py_buffer(array("i", (0, len(data))))
    whole = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(data)])
    split = importlib.import_module("pyarrow.compute").split_pattern(whole, "\n")
    return split.flatten()[:count]  # behind the last newline there is no line


def to_pandas(lines: Lines) -> Any:
    """Return a ``pandas.DataFrame``. Its times are ``datetime64[us, UTC]``."""
    pd = _library("pandas", "to_pandas")
    np = importlib.import_module("numpy")
    fields = lines.fields()
    texts = _pandas_texts(pd)
    times, numbers = array("q"), array("q")
    streams, complete, clocks = bytearray(), bytearray(), bytearray()
    for batch, clock in lines.batches:
        spread = _Spread.of(batch)
        clocks += bytes([_CLOCKS.index(clock)]) * len(spread.numbers)
        times += spread.times
        numbers += spread.numbers
        streams += spread.streams
        complete += spread.complete
        texts.add(batch, len(spread.numbers))
        if fields is not None:
            fields.add(batch.texts(), numbers=spread.numbers, complete=spread.complete)
    moments = np.frombuffer(times, "q").view("datetime64[us]")
    columns = {
        "time": pd.DatetimeIndex(moments).tz_localize("UTC"),
        "stream": pd.Categorical.from_codes(np.frombuffer(streams, "int8"), _STREAMS),
        "text": texts.column(),
        "number": np.frombuffer(numbers, "q").astype("int64"),
        "complete": np.frombuffer(complete, "int8").astype(bool),
        "clock": pd.Categorical.from_codes(np.frombuffer(clocks, "int8"), _CLOCKS),
    }
    columns.update((name, pandas_column(pd, values)) for name, values in _parsed(fields))
    return pd.DataFrame(columns, copy=False)


class _PandasTexts:
    """The texts of a data frame, as Python's strings."""

    def __init__(self, pd: Any) -> None:
        self._pd = pd
        self._texts: list[str] = []

    def add(self, batch: LineBatch, _count: int) -> None:
        self._texts += batch.texts()

    def column(self) -> Any:
        kind = "str" if int(self._pd.__version__.split(".")[0]) >= 3 else object
        return self._pd.array(self._texts, dtype=kind)


class _ArrowTexts:
    """The texts of a data frame, as Arrow's strings."""

    def __init__(self, pd: Any, pa: Any) -> None:
        self._pd = pd
        self._pa = pa
        self._chunks: list[Any] = []

    def add(self, batch: LineBatch, count: int) -> None:
        self._chunks.append(_arrow_texts(self._pa, batch, count).cast(self._pa.large_string()))

    def column(self) -> Any:
        texts = self._pa.chunked_array(self._chunks, self._pa.large_string())
        return self._pd.array(texts, dtype="str", copy=False)


def _pandas_texts(pd: Any) -> _PandasTexts | _ArrowTexts:
    """Return what collects the texts, in the way in which this pandas keeps strings."""
    kind = pd.Series(["a"]).dtype
    if getattr(kind, "storage", "") == "pyarrow":
        return _ArrowTexts(pd, importlib.import_module("pyarrow"))
    return _PandasTexts(pd)


def to_polars(lines: Lines) -> Any:
    """Return a ``polars.DataFrame``. Its times are ``Datetime("us", "UTC")``."""
    pl = _library("polars", "to_polars")
    fields = lines.fields()
    streams, clocks = pl.Enum(_STREAMS), pl.Enum(_CLOCKS)
    kinds = {
        "time": pl.Datetime("us", "UTC"),
        "stream": streams,
        "text": pl.String,
        "number": pl.Int64,
        "complete": pl.Boolean,
        "clock": clocks,
    }
    frames = [pl.DataFrame(schema=kinds)]
    names = pl.Series(_STREAMS, dtype=streams)
    for batch, clock in lines.batches:
        spread = _Spread.of(batch)
        texts = batch.texts()
        columns = {
            "time": pl.Series(spread.known(), dtype=pl.Int64).cast(kinds["time"]),
            "stream": names.gather(pl.Series(list(spread.streams), dtype=pl.UInt32)),
            "text": pl.Series(texts, dtype=pl.String),
            "number": pl.Series(spread.numbers.tolist(), dtype=pl.Int64),
            "complete": pl.Series(list(spread.complete), dtype=pl.UInt8).cast(pl.Boolean),
            "clock": pl.repeat(clock, len(texts), dtype=clocks, eager=True),
        }
        frames.append(pl.DataFrame(columns))
        if fields is not None:
            fields.add(texts, numbers=spread.numbers, complete=spread.complete)
    frame = pl.concat(frames, rechunk=False)
    more = [
        polars_column(pl, name, values)
        if name != ERROR
        else pl.Series(name, values, dtype=pl.String)
        for name, values in _parsed(fields)
    ]
    return frame.with_columns(more) if more else frame


def _parsed(fields: Fields | None) -> Iterator[tuple[str, list[Any]]]:
    if fields is not None:
        yield from fields.columns().items()
        yield ERROR, fields.errors


def _library(name: str, method: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise HyperJupyterError(
            f"{method}() needs {name}: {error}", hint=f"Install it: %pip install {name}"
        ) from None
