"""The commands that a page without our code names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter import __version__
from hyper_jupyter.widgets import notices
from hyper_jupyter.widgets.notices import misfit, missing, no_widgets, requirement, unanswered

RELEASED = f'"hyper_jupyter=={__version__}"'


def test_what_came_from_a_clone_or_a_file_is_installed_from_there(tmp_path: Path) -> None:
    clone = tmp_path / "my clone"
    origin = json.dumps({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert requirement(origin) == RELEASED  # it is not there any more
    clone.mkdir()
    assert requirement(origin) == f"'{clone}'"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            {
                "url": "https://git.example.org/hyper.git",
                "vcs_info": {"vcs": "git", "commit_id": "f00d"},
            },
            "git+https://git.example.org/hyper.git@f00d",
        ),
        (
            {"url": "https://example.org/hyper.whl", "archive_info": {}},
            "https://example.org/hyper.whl",
        ),
        ({"url": "https://example.org/a;b.whl"}, "'https://example.org/a;b.whl'"),
        ({"url": "https://example.org/hyper", "vcs_info": {}}, RELEASED),
        ({}, RELEASED),
        ([], RELEASED),
    ],
)
def test_what_came_from_elsewhere_is_installed_from_there(origin: Any, expected: str) -> None:
    assert requirement(json.dumps(origin)) == expected


def test_what_came_from_an_index_has_its_version() -> None:
    assert requirement(None) == requirement("not JSON") == RELEASED


def test_every_notice_has_that_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notices, "server_python", lambda: "/srv/bin/python")
    monkeypatch.setattr(notices, "_origin", lambda: json.dumps({"url": tmp_path.as_uri()}))
    for notice in (missing(), misfit("9.9.9"), unanswered("auto"), no_widgets()):
        assert notice.step.startswith(f"Run /srv/bin/python -m pip install {tmp_path}, ")
        assert notice.step.endswith("and reload the page.")


def test_where_the_server_is_ours_a_page_without_widgets_was_loaded_before_or_has_them_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notices, "server_python", lambda: sys.executable)
    assert "though ipywidgets is installed" in no_widgets().text
    assert "Reload the page" in no_widgets().step


def test_code_that_does_not_run_may_lack_anywidget_in_the_server_too() -> None:
    assert "the Jupyter server does not have anywidget" in unanswered("auto").text
