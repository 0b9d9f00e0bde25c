"""``%hyper attach`` and ``%hyper_attach``: what they pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import attach_parser
from hyper_jupyter.magics.verbs.attaching import attach_with


class ScriptedClient:
    """Lists what is attached."""

    def __init__(self) -> None:
        self.attached: list[str] = []

    def attach(self, container: str, **options: Any) -> str:
        self.attached.append(container)
        return "the session"


def test_where_a_session_cannot_be_saved_it_is_not_attached(tmp_path: Path) -> None:
    client: Any = ScriptedClient()
    for file in ("demo.mp4", str(tmp_path / "none" / "demo.cast"), str(tmp_path)):
        with pytest.raises(HyperJupyterError):
            attach_with(client, attach_parser().parse_args(["web", "--save", file]))
    assert client.attached == []


def test_a_home_folder_may_be_named_by_its_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    client: Any = ScriptedClient()
    arguments = attach_parser().parse_args(["web", "--save", "~/demo.cast"])
    attach_with(client, arguments)
    assert (client.attached, arguments.save) == (["web"], str(tmp_path / "demo.cast"))
