"""The key pair of an engine that requires signatures: the places it may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.engine.http.guard import FROM_ENVIRONMENT, NoKeys, key_pair


@pytest.fixture(autouse=True)
def no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPER_ACCESS", raising=False)
    monkeypatch.delenv("HYPER_SECRET", raising=False)


def test_a_pair_may_be_given_itself() -> None:
    assert key_pair("key:sec:ret") == ("key", "sec:ret")


def test_a_pair_may_be_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("  key:secret \nother:line\n")
    assert key_pair(f"@{tmp_path}/keys") == ("key", "secret")


def test_a_pair_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPER_ACCESS", "key")
    with pytest.raises(NoKeys, match="in HYPER_ACCESS and HYPER_SECRET"):
        key_pair(FROM_ENVIRONMENT)
    monkeypatch.setenv("HYPER_SECRET", "secret")
    assert key_pair(FROM_ENVIRONMENT) == ("key", "secret")


@pytest.mark.parametrize("given", ["SECRETWORD", "key:", ":SECRETWORD"])
def test_half_a_pair_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(NoKeys) as refused:
        key_pair(given)
    assert str(refused.value) == "no ACCESS:SECRET in --require-signature"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").touch()
    for name, reason in [
        ("binary", "{} is not text"),
        ("empty", "no ACCESS:SECRET in {}"),
        ("none", "{}: No such file or directory"),
    ]:
        with pytest.raises(NoKeys) as refused:
            key_pair(f"@{tmp_path}/{name}")
        assert str(refused.value) == reason.format(tmp_path / name)
