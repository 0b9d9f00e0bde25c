"""Secrets: usable as text, and shown by no representation."""

from __future__ import annotations

import pytest

from hyper_jupyter.client.secret import Environment, Secret, SecretBytes, hide


def test_a_secret_is_its_text_and_does_not_show_it() -> None:
    secret = Secret("s3cret")
    assert (secret, f"{secret}", secret.encode()) == ("s3cret", "s3cret", b"s3cret")
    assert repr({"key": secret}) == "{'key': '***'}"


def test_secret_bytes_are_their_bytes_and_do_not_show_them() -> None:
    secret = SecretBytes(b"s3cret")
    assert (secret, secret + b"!") == (b"s3cret", b"s3cret!")
    assert repr((secret,)) == "(b'***',)"


def test_hiding_keeps_the_text_and_makes_none_of_nothing() -> None:
    hidden = hide("s3cret")
    assert (type(hidden), hidden) == (Secret, "s3cret")
    assert hide(hidden) == hidden
    assert hide(None) is None
    assert hide("") is None


def test_an_environment_shows_no_variable() -> None:
    environment = Environment({"PASSWORD": "s3cret"})
    assert dict(environment) == {"PASSWORD": "s3cret"}
    assert (len(environment), environment.get("HOME")) == (1, None)
    assert repr(environment) == "<Environment>"


def test_the_process_s_environment_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment()
    monkeypatch.setenv("HYPER_JUPYTER_TEST", "1")
    assert environment["HYPER_JUPYTER_TEST"] == "1"
    monkeypatch.setenv("HYPER_JUPYTER_TEST", "2")
    assert environment["HYPER_JUPYTER_TEST"] == "2"
    monkeypatch.delenv("HYPER_JUPYTER_TEST")
    assert "HYPER_JUPYTER_TEST" not in environment
