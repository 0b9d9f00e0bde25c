"""Configuration files of other programs: what is read, and what counts as empty."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from hyper_jupyter.client.discovery.files import read_document, read_settings

MEBIBYTE = 1024 * 1024


def file(folder: Path, content: bytes) -> Path:
    path = folder / "config.json"
    path.write_bytes(content)
    return path


def test_a_document_is_whatever_its_file_says(tmp_path: Path) -> None:
    assert read_document(file(tmp_path, b'["\xc3\xa9", 1]')) == ["é", 1]
    assert read_document(file(tmp_path, b'a = "b"'), tomllib.loads) == {"a": "b"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ValueError),
        (b"{", ValueError),
        (b"\xff", ValueError),
        (b"[" * 100_000, RecursionError),
        (json.dumps("x" * MEBIBYTE).encode(), ValueError),
    ],
    ids=["empty", "cut off", "not UTF-8", "nested", "larger than a mebibyte"],
)
def test_a_document_that_cannot_be_read_raises_and_its_settings_are_empty(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = file(tmp_path, content)
    with pytest.raises(error):
        read_document(path)
    assert read_settings(path) == {}


def test_a_file_of_a_mebibyte_is_read_whole(tmp_path: Path) -> None:
    text = "x" * (MEBIBYTE - 2)
    assert read_document(file(tmp_path, f'"{text}"'.encode())) == text


def test_a_missing_file_and_a_folder_have_no_settings(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_document(tmp_path / "gone")
    assert read_settings(tmp_path / "gone") == {}
    assert read_settings(tmp_path) == {}


@pytest.mark.parametrize("content", [b"[]", b"null", b"5", b'"x"'])
def test_what_is_not_an_object_has_no_settings(tmp_path: Path, content: bytes) -> None:
    assert read_settings(file(tmp_path, content)) == {}


def test_settings_are_the_object_of_the_file(tmp_path: Path) -> None:
    assert read_settings(file(tmp_path, b'{"a": {"b": 1}}')) == {"a": {"b": 1}}
    assert read_settings(file(tmp_path, b"[a]\nb = 1"), tomllib.loads) == {"a": {"b": 1}}
