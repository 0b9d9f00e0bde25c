"""What other users of this machine could exchange, and who is at the other end of a socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hyper_jupyter.ownership import exchangeable, peer_user

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no user ids")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that nobody else can exchange."""
    made = tmp_path / "own"
    made.mkdir(mode=0o700)
    assert exchangeable(made) is None
    return made


@pytest.mark.parametrize(
    ("mode", "others"), [(0o755, False), (0o775, True), (0o757, True), (0o1777, True)], ids=oct
)
def test_a_folder_that_others_may_write_to_is_not_ours_alone(
    own: Path, mode: int, others: bool
) -> None:
    own.chmod(mode)
    assert (exchangeable(own) is not None) is others


def test_in_a_sticky_folder_others_make_entries_but_exchange_none(own: Path) -> None:
    below = own / "below"
    below.mkdir(mode=0o700)
    own.chmod(0o1777)
    assert exchangeable(below) is None
    assert exchangeable(own, shared=True) is None
    own.chmod(0o777)
    assert "other users may write to" in (exchangeable(below) or "")


def test_a_link_is_followed_by_the_same_rules(own: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(own)
    assert exchangeable(link) is None
    own.chmod(0o777)
    assert "other users may write to" in (exchangeable(link) or "")


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    assert "too many symbolic links" in (exchangeable(tmp_path / "one") or "")


def test_what_is_not_there_cannot_be_looked_at(own: Path) -> None:
    with pytest.raises(FileNotFoundError):
        exchangeable(own / "missing")


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="this system does not tell")
def test_the_peer_of_a_socket_is_this_user() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_user(ours) == os.geteuid()
