"""A recording becomes a file: which format, and when the file is there."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Event, Header, Output, Recording
from hyper_jupyter.recording.saving import check_target, format_of, save
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.recording.making import recording

FOUND = recording(
    Output(0.0, "stdout", b"out\n"),
    Output(0.5, "stderr", b"err \xff\n"),
    Output(1.0, "stdout", b"$ "),
)


def broken() -> Recording:
    def events() -> Iterator[Event]:
        yield Output(0.0, "stdout", b"x" * 10**6)
        raise OSError(28, "No space left on device")

    return Recording(Header(tty=False), events)


def fault(target: Any, found: Recording = FOUND, **options: Any) -> HyperJupyterError:
    with pytest.raises(HyperJupyterError) as caught:
        save(found, target, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_end_of_the_name_chooses_the_format(tmp_path: Path) -> None:
    for name, begin in [
        ("demo.cast", b'{"version": 3'),
        ("demo.log", b"out\nerr \xff\n$ "),
        ("demo.txt", b"a recording\nout\n[stderr] err"),
        ("demo.jsonl", b'{"time": 0.0, "stream": "stdout", "text": "out"'),
        ("DEMO.LOG", b"out\n"),
    ]:
        save(FOUND, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begin)
    assert format_of("a.htm") == format_of("a.html") == "html"


def test_an_unknown_end_is_answered_with_those_that_are_known(tmp_path: Path) -> None:
    assert str(fault(tmp_path / "demo.mp4")) == (
        ".mp4 is not known: .cast, .html, .jsonl, .log, .txt are"
    )
    assert "demo has no known ending" in str(fault(str(tmp_path / "demo")))
    assert "'gif' is not a format" in str(fault(tmp_path / "a.cast", format="gif"))
    assert list(tmp_path.iterdir()) == []


def test_a_format_can_be_named(tmp_path: Path) -> None:
    save(FOUND, tmp_path / "demo", format="log")
    assert (tmp_path / "demo").read_bytes() == b"out\nerr \xff\n$ "


@pytest.mark.parametrize("version", [3, 2])
def test_a_cast_has_the_version_that_was_asked_for(tmp_path: Path, version: int) -> None:
    save(FOUND, tmp_path / "demo.cast", version=version)
    assert f'"version": {version}' in (tmp_path / "demo.cast").read_text("utf-8")
    assert list(load(tmp_path / "demo.cast").events()) == list(FOUND.events())


def test_one_stream_can_be_chosen_where_a_format_has_one(tmp_path: Path) -> None:
    save(FOUND, tmp_path / "demo.log", stream="stderr")
    assert (tmp_path / "demo.log").read_bytes() == b"err \xff\n"
    save(FOUND, tmp_path / "demo.txt", stream="stderr")
    assert (tmp_path / "demo.txt").read_text("utf-8") == "a recording\nerr \ufffd\n"
    save(FOUND, tmp_path / "demo.jsonl", stream="stderr")
    assert (tmp_path / "demo.jsonl").read_text("utf-8").count("\n") == 1
    assert "both streams" in str(fault(tmp_path / "demo.cast", stream="stderr"))
    assert "'stdin' is not a stream" in str(fault(tmp_path / "demo.log", stream="stdin"))
    assert "version 1 cannot be written" in str(fault(tmp_path / "demo.cast", version=1))


def test_an_older_file_is_replaced_unless_it_must_not_be(tmp_path: Path) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(b"older")
    assert "is there already" in str(fault(path, overwrite=False))
    assert path.read_bytes() == b"older"
    save(FOUND, path)
    assert path.read_bytes().startswith(b"out\n")
    save(FOUND, tmp_path / "new.log", overwrite=False)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["demo.log", "new.log"]


def test_a_file_that_appears_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    path = tmp_path / "demo.log"

    def events() -> Iterator[Event]:
        path.write_bytes(b"another's")
        yield Output(0.0, "stdout", b"ours")

    made = Recording(Header(), events)
    assert "is there already" in str(fault(path, made, overwrite=False))
    assert path.read_bytes() == b"another's"
    assert [each.name for each in tmp_path.iterdir()] == ["demo.log"]


def test_a_file_that_cannot_be_written_leaves_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(b"older")
    assert str(fault(path, broken())) == f"{path} cannot be written: No space left on device"
    assert path.read_bytes() == b"older"
    assert [each.name for each in tmp_path.iterdir()] == ["demo.log"]


def test_an_interrupt_leaves_no_file(tmp_path: Path) -> None:
    def events() -> Iterator[Event]:
        yield Output(0.0, "stdout", b"x" * 10**6)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(Recording(Header(), events), tmp_path / "demo.log")
    assert list(tmp_path.iterdir()) == []


def test_folders_are_answered_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "demo.cast"
    folder.mkdir()
    assert str(fault(folder)) == f"{folder} is a folder"
    assert str(fault(tmp_path / "none" / "a.cast")) == f"there is no folder {tmp_path / 'none'}"
    for target in (folder, tmp_path / "none" / "a.cast", tmp_path / "a.xyz"):
        with pytest.raises(HyperJupyterError) as caught:
            check_target(target)
        assert "format=" not in caught.value.hint
    check_target(tmp_path / "a.cast")


def test_a_path_may_begin_in_the_home_folder_and_stays_where_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    save(FOUND, "~/demo.cast")
    save(FOUND, "~nobody-of-that-name.cast")
    named = {"demo.cast", "~nobody-of-that-name.cast"}
    assert {each.name for each in tmp_path.iterdir()} == named
    target, recordings = check_target("later.cast"), [load(name) for name in named]
    monkeypatch.chdir("/")
    assert target == tmp_path / "later.cast"
    for each in (*recordings, load("~/demo.cast")):
        assert list(each.events())


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link.log").symlink_to(tmp_path / "real.log")
    save(FOUND, tmp_path / "link.log")
    assert (tmp_path / "link.log").is_symlink()
    assert (tmp_path / "real.log").read_bytes().startswith(b"out\n")


def test_a_new_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    save(FOUND, tmp_path / "demo.log")
    (tmp_path / "other").touch()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("demo.log", "other")]
    assert modes[0] == modes[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "demo.log"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    save(FOUND, path)
    reader.join()
    assert read == [b"out\nerr \xff\n$ "]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_an_open_file_stays_open(tmp_path: Path) -> None:
    binary, text = io.BytesIO(), io.StringIO()
    save(FOUND, binary, format="log")
    save(FOUND, text, format=".log")
    assert binary.getvalue() == b"out\nerr \xff\n$ "
    assert text.getvalue() == "out\nerr \ufffd\n$ "
    with (tmp_path / "demo.cast").open("wb") as file:
        save(FOUND, file)
        file.write(b"# more\n")
    assert list(load(tmp_path / "demo.cast").events()) == list(FOUND.events())
    assert "the file has no known ending" in str(fault(io.BytesIO()))


def test_secrets_are_replaced_in_every_format(tmp_path: Path) -> None:
    secret = "hunter2-not-real"
    made = recording(
        *(Output(0.0, "stdout", bytes([byte])) for byte in f"key {secret}\n".encode()),
        title=f"web {secret}",
    )
    for suffix in ("cast", "log", "txt", "jsonl"):
        path = tmp_path / f"demo.{suffix}"
        save(made, path, policy=SavedOutput(redact=[secret]))
        data = path.read_bytes()
        assert b"hunter2" not in data
        assert b"[redacted]" in data


def test_nothing_is_saved_if_a_rule_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    policy = SavedOutput(redact=[lambda text: text[10**9]])
    error = fault(tmp_path / "demo.cast", policy=policy)
    assert str(error) == "nothing is saved because redact failed with IndexError"
    assert list(tmp_path.iterdir()) == []
    assert "redact failed" in caplog.text
