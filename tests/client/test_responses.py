"""Answers of an engine, as values."""

from __future__ import annotations

from hyper_jupyter.client import Reply


def test_a_reply_s_body_is_read_as_json() -> None:
    assert Reply(200, {}, b'{"a": [1]}').json() == {"a": [1]}
