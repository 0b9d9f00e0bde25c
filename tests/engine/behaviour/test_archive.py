"""Files copied out of a container and into it, through the socket."""

from __future__ import annotations

import base64
import io
import json
import os
import stat
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.engine.driver import Engine, Reply, UnixConnection

MIB = 1 << 20


@pytest.fixture
def container(engine: Engine) -> str:
    return engine.create("true")


def path_of(container: str, path: Path | str, **flags: int) -> str:
    query = "".join(f"&{name}={value}" for name, value in flags.items())
    return f"/containers/{container}/archive?path={quote(str(path))}{query}"


def put(engine: Engine, container: str, path: Path | str, body: bytes, **flags: int) -> Reply:
    connection = UnixConnection(engine.path)
    try:
        connection.request(
            "PUT",
            engine.prefix + path_of(container, path, **flags),
            body,
            {"Content-Type": "application/x-tar"},
        )
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def members(body: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {member.name: member for member in archive}


def archive_of(*entries: tuple[str, bytes | str | None], mode: str = "w") -> bytes:
    """Make an archive: a file for bytes, a folder for None, a symbolic link for text."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.mtime = 1_700_000_000
            member.mode = 0o640
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o750
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return made.getvalue()


def described(reply: Reply) -> dict[str, Any]:
    text = reply.headers["X-Docker-Container-Path-Stat"]
    result: dict[str, Any] = json.loads(base64.b64decode(text))
    return result


# -- out -------------------------------------------------------------------------------------


def test_a_file_comes_as_an_archive_of_one(engine: Engine, container: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"hallo\n")
    file.chmod(0o604)
    os.utime(file, ns=(0, 1_700_000_000_500_000_000))
    reply = engine.call("GET", path_of(container, file))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-tar")
    (member,) = members(reply.body).values()
    assert (member.name, member.size, member.mode) == ("file", 6, 0o604)
    assert described(reply) == {
        "name": "file", "size": 6, "mode": 0o604, "mtime": "2023-11-14T22:13:20.5Z",
        "linkTarget": "",
    }  # fmt: skip
    looked = engine.call("HEAD", path_of(container, file))
    assert (looked.status, looked.body) == (200, b"")
    assert described(looked) == described(reply)
    assert engine.events_of(container)[-1]["Action"] == "archive-path"


def test_a_folder_comes_with_all_that_is_in_it(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "big").write_bytes(os.urandom(3 * MIB + 7))
    (folder / "empty").touch()
    (folder / "link").symlink_to("in/big")
    os.mkfifo(folder / "pipe")
    reply = engine.call("GET", path_of(container, folder))
    found = members(reply.body)
    assert list(found) == [
        "folder", "folder/empty", "folder/in", "folder/in/big", "folder/link", "folder/pipe",
    ]  # fmt: skip
    assert found["folder/link"].linkname == "in/big"
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        big = archive.extractfile("folder/in/big")
        assert big is not None
        assert big.read() == (folder / "in" / "big").read_bytes()
    assert described(reply)["mode"] == 1 << 31 | stat.S_IMODE(folder.stat().st_mode)
    contents = members(engine.call("GET", path_of(container, f"{folder}/.")).body)
    assert set(contents) == {".", "./empty", "./in", "./in/big", "./link", "./pipe"}


def test_a_link_is_itself_unless_a_slash_follows_it(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    reply = engine.call("HEAD", path_of(container, tmp_path / "link"))
    assert described(reply)["linkTarget"] == str(tmp_path / "folder")
    assert described(reply)["mode"] == 1 << 27 | 0o777
    through = engine.call("HEAD", path_of(container, f"{tmp_path}/link/"))
    assert described(through)["mode"] >> 31 == 1


def test_a_path_begins_at_the_root_with_or_without_a_slash(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    path = str(tmp_path / "file").removeprefix("/")
    assert list(members(engine.call("GET", path_of(container, path)).body)) == ["file"]


def test_what_is_not_there_is_said_in_docker_s_words(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    reply = engine.call("GET", path_of(container, "/no/such"))
    assert reply.status == 404
    assert reply.message == f"Could not find the file /no/such in container {container}"
    assert engine.call("HEAD", path_of(container, "/no/such")).status == 404
    assert put(engine, container, "/no/such", b"").status == 404
    for method in ("GET", "HEAD", "PUT"):
        assert engine.call(method, f"/containers/{container}/archive").status == 400
        assert engine.call(method, path_of("nosuch", tmp_path)).status == 404
    (tmp_path / "file").touch()
    assert engine.call("GET", path_of(container, f"{tmp_path}/file/")).status == 500


# -- in --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_an_archive_is_unpacked(engine: Engine, container: str, tmp_path: Path, mode: str) -> None:
    body = archive_of(("folder", None), ("folder/file", b"text"), ("link", "x"), mode=mode)
    assert put(engine, container, tmp_path, body).status == 200
    file = tmp_path / "folder" / "file"
    assert file.read_bytes() == b"text"
    assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_mtime) == (0o640, 1_700_000_000)
    folder = tmp_path / "folder"
    assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_mtime) == (0o750, 1_700_000_000)
    assert (tmp_path / "link").readlink() == Path("x")
    assert engine.events_of(container)[-1]["Action"] == "extract-to-dir"


def test_an_archive_may_have_any_size(engine: Engine, container: str, tmp_path: Path) -> None:
    content = os.urandom(MIB) * 20
    assert put(engine, container, tmp_path, archive_of(("big", content))).status == 200
    assert (tmp_path / "big").read_bytes() == content


def test_a_running_container_is_no_different(engine: Engine, tmp_path: Path) -> None:
    container = engine.run("cat", stdin=True)
    assert put(engine, container, tmp_path, archive_of(("a", b"1"))).status == 200
    assert list(members(engine.call("GET", path_of(container, tmp_path / "a")).body)) == ["a"]


def test_a_file_takes_the_place_of_a_file(engine: Engine, container: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a longer text")
    (tmp_path / "other").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("other")
    body = archive_of(("file", b"new"), ("link", b"new"))
    assert put(engine, container, tmp_path, body).status == 200
    assert (tmp_path / "file").read_bytes() == b"new"
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "other").read_bytes() == b"kept"


def test_no_folder_is_ever_replaced(engine: Engine, container: str, tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    (tmp_path / "name" / "kept").touch()
    for flags in ({}, {"noOverwriteDirNonDir": 1}):
        reply = put(engine, container, tmp_path, archive_of(("name", b"x")), **flags)
        assert reply.status == 500
        assert "cannot overwrite directory" in reply.message
    assert (tmp_path / "name" / "kept").exists()


def test_a_folder_takes_the_place_of_a_file_unless_that_is_forbidden(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    (tmp_path / "name").write_bytes(b"x")
    body = archive_of(("name", None))
    reply = put(engine, container, tmp_path, body, noOverwriteDirNonDir=1)
    assert (reply.status, "cannot overwrite non-directory" in reply.message) == (500, True)
    assert put(engine, container, tmp_path, body).status == 200
    assert (tmp_path / "name").is_dir()


@pytest.mark.parametrize(
    "entries",
    [
        [("../out", b"x")],
        [("in/../../out", b"x")],
        [("link", ".."), ("link/out", b"x")],
    ],
    ids=["up", "down and up", "by a link"],
)
def test_nothing_is_written_outside_of_the_folder(
    engine: Engine, container: str, tmp_path: Path, entries: list[tuple[str, bytes | str]]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    reply = put(engine, container, folder, archive_of(*entries))
    assert (reply.status, "is outside of" in reply.message) == (500, True)
    assert not (tmp_path / "out").exists()


def test_the_folder_itself_stays_as_it_is(engine: Engine, container: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(0o711)
    (tmp_path / "link").symlink_to("folder")
    body = archive_of((".", None), ("./file", b"x"))
    assert put(engine, container, tmp_path / "link", body).status == 200
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711
    assert (folder / "file").read_bytes() == b"x"


def test_what_cannot_be_unpacked_is_an_error(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert put(engine, container, tmp_path, b"").status == 200
    assert put(engine, container, tmp_path, b"garbage that is no archive").status == 500
    cut = archive_of(("big", bytes(100_000)))[:50_000]
    assert put(engine, container, tmp_path, cut).status == 500
    reply = put(engine, container, tmp_path / "file", archive_of(("a", b"")))
    assert (reply.status, reply.message) == (500, "extraction point is not a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_this_user_may_not_do_is_forbidden(
    engine: Engine, container: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch(0o000)
    assert engine.call("GET", path_of(container, tmp_path / "file")).status == 403
    tmp_path.chmod(0o500)
    assert put(engine, container, tmp_path, archive_of(("a", b""))).status == 403
    tmp_path.chmod(0o700)
