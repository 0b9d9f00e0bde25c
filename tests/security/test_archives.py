"""An archive of a stranger stays below the folder that it is unpacked into."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from hyper_jupyter.engine.machine.archive import BadArchive, unpack

stays_inside = pytest.mark.claim(
    "What an archive holds is written below the folder that it is copied to on the embedded "
    "engine, whatever its names and links say, and takes the place of no folder."
)

Entry = tuple[str, bytes, str]
"""A name, a type, and where a link leads."""

FILE, FOLDER = tarfile.REGTYPE, tarfile.DIRTYPE
SOFT, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE

ATTACKS: dict[str, list[Entry]] = {
    "up": [("../out", FILE, "")],
    "down and up": [("a/../../out", FILE, "")],
    "a link up": [("a", SOFT, ".."), ("a/out", FILE, "")],
    "an absolute link": [("a", SOFT, "{outside}"), ("a/out", FILE, "")],
    "a link to a link": [("a", SOFT, ".."), ("b", SOFT, "a"), ("b/out", FILE, "")],
    "a link inside a folder": [("d", FOLDER, ""), ("d/a", SOFT, "../.."), ("d/a/out", FILE, "")],
    "a folder through a link": [("a", SOFT, ".."), ("a/out", FOLDER, "")],
    "a hard link to a file outside": [("a", HARD, "../kept"), ("a", FILE, "")],
    "a hard link through a link": [("a", SOFT, ".."), ("b", HARD, "a/kept")],
    "a link through a link": [("a", SOFT, ".."), ("a/out", SOFT, "x")],
    "a pipe through a link": [("a", SOFT, ".."), ("a/out", tarfile.FIFOTYPE, "")],
}


def archive_of(entries: list[Entry], outside: Path) -> io.BytesIO:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind, link in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link.format(outside=outside)
            member.mode = 0o755
            content = b"spoiled" if kind == FILE else b""
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made


def unpack_all(file: io.BytesIO, folder: Path) -> None:
    for _ in unpack(file, str(folder), keep_owners=False, keep_kinds=False):
        pass


@stays_inside
@pytest.mark.parametrize("name", ATTACKS)
def test_no_name_and_no_link_leads_out(name: str, tmp_path: Path) -> None:
    outside, folder = tmp_path, tmp_path / "folder"
    folder.mkdir()
    (outside / "kept").write_bytes(b"kept")
    with pytest.raises(BadArchive, match="is outside of"):
        unpack_all(archive_of(ATTACKS[name], outside), folder)
    assert sorted(each.name for each in outside.iterdir()) == ["folder", "kept"]
    assert (outside / "kept").read_bytes() == b"kept"


@stays_inside
def test_a_name_that_begins_at_the_root_begins_at_the_folder(tmp_path: Path) -> None:
    unpack_all(archive_of([("/etc/some", FILE, "")], tmp_path), tmp_path)
    assert (tmp_path / "etc" / "some").read_bytes() == b"spoiled"


@stays_inside
def test_a_file_does_not_write_through_the_link_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"kept")
    folder = tmp_path / "folder"
    folder.mkdir()
    unpack_all(archive_of([("a", SOFT, "../kept"), ("a", FILE, "")], tmp_path), folder)
    assert (tmp_path / "kept").read_bytes() == b"kept"
    assert (folder / "a").read_bytes() == b"spoiled"


@stays_inside
@pytest.mark.parametrize("kind", [FILE, SOFT, tarfile.FIFOTYPE])
def test_a_folder_stays(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").touch()
    with pytest.raises(BadArchive, match="cannot overwrite directory"):
        unpack_all(archive_of([("a", kind, "x")], tmp_path), tmp_path)
    assert (tmp_path / "a" / "kept").exists()


@stays_inside
def test_the_mode_of_a_link_is_not_given_to_what_it_leads_to(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch(0o600)
    folder = tmp_path / "folder"
    folder.mkdir()
    unpack_all(archive_of([("a", SOFT, "../kept")], tmp_path), folder)
    assert kept.stat().st_mode & 0o777 == 0o600
