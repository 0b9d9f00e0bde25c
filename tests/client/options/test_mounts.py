"""Volumes and mounts: every documented form of -v and --mount, and what is none."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client.options.mounts import (
    VolumeBind,
    parse_mount,
    parse_volume,
    volume_binds,
)
from hyper_jupyter.exceptions import HyperJupyterError

V = VolumeBind


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("/in", V("", "/in")),
        ("/data:/in", V("/data", "/in")),
        ("/data:/in:ro", V("/data", "/in", "ro")),
        ("/data:/in:rw,z", V("/data", "/in", "rw,z")),
        ("name:/in", V("name", "/in")),
        ("na.me_1:/in:nocopy", V("na.me_1", "/in", "nocopy")),
        ("/data:/in:ro,rslave", V("/data", "/in", "ro,rslave")),
        ("/data:/in:shared,Z,cached", V("/data", "/in", "shared,Z,cached")),
        (r"C:\data:/in", V(r"C:\data", "/in")),
        (r"c:/data:C:\in:ro", V("c:/data", r"C:\in", "ro")),
        ("/with space/x:/in", V("/with space/x", "/in")),
    ],
)
def test_every_form_of_volume(text: str, bind: VolumeBind) -> None:
    assert parse_volume(text) == bind


def test_a_volume_as_the_engine_s_api_has_it() -> None:
    assert str(V("/data", "/in", "ro")) == "/data:/in:ro"
    assert str(V("name", "/in")) == "name:/in"


@pytest.mark.parametrize("text", ["", ":", "/a:", "a:b", "/a:b", "/a:/b:bogus", "/a:/b:ro:x",
                                  "data/x:/in", "name", ":/in"])  # fmt: skip
def test_what_is_no_volume(text: str) -> None:
    with pytest.raises(HyperJupyterError, match="volume: ") as caught:
        parse_volume(text)
    assert caught.value.hint


def test_a_path_of_this_folder_or_of_home_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    here = str(tmp_path.resolve())
    assert parse_volume(".:/in").source == here
    assert parse_volume("./a:/in").source == f"{here}/a"
    assert parse_volume("../a:/in").source == str(Path(here).parent / "a")
    assert parse_volume("~/a:/in").source == "/home/me/a"
    assert parse_mount("type=bind,src=./a,dst=/in")["Source"] == f"{here}/a"
    assert parse_volume(".hidden:/in").source == ".hidden"  # a name


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ({"/data": "/in"}, [V("/data", "/in")]),
        ({"/data": "/in:ro"}, [V("/data", "/in", "ro")]),
        ({"name": {"bind": "/in", "mode": "ro"}}, [V("name", "/in", "ro")]),
        ({"name": {"bind": "/in"}}, [V("name", "/in")]),
        (["/in", "a:/b"], [V("", "/in"), V("a", "/b")]),
        ("a:/b", [V("a", "/b")]),
        ([], []),
    ],
)
def test_volumes_of_python(volumes: Any, expected: list[VolumeBind]) -> None:
    assert volume_binds(volumes) == expected


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("target=/in", {"Type": "volume", "Target": "/in"}),
        ("type=volume,source=name,target=/in,readonly",
         {"Type": "volume", "Source": "name", "Target": "/in", "ReadOnly": True}),
        ("type=bind,src=/data,dst=/in", {"Type": "bind", "Source": "/data", "Target": "/in"}),
        ("type=bind,source=/data,destination=/in,ro=true",
         {"Type": "bind", "Source": "/data", "Target": "/in", "ReadOnly": True}),
        ("type=bind,src=/data,dst=/in,readonly=false",
         {"Type": "bind", "Source": "/data", "Target": "/in", "ReadOnly": False}),
        ("type=bind,src=/d,dst=/i,bind-propagation=rslave,consistency=cached",
         {"Type": "bind", "Source": "/d", "Target": "/i", "Consistency": "cached",
          "BindOptions": {"Propagation": "rslave"}}),
        ("type=bind,src=/d,dst=/i,bind-nonrecursive",
         {"Type": "bind", "Source": "/d", "Target": "/i", "BindOptions": {"NonRecursive": True}}),
        ("type=bind,src=/d,dst=/i,bind-recursive=disabled",
         {"Type": "bind", "Source": "/d", "Target": "/i", "BindOptions": {"NonRecursive": True}}),
        ("type=bind,src=/d,dst=/i,ro,bind-recursive=readonly",
         {"Type": "bind", "Source": "/d", "Target": "/i", "ReadOnly": True,
          "BindOptions": {"ReadOnlyForceRecursive": True}}),
        ("type=bind,src=/d,dst=/i,bind-recursive=writable",
         {"Type": "bind", "Source": "/d", "Target": "/i",
          "BindOptions": {"ReadOnlyNonRecursive": True}}),
        ("src=v,dst=/i,volume-nocopy,volume-label=a=b,volume-label=c,volume-subpath=x/y",
         {"Type": "volume", "Source": "v", "Target": "/i",
          "VolumeOptions": {"NoCopy": True, "Labels": {"a": "b", "c": ""}, "Subpath": "x/y"}}),
        ('src=v,dst=/i,volume-driver=local,volume-opt=type=nfs,"volume-opt=o=addr=1.2.3.4,rw"',
         {"Type": "volume", "Source": "v", "Target": "/i",
          "VolumeOptions": {"DriverConfig": {
              "Name": "local", "Options": {"type": "nfs", "o": "addr=1.2.3.4,rw"}}}}),
        ("type=tmpfs,dst=/run,tmpfs-size=64m,tmpfs-mode=1770",
         {"Type": "tmpfs", "Target": "/run",
          "TmpfsOptions": {"SizeBytes": 64 << 20, "Mode": 0o1770}}),
        ("type=image,src=busybox,dst=/i,image-subpath=bin",
         {"Type": "image", "Source": "busybox", "Target": "/i",
          "ImageOptions": {"Subpath": "bin"}}),
    ],
)  # fmt: skip
def test_every_form_of_mount(text: str, mount: dict[str, Any]) -> None:
    assert parse_mount(text) == mount
    assert parse_mount(mount) == mount


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no target"),
        ("nope", "'nope' without a value"),
        ("type=bind", "no target"),
        ("type=bind,dst=/in", "no source"),
        ("type=nope,dst=/in", "a type that does not exist: nope"),
        ("type=tmpfs,src=/a,dst=/in", "cannot have"),
        ("dst=/in,nope=1", "a field that does not exist: nope"),
        ("dst=/in,source", "'source' without a value"),
        ("dst=/in,ro=maybe", "neither true nor false"),
        ("type=bind,src=/a,dst=/in,tmpfs-size=5m", "an option of type=tmpfs, but it is type=bind"),
        ("type=tmpfs,dst=/in,tmpfs-mode=9", "no mode"),
        ("type=bind,src=/a,dst=/in,bind-recursive=x", "not enabled, disabled"),
        ('"dst=/in', "is not a mount"),
    ],
)
def test_what_is_no_mount(text: str, words: str) -> None:
    with pytest.raises(HyperJupyterError, match=words) as caught:
        parse_mount(text)
    assert str(caught.value).startswith("mount: ")
    assert caught.value.hint


@given(st.text(alphabet='abroC:/\\.,="~ \n', max_size=24))
def test_any_text_is_read_or_is_our_own_error(text: str) -> None:
    for parse in (parse_volume, parse_mount):
        with contextlib.suppress(HyperJupyterError):
            parse(text)
