"""The colours of saved text, and that the page finds the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hyper_jupyter.recording.screen.colour import READABLE, contrast, ink_on, inks, paper_of

EXAMPLES = json.loads((Path(__file__).parents[2] / "vectors" / "colours.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_ink_on_a_paper_is_the_page_s(example: dict[str, object]) -> None:
    ink = example["ink"]
    wanted = tuple(ink) if isinstance(ink, list) else ink
    found = ink_on(wanted, tuple(example["paper"]), dim=example["dim"])  # type: ignore[arg-type]
    assert list(found) == example["drawn"]


def test_wcag_s_own_examples_of_contrast() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast((10, 20, 30), (10, 20, 30)) == 1


@pytest.mark.parametrize("ink", [None, *range(256), (1, 2, 3), (255, 255, 0)])
def test_both_colours_of_a_text_can_be_read_and_no_part_of_the_first_is_larger(
    ink: int | None,
) -> None:
    for dim in (False, True):
        found = inks(ink, dim)
        assert contrast(found.light, (255, 255, 255)) >= READABLE
        assert contrast(found.dark, (17, 17, 17)) >= READABLE
        assert all(a <= b for a, b in zip(*found, strict=True))


def test_a_name_has_another_colour_as_a_background() -> None:
    assert paper_of(3) == (242, 204, 96)
    assert paper_of(16) == (0, 0, 0)
    assert paper_of((1, 2, 3)) == (1, 2, 3)
