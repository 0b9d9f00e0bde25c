"""Values of parsed fields as columns of one type.

Layer: api, data. No I/O, no threads. The caller gives the library.

Strategy: look at all values of a field first, also at those in lists and objects, and merge their
types. Polars would take the type of the first value and lose what does not fit it: other fields of
an object, the fraction of a number in a list. Values without a type in common become texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

__all__ = ["arrow_column", "pandas_column", "polars_column"]

_EXACT: Final = 2**53
"""Integers up to this are floats as well."""

_DEPTH: Final = 32
"""Lists and objects within each other. Of deeper ones Polars takes minutes to make a column."""

_NAMES: Final = 1000
"""Different names in the objects of a column. Each takes room for every line."""


class _Kind:
    """The types of some values, merged.

    Args:
        values: the values.
        names: an item for each name that the fields of the whole column may still have.
        depth: of lists and objects around the values.

    Attributes:
        scalars: ``bool``, ``str``, ``int`` and ``float``, if there are such values.
        low: the least integer, or 0.
        high: the greatest integer, or 0.
        items: the values in all lists; ``None`` if there are no lists.
        fields: the fields of all objects; ``None`` if there are no objects.

    Raises:
        ValueError: they are nested too deeply, or have too many names.
    """

    def __init__(self, values: Sequence[Any], names: Iterator[int], depth: int = 0) -> None:
        if depth > _DEPTH:
            raise ValueError("too deep")
        kinds = {*map(type, values)} - {type(None)}
        self.scalars = kinds - {list, dict}
        integers = [0]
        if int in kinds:
            integers += (value for value in values if type(value) is int)
        self.low, self.high = min(integers), max(integers)
        self.items: _Kind | None = None
        self.fields: dict[str, _Kind] | None = None
        if list in kinds:
            items = [item for value in values if isinstance(value, list) for item in value]
            self.items = _Kind(items, names, depth + 1)
        if dict in kinds:
            columns: dict[str, list[Any]] = {}
            for value in values:
                if isinstance(value, dict):
                    for name, each in value.items():
                        columns.setdefault(name, []).append(each)
                    if len(columns) > _NAMES:
                        raise ValueError("too many names")
            self.fields = {}
            for name, column in columns.items():
                if next(names, None) is None:
                    raise ValueError("too many names")
                self.fields[name] = _Kind(column, names, depth + 1)

    def type(self, library: _Types) -> Any:
        """Return the type that all values have.

        Raises:
            ValueError: there is none.
        """
        numbers = self.scalars & {int, float}
        others = self.scalars - numbers
        kinds = len(others) + sum(map(bool, (numbers, self.items, self.fields is not None)))
        if kinds > 1:
            raise ValueError("several types")
        if numbers:
            return library.scalars[self._number()]
        if self.items is not None:
            return library.list(self.items.type(library))
        if self.fields:
            return library.object({name: each.type(library) for name, each in self.fields.items()})
        if self.fields is not None:
            raise ValueError("an object without fields")
        return library.scalars[next((kind.__name__ for kind in others), "null")]

    def _number(self) -> str:
        low, high = self.low, self.high
        if float in self.scalars:
            if max(-low, high) > _EXACT:
                raise ValueError("integers that a float cannot hold")
            return "float"
        if low >= -(2**63) and high < 2**63:
            return "int"
        if low >= 0 and high < 2**64:
            return "uint"
        raise ValueError("integers that are too large")


class _Types:
    """The types of a library.

    Args:
        scalars: those without parts, by their names here.
    """

    def __init__(self, **scalars: Any) -> None:
        self.scalars = scalars

    def list(self, item: Any) -> Any:
        raise NotImplementedError

    def object(self, fields: dict[str, Any]) -> Any:
        raise NotImplementedError


class _PolarsTypes(_Types):
    def __init__(self, pl: Any) -> None:
        self._pl = pl
        super().__init__(
            null=pl.Null,
            bool=pl.Boolean,
            int=pl.Int64,
            uint=pl.UInt64,
            float=pl.Float64,
            str=pl.String,
        )

    def list(self, item: Any) -> Any:
        return self._pl.List(item)

    def object(self, fields: dict[str, Any]) -> Any:
        return self._pl.Struct(fields)


class _ArrowTypes(_Types):
    def __init__(self, pa: Any) -> None:
        self._pa = pa
        super().__init__(
            null=pa.null(),
            bool=pa.bool_(),
            int=pa.int64(),
            uint=pa.uint64(),
            float=pa.float64(),
            str=pa.string(),
        )

    def list(self, item: Any) -> Any:
        return self._pa.list_(item)

    def object(self, fields: dict[str, Any]) -> Any:
        return self._pa.struct(list(fields.items()))


def _type_of(values: Sequence[Any], library: _Types) -> Any:
    """Return the type of a column for some values, ``None`` where it can only be of texts."""
    try:
        return _Kind(values, iter(range(_NAMES))).type(library)
    except ValueError:
        return None


def _texts(values: Sequence[Any]) -> list[str | None]:
    """Return values as texts: a text as it is, anything else as JSON."""
    return [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
    ]


def polars_column(pl: Any, name: str, values: Sequence[Any]) -> Any:
    """Return a ``polars.Series``."""
    kind = _type_of(values, _PolarsTypes(pl))
    if kind is None:
        return pl.Series(name, _texts(values), dtype=pl.String)
    return pl.Series(name, values, dtype=kind)


def arrow_column(pa: Any, values: Sequence[Any]) -> Any:
    """Return a ``pyarrow.Array``."""
    kind = _type_of(values, _ArrowTypes(pa))
    if kind is None:
        return pa.array(_texts(values), pa.string())
    return pa.array(values, kind)


def pandas_column(pd: Any, values: Sequence[Any]) -> Any:
    """Return a ``pandas.Series`` of the type that pandas takes for the values.

    Large integers stay exact: where some are missing, pandas would make floats of all.
    """
    column = pd.Series(values)
    if column.dtype.kind != "f":
        return column
    integers = [value for value in values if isinstance(value, int)]
    if not integers or max(map(abs, integers)) <= _EXACT:
        return column
    kinds: tuple[Any, ...] = ("Int64", "UInt64", object)
    if any(isinstance(value, float) for value in values):
        kinds = (object,)
    for kind in kinds:
        try:
            return pd.Series(values, dtype=kind)
        except (OverflowError, TypeError, ValueError):
            continue
    return column
