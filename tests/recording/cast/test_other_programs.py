"""Recordings that other programs made: tests/vectors/casts says how."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.moment import screen_at

FOLDER = Path(__file__).parents[2] / "vectors/casts"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".cast", ".json"))
SCRIPT = "\n\n    placed\n\nbad \ufffd\ufffd bytes"
VIM = "helloone\ntwo\n\u6f22\u5b57 here\n" + "~\n" * 8
STREAMS = "one red\nzwei \xe9\u4e2d\ufffd\n100%\nline\n\U0001f600 xy   z\n<b>&amp;</b>"

SHOWN = {
    "asciinema-1.4.json": (9, SCRIPT),
    "asciinema-2.4-vim.cast": (1.6, VIM),
    "asciinema-2.4.cast": (9, SCRIPT),
    "sciine-1.3-of-ours.cast": (9, STREAMS),
    "sciine-1.3-vim.cast": (1.6, VIM),
    "termtosvg-1.1-no-size.cast": (9, SCRIPT),
    "termtosvg-1.1.cast": (9, SCRIPT),
    "termtosvg-ng-1.4.cast": (9, SCRIPT),
}


@pytest.mark.parametrize("name", FILES)
def test_what_they_recorded_is_shown(name: str) -> None:
    seconds, screen = SHOWN[name]
    assert screen_at(load(FOLDER / name), seconds).startswith(screen)


@pytest.mark.parametrize("version", [3, 2])
@pytest.mark.parametrize("name", FILES)
def test_it_is_the_same_once_we_have_written_it(name: str, version: int) -> None:
    found = load(FOLDER / name)
    again = load(io.BytesIO("".join(cast_lines(found, version)).encode()))
    assert list(again.events()) == list(found.events())
    assert (again.header.rows, again.header.columns) == (found.header.rows, found.header.columns)
