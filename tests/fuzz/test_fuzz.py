"""The short form of ``make fuzz``: every parser, with the first of its inputs."""

from __future__ import annotations

import contextlib
import os

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from tests.fuzz.differential import can_compare, differences
from tests.fuzz.mutation import mutated
from tests.fuzz.sequences import case
from tests.fuzz.targets import TARGETS

INPUTS = 500


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_gives_a_result_or_an_error_of_ours(name: str) -> None:
    target = TARGETS[name]
    for number in range(INPUTS):
        with contextlib.suppress(HyperJupyterError):
            target.read(mutated(target.seeds, number, name))


@pytest.mark.parametrize("name", TARGETS)
def test_each_parser_understands_its_first_seed(name: str) -> None:
    target = TARGETS[name]
    target.read([target.seeds[0]])


@pytest.mark.skipif(
    not can_compare() and os.environ.get("HYPER_JUPYTER_TEST_REQUIRE") != "all",
    reason="it needs Node and the front end's modules",
)
def test_saved_output_has_the_cells_that_the_page_shows() -> None:
    found = [(number, case.text) for number, case, _, _ in differences(0, INPUTS)]
    assert found == []


def test_the_same_number_is_the_same_input() -> None:
    first, again = (mutated((b"a seed",), 7, "name") for _ in range(2))
    assert first == again
    assert first != mutated((b"a seed",), 8, "name")
    assert case(7) == case(7) != case(8)
