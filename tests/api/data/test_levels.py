"""Lines of logs: their shape and their level, by the vectors that the page's tests read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.api.data.levels import LEVELS, level_of
from hyper_jupyter.api.data.parsing import line_parser

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "log_lines.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_line_of_a_log_has_its_level(vector: dict[str, Any]) -> None:
    parse = line_parser("log")
    # Where the page shows an empty object as it came, its fields are none.
    if vector["shape"] is None and vector["line"] != "{}":
        with pytest.raises(ValueError, match=r"JSON|logfmt|structured"):
            parse(vector["line"])
        return
    fields = parse(vector["line"])
    assert (fields.get("level") if fields.get("level") in LEVELS else None) == vector.get("level")
    if vector.get("message") is not None:
        assert vector["message"] in fields.values()


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("Warning", "warn"),
        (" ERR ", "error"),
        (50, "error"),
        (20.0, "debug"),
        ("w", "warn"),
        (3, None),
        (True, None),
        (None, None),
        ("levelled", None),
    ],
)
def test_values_stand_for_levels(value: object, level: str | None) -> None:
    assert level_of(value) == level
