"""Sizes and times in words."""

from __future__ import annotations

import pytest

from hyper_jupyter.magics.quantities import age_text, binary_size_text, size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"), (999, "999B"), (1000, "1kB"), (4_262_048, "4.26MB"), (999_999, "1MB"),
        (1_240_000_000, "1.24GB"), (5e18, "5e+03PB"),
    ],
)  # fmt: skip
def test_sizes_have_three_digits(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1KiB"), (13_904_118, "13.26MiB"), (2**40, "1TiB")],
)
def test_memory_is_in_powers_of_two(count: int, text: str) -> None:
    assert binary_size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (61, "About a minute"),
        (180, "3 minutes"), (3600, "About an hour"), (5400, "1 hours"), (2 * 86400, "2 days"),
        (21 * 86400, "3 weeks"), (90 * 86400, "3 months"), (3 * 365 * 86400, "3 years"),
    ],
)  # fmt: skip
def test_ages_are_as_docker_writes_them(seconds: float, text: str) -> None:
    assert age_text(seconds) == text
