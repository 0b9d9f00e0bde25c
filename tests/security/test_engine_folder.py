"""Other users of this machine cannot exchange the embedded engine's socket, nor stand in for it.

Whom a folder belongs to is decided by rules over owner and mode; root is needed to make folders of
others, so most tests play the others by changing what this process takes for its own user.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter import ownership
from hyper_jupyter.client import Deadline, Endpoint
from hyper_jupyter.client.transport import dial as dialling
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.embedded import embedded_engine, stop_embedded_engine
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.ownership import exchangeable, peer_user
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture

in_a_safe_place = pytest.mark.claim(
    "The socket is put only where nobody else can exchange it: every folder on the way belongs to "
    "you or root, and others may not write to it, sticky ones above excepted; links are followed "
    "by the same rules."
)
sends_nothing_before = pytest.mark.claim(
    "The client sends nothing before the system says that your own user listens there."
)

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")


@pytest.fixture
def no_engine() -> Iterator[None]:
    stop_embedded_engine()
    yield
    stop_embedded_engine()


@pytest.fixture
def own(folder: Path) -> Path:
    own = folder / "a" / "b"
    own.mkdir(parents=True, mode=0o700)
    (folder / "a").chmod(0o700)
    return own


@in_a_safe_place
def test_a_folder_of_ours_under_folders_of_ours_and_of_root_is_safe(own: Path) -> None:
    assert exchangeable(own) is None
    assert exchangeable(own, shared=True) is None


@in_a_safe_place
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o730])
def test_a_folder_that_others_may_write_to_is_not(own: Path, mode: int) -> None:
    own.chmod(mode)
    assert exchangeable(own) == f"other users may write to {own}"
    assert exchangeable(own, shared=True) == f"other users may write to {own}"


@in_a_safe_place
@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_nor_is_a_folder_in_one_that_others_may_write_to(own: Path, mode: int) -> None:
    own.parent.chmod(mode)
    assert exchangeable(own) == f"other users may write to {own.parent}"


@in_a_safe_place
def test_a_sticky_folder_above_is_safe_and_only_shared_places_may_be_sticky(own: Path) -> None:
    own.parent.chmod(0o1777)
    assert exchangeable(own) is None
    assert exchangeable(own.parent) == f"other users may write to {own.parent}"
    assert exchangeable(own.parent, shared=True) is None


@in_a_safe_place
@as_root
def test_a_folder_of_another_user_is_not_safe_wherever_it_is_on_the_way(own: Path) -> None:
    os.chown(own.parent, NOBODY, NOBODY)
    said = f"{own.parent} belongs to user {NOBODY}"
    assert exchangeable(own) == said
    assert exchangeable(own.parent, shared=True) == said


@in_a_safe_place
def test_a_folder_of_root_is_no_place_for_another_user_s_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert exchangeable(Path("/usr")) == "/usr belongs to user 0"
    assert exchangeable(Path("/usr"), shared=True) is None


@in_a_safe_place
def test_links_are_followed_by_the_same_rules(own: Path, folder: Path) -> None:
    other = folder / "other"
    other.mkdir(mode=0o700)
    (own / "absolute").symlink_to(other)
    (own / "relative").symlink_to("../../other")
    (own / "twice").symlink_to("relative")
    (own / "round").symlink_to("round")
    for name in ("absolute", "relative", "twice", "twice/../other"):
        assert exchangeable(own / name) is None
    other.chmod(0o777)
    for name in ("absolute", "relative", "twice"):
        assert exchangeable(own / name) == f"other users may write to {other}"
    other.chmod(0o700)
    own.chmod(0o777)  # the link can be exchanged, however safe its target is
    assert exchangeable(own / "absolute") == f"other users may write to {own}"
    own.chmod(0o700)
    assert exchangeable(own / "round") == f"{own}/round has too many symbolic links"


@in_a_safe_place
@as_root
def test_a_link_of_another_user_in_a_sticky_folder_is_not_followed(own: Path) -> None:
    own.chmod(0o1777)
    (own / "link").symlink_to("/tmp")
    os.lchown(own / "link", NOBODY, NOBODY)
    assert exchangeable(own / "link", shared=True) == f"{own}/link is a link of user {NOBODY}"


@in_a_safe_place
@pytest.mark.parametrize(
    ("mapped", "ids"),
    [
        ("0 0 4294967295", {0}),
        ("1000 1000 1", {0, NOBODY}),  # a cluster's Apptainer: root is not in the namespace
        ("0 1000 1\n1 100000 65536", {0}),  # rootless Podman: "nobody" is a user of its own there
        ("", {0, NOBODY}),
    ],
)
def test_root_is_known_by_the_overflow_id_where_the_namespace_has_no_root(
    own: Path, monkeypatch: pytest.MonkeyPatch, mapped: str, ids: set[int]
) -> None:
    (own / "map").write_text(mapped + "\n")
    (own / "overflow").write_text(f"{NOBODY}\n")
    monkeypatch.setattr(ownership, "_UID_MAP", own / "map")
    monkeypatch.setattr(ownership, "_OVERFLOW", own / "overflow")
    assert ownership._root_ids() == ids


# -- the client ----------------------------------------------------------------------------


def place_of_engine() -> Path:
    return Path(embedded_engine(Deadline(20)).socket_path).parent.parent


@in_a_safe_place
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_local_is_not_put_into_a_runtime_folder_that_others_may_write_to(
    own: Path, folder: Path, no_engine: None, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    own.parent.chmod(mode)
    assert place_of_engine() == folder
    assert list(own.iterdir()) == []


@in_a_safe_place
@as_root
def test_nor_into_a_folder_of_another_user(
    own: Path, folder: Path, no_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(own))  # both: the system's own one is left
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    os.chown(own, NOBODY, NOBODY)
    assert place_of_engine() == Path("/tmp")
    assert list(own.iterdir()) == []


@in_a_safe_place
def test_where_no_folder_is_safe_it_says_so_and_starts_nothing(
    own: Path, no_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    monkeypatch.setattr(
        "hyper_jupyter.client.transport.embedded.exchangeable",
        lambda path, *, shared: f"other users may write to {path}",
    )
    with pytest.raises(ConnectionFailed, match=rf"no folder is safe .*to {own}\n") as caught:
        embedded_engine(Deadline(20))
    assert "TMPDIR" in str(caught.value.hint)
    assert list(own.iterdir()) == []


@sends_nothing_before
def test_nothing_is_sent_where_another_user_listens(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialling, "peer_user", lambda _: 12345)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(own / "s"))
        listening.listen()
        with pytest.raises(ConnectionFailed, match="is not your engine: user 12345 listens"):
            dial(Endpoint("local", path=str(own / "s")), Deadline(10))
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.recv(100) == b""


@sends_nothing_before
def test_the_system_says_who_is_at_the_other_end(own: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as client:
        listening.bind(str(own / "s"))
        listening.listen()
        client.connect(str(own / "s"))
        accepted, _ = listening.accept()
        with accepted:
            assert peer_user(client) == peer_user(accepted) == os.geteuid()


@sends_nothing_before
@as_root
def test_a_listener_that_became_another_user_is_seen_as_that(own: Path) -> None:
    path = own / "s"
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            os.setuid(NOBODY)
            listening.listen()
            os.write(write, b"!")
            listening.accept()[0].recv(1)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as ready:
        assert ready.read(1) == b"!"
    with pytest.raises(ConnectionFailed, match=f"user {NOBODY} listens"):
        dial(Endpoint("local", path=str(path)), Deadline(10))
    os.waitpid(child, 0)


# -- the engine ----------------------------------------------------------------------------


@in_a_safe_place
@pytest.mark.parametrize(
    ("which", "mode"),
    [("own", 0o777), ("own", 0o720), ("own", 0o1777), ("parent", 0o777), ("parent", 0o720)],
)
def test_a_socket_is_refused_in_a_folder_that_others_may_write_to(
    own: Path, which: str, mode: int
) -> None:
    opened = own if which == "own" else own.parent
    opened.chmod(mode)
    refused = subprocess.run(
        [sys.executable, "-P", "-m", "hyper_jupyter.engine", "--socket", str(own / "s")],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert refused.stderr == (
        f"hyper engine: other users may write to {opened}: others could exchange the socket\n"
    )
    assert list(own.iterdir()) == []
