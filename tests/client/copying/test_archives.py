"""Archives: packed on the fly, and unpacked where nothing may leave the target."""

from __future__ import annotations

import io
import os
import socket
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client.copying.packing import pack_bytes, pack_path
from hyper_jupyter.client.copying.unpacking import Copied, read_file, unpack
from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError


def members(pieces: Iterator[bytes]) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        return {member.name: member for member in archive}


def archive_of(*entries: tuple[str, Any]) -> list[bytes]:
    """An archive of files (bytes), folders (None), and others (a TarInfo's fields)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
                continue
            info.type = tarfile.DIRTYPE
            for field, value in (content or {}).items():
                setattr(info, field, value)
            archive.addfile(info)
    return [buffer.getvalue()]


def link(to: str) -> dict[str, Any]:
    return {"type": tarfile.SYMTYPE, "linkname": to}


def hard_link(to: str) -> dict[str, Any]:
    return {"type": tarfile.LNKTYPE, "linkname": to}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a").write_bytes(b"A" * 1000)
    (root / "a").chmod(0o640)
    (root / "sub" / ("n" * 200)).write_bytes(b"long")
    (root / "link").symlink_to("a")
    os.link(root / "a", root / "sub" / "hard")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "s"))
    return root


def test_a_folder_is_packed_with_links_and_modes_and_without_sockets(tree: Path) -> None:
    found = members(pack_path(tree, "new"))
    assert list(found) == ["new", "new/a", "new/link", "new/sub", "new/sub/hard",
                           f"new/sub/{'n' * 200}"]  # fmt: skip
    assert (found["new/a"].mode & 0o777, found["new/a"].size) == (0o640, 1000)
    assert (found["new/link"].issym(), found["new/link"].linkname) == (True, "a")
    assert (found["new/sub/hard"].islnk(), found["new/sub/hard"].linkname) == (True, "new/a")
    assert found["new/a"].uid == os.getuid()


def test_the_contents_alone_are_packed_without_the_folder(tree: Path) -> None:
    assert list(members(pack_path(tree, "", contents=True)))[:3] == ["a", "link", "sub"]


def test_a_link_is_packed_as_a_link(tree: Path) -> None:
    found = members(pack_path(tree / "link", "x"))
    assert (found["x"].issym(), found["x"].linkname) == (True, "a")


def test_bytes_are_packed_as_a_file() -> None:
    data = bytes(range(256)) * 3000
    with tarfile.open(fileobj=io.BytesIO(b"".join(pack_bytes(data, "x")))) as archive:
        assert archive.extractfile("x").read() == data  # type: ignore[union-attr]
        assert archive.getmember("x").mode == 0o644


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    tracemalloc.start()
    try:
        size = sum(map(len, pack_path(tmp_path / "big", "big")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 200 * 1024 * 1024
    assert peak < 8 * 1024 * 1024


def test_a_file_that_cannot_be_read_or_shrinks_is_our_own_error(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 1_000_000)
    pieces = pack_path(tmp_path / "big", "big")
    next(pieces)
    os.truncate(tmp_path / "big", 0)
    with pytest.raises(HyperJupyterError, match="became shorter"):
        list(pieces)
    with pytest.raises(HyperJupyterError, match="cannot be read"):
        list(pack_path(tmp_path / "nope", "x"))


# -- unpacking ----------------------------------------------------------------------------


def folder(pieces: list[bytes], root: Path, **options: Any) -> Copied:
    return unpack(pieces, root, is_folder=True, contents=False, **options)


def listed(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_folder_is_unpacked_under_its_new_name(tmp_path: Path) -> None:
    pieces = archive_of(("dir", None), ("dir/a", b"abc"), ("dir/sub", None), ("dir/sub/b", b"de"),
                        ("dir/l", link("a")), ("dir/h", hard_link("dir/a")))  # fmt: skip
    seen: list[int] = []
    found = folder(pieces, tmp_path / "new", on_data=seen.append)
    assert found == Copied(str(tmp_path / "new"), 4, 5)
    assert listed(tmp_path / "new") == ["a", "h", "l", "sub", "sub/b"]
    assert (tmp_path / "new/h").read_bytes() == b"abc"
    assert (tmp_path / "new/l").readlink() == Path("a")
    assert seen == [len(pieces[0])]


@pytest.mark.parametrize("prefix", ["./", ""])  # of Docker and of Podman
def test_contents_go_into_the_folder(tmp_path: Path, prefix: str) -> None:
    entries = [(f"{prefix}a", b"abc"), (f"{prefix}sub", None), (f"{prefix}sub/b", b"de")]
    pieces = archive_of(*([(".", None)] if prefix else []), *entries)
    unpack(pieces, tmp_path, is_folder=True, contents=True)
    assert listed(tmp_path) == ["a", "sub", "sub/b"]


def test_a_file_is_unpacked_under_its_new_name(tmp_path: Path) -> None:
    found = unpack(archive_of(("f", b"abc")), tmp_path / "x", is_folder=False, contents=False)
    assert (found.files, found.size) == (1, 3)
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_owners_and_special_rights_are_dropped(tmp_path: Path) -> None:
    fields = {"type": tarfile.REGTYPE, "mode": 0o6777, "uid": 12345, "gid": 12345}
    unpack(archive_of(("f", fields)), tmp_path / "f", is_folder=False, contents=False)
    stat = (tmp_path / "f").stat()
    assert (stat.st_mode & 0o7777, stat.st_uid) == (0o755, os.getuid())


@pytest.mark.parametrize("to", ["/etc/passwd", "../../x", "sub/../../../x"])
def test_links_that_lead_elsewhere_are_left_out_unless_they_are_wanted(
    tmp_path: Path, to: str
) -> None:
    pieces = archive_of(("dir", None), ("dir/l", link(to)), ("dir/a", b"abc"))
    assert folder(pieces, tmp_path / "one").skipped == ("dir/l",)
    assert listed(tmp_path / "one") == ["a"]
    assert folder(pieces, tmp_path / "two", keep_links=True).skipped == ()
    assert (tmp_path / "two/l").readlink() == Path(to)


def test_devices_and_pipes_are_left_out(tmp_path: Path) -> None:
    pieces = archive_of(("d", None), ("d/p", {"type": tarfile.FIFOTYPE}),
                        ("d/c", {"type": tarfile.CHRTYPE}), ("d/a", b""))  # fmt: skip
    assert folder(pieces, tmp_path / "d").skipped == ("d/p", "d/c")
    assert listed(tmp_path / "d") == ["a"]


@pytest.mark.parametrize(
    "entries",
    [
        [("d/../../x", b"bad")],
        [("d/l", link("..")), ("d/l/x", b"bad")],
        [("d/l", link("/")), ("d/l/x", b"bad")],
        [("d/a", link("sub")), ("d/a/b", link("../..")), ("d/a/b/x", b"bad")],
        [("d/h", hard_link("/etc/passwd"))],
        [("d/h", hard_link("d/../../secret")), ("d/h", b"bad")],
        [("d/l", link("../secret")), ("d/l", b"bad")],
    ],
)
@pytest.mark.parametrize("keep_links", [False, True])
def test_nothing_is_written_outside(
    tmp_path: Path, entries: list[tuple[str, Any]], keep_links: bool
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/secret").write_bytes(b"good")
    try:
        folder(archive_of(("d", None), *entries), tmp_path / "in/d", keep_links=keep_links)
    except HyperJupyterError:
        pass
    assert (tmp_path / "in/secret").read_bytes() == b"good"
    assert [each for each in listed(tmp_path) if each not in ("in", "in/d", "in/secret")
            and not each.startswith("in/d/")] == []  # fmt: skip


def test_a_link_that_was_there_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"good")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a").symlink_to("../secret")
    folder(archive_of(("d", None), ("d/a", b"new")), tmp_path / "d")
    assert ((tmp_path / "d/a").is_symlink(), (tmp_path / "d/a").read_bytes()) == (False, b"new")
    assert (tmp_path / "secret").read_bytes() == b"good"


@pytest.mark.parametrize("data", [b"", b"no archive", b"x" * 2000])
def test_what_is_no_archive_is_our_own_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises((ProtocolError, HyperJupyterError)):
        read_file([data])
    if data:
        with pytest.raises(ProtocolError):
            folder([data], tmp_path / "d")


def test_a_file_is_read_and_nothing_else_is() -> None:
    data = b"x" * 100_000
    cut = [archive_of(("f", data))[0][at : at + 777] for at in range(0, 110_000, 777)]
    assert read_file(cut) == data
    for content in (None, link("x")):
        with pytest.raises(HyperJupyterError, match="not a file"):
            read_file(archive_of(("f", content)))


def test_what_cannot_be_written_is_our_own_error(tmp_path: Path) -> None:
    (tmp_path / "d/a").mkdir(parents=True)
    with pytest.raises(HyperJupyterError, match="cannot be written"):
        folder(archive_of(("d", None), ("d/a", b"x")), tmp_path / "d")


@pytest.mark.parametrize("was_there", [False, True])
def test_a_part_of_a_file_does_not_stay(tmp_path: Path, was_there: bool) -> None:
    if was_there:
        (tmp_path / "b").write_bytes(b"before")

    def pieces() -> Iterator[bytes]:
        (data,) = archive_of(("d/a", b"A"), ("d/b", b"B" * 100_000))
        yield data[:50_000]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack(pieces(), tmp_path, is_folder=True, contents=False)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
