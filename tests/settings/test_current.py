"""The settings in use have IPython's configuration, if there is an IPython."""

from __future__ import annotations

import pytest
from traitlets.config import Config, Configurable

from hyper_jupyter.settings import current


def test_the_users_configuration_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config({"DirectLink": {"enabled": False}, "SavedOutput": {"lines": 7}})
    shell = Configurable(config=config)
    monkeypatch.setattr(current, "shell", lambda: shell)
    assert current.application() is shell
    assert current.link_policy.__wrapped__().enabled is False
    assert current.saved_output.__wrapped__().lines == 7


@pytest.mark.parametrize("shell", [None, object()])
def test_without_one_it_is_as_it_comes(monkeypatch: pytest.MonkeyPatch, shell: object) -> None:
    monkeypatch.setattr(current, "shell", lambda: shell)
    assert current.application() is None
    assert current.link_policy.__wrapped__().enabled is True
    assert current.saved_output.__wrapped__().lines == 100
