"""SGR sequences, and the CSS of what they set."""

from __future__ import annotations

import itertools
import re

import pytest

from hyper_jupyter.recording.screen.colour import READABLE, Colour, contrast
from hyper_jupyter.recording.screen.style import PLAIN, Style, apply_sgr, css, definitions


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", PLAIN),
        ("1;31", Style(1, None, True)),
        ("97;104", Style(15, 12)),
        ("38;5;208", Style(208)),
        ("48;2;1;2;3", Style(None, (1, 2, 3))),
        ("38:5:208", Style(208)),
        ("38:2:1:2:3", Style((1, 2, 3))),
        ("38:2::1:2:3", Style((1, 2, 3))),
        ("38;5;1;4", Style(1, underline=True)),
        ("4:3", Style(underline=True)),
        ("4:0", PLAIN),
        ("38;5;999", PLAIN),
        ("38;2;300;0;0", PLAIN),
        ("38", PLAIN),
        ("38;5", PLAIN),
        ("999;x;3", Style(italic=True)),
        # The colour of an underline, which is not shown: its numbers are no attributes.
        ("58;5;1", PLAIN),
        ("58;2;1;9;4", PLAIN),
        ("58;5;9;3", Style(italic=True)),
        ("58;2;7;7;7;3", Style(italic=True)),
        ("58:5:1", PLAIN),
        ("58:2::9:9:9;3", Style(italic=True)),
        ("4;58;5;9;59", Style(underline=True)),
        # Colours of other kinds, and of none that is known.
        ("38;3;1;9;4", PLAIN),
        ("48;4;1;9;4;7;3", Style(italic=True)),
        ("38;0;3", Style(italic=True)),
        ("38;9;1;4;7;9;3", Style(italic=True)),
        ("48:9:1:4", PLAIN),
        ("73:1:4;3", Style(italic=True)),
    ],
)
def test_sgr_sets_colours_and_attributes(parameters: str, expected: Style) -> None:
    assert apply_sgr(PLAIN, parameters) == expected


@pytest.mark.parametrize(
    ("on", "off", "name"),
    [
        (1, 22, "bold"), (2, 22, "dim"), (3, 23, "italic"), (4, 24, "underline"),
        (21, 24, "underline"), (7, 27, "inverse"), (8, 28, "concealed"), (9, 29, "struck"),
    ],
)  # fmt: skip
def test_each_attribute_has_a_number_that_sets_it_and_one_that_takes_it_back(
    on: int, off: int, name: str
) -> None:
    alone = Style(**{name: True})  # type: ignore[arg-type]
    assert apply_sgr(PLAIN, str(on)) == alone
    assert apply_sgr(alone, str(off)) == PLAIN


def test_sgr_takes_back_what_it_set() -> None:
    everything = apply_sgr(PLAIN, "1;2;3;4;7;8;9;31;42")
    assert apply_sgr(everything, "22;23;24;27;28;29;39;49") == PLAIN
    assert apply_sgr(everything, "0") == PLAIN


def test_css_says_what_differs_from_plain_text() -> None:
    assert css(PLAIN) == ""
    assert css(Style(bold=True)) == "font-weight:bold"
    assert css(Style(1)) == "color:var(--h1)"
    assert css(Style(dim=True)) == "color:var(--hd)"
    assert css(Style(0, 3)) == "color:#24292f;background-color:#f2cc60"  # black on yellow
    assert css(Style(7, 1)) == "color:#d0d7de;background-color:#a8201a"  # white on red
    assert css(Style(inverse=True)) == "color:var(--hp);background-color:var(--hi)"
    assert css(Style(underline=True, struck=True)) == "text-decoration:underline line-through"


def test_bold_text_of_a_name_is_bright_as_in_a_terminal() -> None:
    assert css(Style(1, bold=True)) == "color:var(--h9);font-weight:bold"
    assert css(Style(9, bold=True)) == "color:var(--h9);font-weight:bold"
    assert css(Style(2, 1, bold=True)).startswith(css(Style(10, 1)))
    # What is bright is the text, which inverse video makes of the background.
    assert css(Style(1, 2, bold=True, inverse=True)).startswith(css(Style(1, 10, inverse=True)))


def test_what_a_colour_needs_is_defined_once_and_only_then() -> None:
    assert set(definitions("plain")) == {"hp", "hi"}
    found = definitions(css(Style(1)) + css(Style(1, bold=True)) + css(Style(dim=True)))
    assert set(found) == {"hp", "hi", "hk", "h1", "h9", "hd"}
    assert set(definitions(css(Style(208)))) == {"hp", "hi", "hk"}
    assert definitions("var(--h1)")["h1"] == (
        "rgb(from var(--hp) clamp(179,var(--hk),255) clamp(33,var(--hk),131) "
        "clamp(26,var(--hk),123)/1)"
    )


@pytest.mark.parametrize(
    ("number", "paper"),
    [
        # xterm's cube of 6 x 6 x 6 colours, then its greys.
        (16, "#000000"), (17, "#00005f"), (18, "#000087"), (22, "#005f00"), (52, "#5f0000"),
        (100, "#878700"), (139, "#af87af"), (188, "#d7d7d7"), (231, "#ffffff"),
        (232, "#080808"), (233, "#121212"), (255, "#eeeeee"),
    ],
)  # fmt: skip
def test_the_other_numbers_are_xterm_s_colours(number: int, paper: str) -> None:
    assert css(Style(None, number)).endswith(f"background-color:{paper}")


PAGES = [(255, 255, 255), (250, 250, 250), (232, 232, 232), (60, 60, 60), (17, 17, 17), (0, 43, 54)]
COLOURS = (None, *range(256), (255, 0, 0), (0, 0, 255), (128, 128, 128))


@pytest.mark.parametrize("page", PAGES)
def test_every_text_can_be_read_on_light_and_on_dark_pages(page: Colour) -> None:
    for colour, dim in itertools.product(COLOURS, (False, True)):
        ink, paper = drawn(Style(colour, dim=dim), page)
        assert contrast(ink, paper) >= READABLE, (colour, dim)


def test_every_text_can_be_read_on_every_background() -> None:
    for ink, paper in itertools.product((*range(16), None, 196, (250, 250, 250)), COLOURS[1:]):
        for dim, inverse in itertools.product((False, True), repeat=2):
            style = Style(ink, paper, dim=dim, inverse=inverse)
            assert contrast(*drawn(style, PAGES[0])) >= READABLE, style


def test_inverse_text_can_be_read_on_every_page() -> None:
    for (colour, dim), page in itertools.product(
        itertools.product(COLOURS, (False, True)), (PAGES[0], PAGES[4])
    ):
        ink, paper = drawn(Style(colour, dim=dim, inverse=True), page)
        assert contrast(ink, paper) >= READABLE, (colour, dim, page)


def drawn(style: Style, page: Colour) -> tuple[Colour, Colour]:
    """Return what a browser makes of a style on a page: the text's colour and its background's."""
    markup = css(style)
    rules = dict(rule.split(":", 1) for rule in markup.split(";") if rule)
    values = definitions(markup)
    dark = sum(part * share for part, share in zip(page, (0.3, 0.59, 0.11), strict=True)) < 125
    plain = (230, 230, 230) if dark else (31, 35, 40)

    def resolved(value: str) -> Colour:
        if value.startswith("#"):
            red, green, blue = bytes.fromhex(value[1:])
            return red, green, blue
        if value in ("var(--hp)", "var(--hi)"):
            return page if value == "var(--hp)" else plain
        if name := re.fullmatch(r"var\(--(\w+)\)", value):
            return resolved(values[name[1]])
        parts = re.findall(r"clamp\((\d+),var\(--hk\),(\d+)\)", value)
        red, green, blue = (int(pair[dark]) for pair in parts)
        return red, green, blue

    return resolved(rules.get("color", "var(--hi)")), resolved(
        rules.get("background-color", "var(--hp)")
    )
