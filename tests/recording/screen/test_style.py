"""SGR sequences, and the CSS of what they set."""

from __future__ import annotations

import itertools

import pytest

from hyper_jupyter.recording.screen.style import BACKGROUND, PLAIN, Style, _contrast, apply_sgr, css


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
    assert css(Style(background=15)) == "background-color:#f6f8fa"
    assert css(Style(0, 3)) == "background-color:#f2cc60"  # black on yellow
    assert css(Style(inverse=True)) == "color:#fafafa;background-color:#24292f"
    assert css(Style(underline=True, struck=True)) == "text-decoration:underline line-through"


NAMED = (
    *("", "#b31d28", "#116329", "#7d4e00", "#0950ac", "#8250df", "#146b7a", "#57606a"),
    *("#57606a", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#a347ba", "#1b7c83", ""),
)
"""The named colours as text; the first and the last are plain text's own."""


@pytest.mark.parametrize("number", range(16))
def test_the_named_colours_can_be_read_as_they_are(number: int) -> None:
    rules = f"color:{NAMED[number]}" if NAMED[number] else ""
    assert css(Style(number)) == rules


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


@pytest.mark.parametrize(
    ("style", "ink"),
    [
        (Style(21), "#0000ff"),  # dark enough
        (Style(46), "#008000"),
        (Style(196), "#e60000"),
        (Style((250, 250, 250)), "#646464"),
        (Style(0, 0), "#929497"),  # the ink of its own paper
    ],
)
def test_a_colour_is_darkened_or_lightened_until_it_can_be_read(style: Style, ink: str) -> None:
    assert css(style).split(";")[0] == f"color:{ink}"


@pytest.mark.parametrize("number", range(256))
def test_every_colour_can_be_read_on_the_page(number: int) -> None:
    declarations = dict(rule.split(":") for rule in css(Style(number)).split(";") if rule)
    ink = bytes.fromhex(declarations.get("color", "#24292f")[1:])
    assert _contrast((ink[0], ink[1], ink[2]), BACKGROUND) >= 4.5


def test_text_can_be_read_on_every_background() -> None:
    for number, inverse in itertools.product(range(256), (False, True)):
        rules = css(Style(None, number, inverse=inverse)).split(";")
        declarations = dict(rule.split(":") for rule in rules if rule)
        ink = bytes.fromhex(declarations.get("color", "#24292f")[1:])
        paper = bytes.fromhex(declarations.get("background-color", "#fafafa")[1:])
        assert _contrast(tuple(ink), tuple(paper)) >= 4.4  # type: ignore[arg-type]
