"""Where a copy goes. The rows are what the docker command did, version 28.2 with Docker 26.1."""

from __future__ import annotations

import pytest

from hyper_jupyter.client.copying.plan import (
    Destination,
    Source,
    asserts_folder,
    means_contents,
    place_copy,
)
from hyper_jupyter.exceptions import HyperJupyterError

FILE = Source("file", False)
FOLDER = Source("dir", True)
CONTENTS = Source("dir", True, contents=True)

A_FOLDER = Destination("/t/ex", True, True)
A_FOLDER_S = Destination("/t/ex/", True, True, must_be_folder=True)
A_FILE = Destination("/t/f", True, False)
A_FILE_S = Destination("/t/f/", True, False, must_be_folder=True)
NEW = Destination("/t/new", False, False)
NEW_S = Destination("/t/new/", False, False, must_be_folder=True)
ROOT = Destination("/", True, True, must_be_folder=True)


@pytest.mark.parametrize(
    ("source", "target", "path"),
    [
        (FILE, A_FOLDER, "/t/ex/file"), (FILE, A_FOLDER_S, "/t/ex/file"), (FILE, NEW, "/t/new"),
        (FILE, A_FILE, "/t/f"), (FILE, ROOT, "/file"),
        (FOLDER, A_FOLDER, "/t/ex/dir"), (FOLDER, A_FOLDER_S, "/t/ex/dir"),
        (FOLDER, NEW, "/t/new"), (FOLDER, NEW_S, "/t/new"), (FOLDER, ROOT, "/dir"),
        (CONTENTS, A_FOLDER, "/t/ex"), (CONTENTS, A_FOLDER_S, "/t/ex"), (CONTENTS, NEW, "/t/new"),
        (CONTENTS, NEW_S, "/t/new"), (CONTENTS, ROOT, "/"),
    ],
)  # fmt: skip
def test_a_copy_s_place(source: Source, target: Destination, path: str) -> None:
    assert place_copy(source, target) == path


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (FILE, NEW_S, "there is no folder /t/new"),
        (FILE, A_FILE_S, "/t/f is not a folder"),
        (FOLDER, A_FILE, "cannot be copied to /t/f"),
        (FOLDER, A_FILE_S, "/t/f is not a folder"),
        (CONTENTS, A_FILE, "cannot be copied to /t/f"),
    ],
)
def test_what_cannot_be_copied_there(source: Source, target: Destination, words: str) -> None:
    with pytest.raises(HyperJupyterError, match=words) as caught:
        place_copy(source, target)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("path", "contents", "folder"),
    [("/a", False, False), ("/a/", False, True), ("/a/.", True, True), (".", True, True),
     ("/", True, True), ("/a.", False, False), ("a/..", False, False)],
)  # fmt: skip
def test_what_a_path_says(path: str, contents: bool, folder: bool) -> None:
    assert (means_contents(path), asserts_folder(path)) == (contents, folder)
