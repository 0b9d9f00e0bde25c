"""The ways to give the engine its key pair."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from tests.engine.behaviour.signatures.signed_engine import PAIR, SignedEngine
from tests.engine.driver import TIMEOUT, Engine, start_engine


def test_without_the_option_nothing_has_to_be_signed(engine: Engine) -> None:
    assert engine.call("GET", "/_ping").status == 200


def run_engine(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "hyper_jupyter.engine",
            "--socket",
            str(folder / "s"),
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
    )


@pytest.mark.parametrize("way", ["file", "environment"])
def test_keys_may_come_from_a_file_or_the_environment(way: str) -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as name:
        folder = Path(name)
        (folder / "keys").write_text(f"{PAIR}\nwhat follows does not count\n")
        if way == "file":
            process = run_engine(folder, "--require-signature", f"@{folder}/keys")
        else:
            process = run_engine(
                folder, "--require-signature", HYPER_ACCESS="AKFAKE", HYPER_SECRET="SKFAKE"
            )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            engine = SignedEngine(str(folder / "s"), process)
            status, *_ = engine.request("GET", "/v1.23/version")
            unsigned, *_ = engine.request("GET", "/v1.23/version", without="Authorization")
            process.terminate()
    assert (status, unsigned) == (200, 401)


def test_another_region_is_named_by_an_option() -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as name:
        path = Path(name) / "s"
        started = start_engine(path, "--require-signature", PAIR, "--region", "eu-central-1")
        assert started.process is not None
        engine = SignedEngine(started.path, started.process)
        there, *_ = engine.request("GET", "/v1.23/version", region="eu-central-1")
        here, *_ = engine.request("GET", "/v1.23/version")
        engine.stop()
    assert (there, here) == (200, 401)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("SECRETWORD", "no ACCESS:SECRET in --require-signature"),
        ("AKFAKE:", "no ACCESS:SECRET in --require-signature"),
        (":SECRETWORD", "no ACCESS:SECRET in --require-signature"),
        ("@/nowhere/keys", "/nowhere/keys: No such file or directory"),
        ("@/bin/sh", "/bin/sh is not text"),
        ("@/dev/null", "no ACCESS:SECRET in /dev/null"),
        ("", "no ACCESS:SECRET in HYPER_ACCESS and HYPER_SECRET"),
    ],
)
def test_without_keys_it_does_not_start_and_the_message_does_not_contain_them(
    given: str, said: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        with run_engine(
            Path(folder), "--require-signature", given, HYPER_ACCESS="", HYPER_SECRET=""
        ) as process:
            output, errors = process.communicate(timeout=TIMEOUT)
        assert (process.returncode, output) == (2, b"")
        assert errors.decode() == f"hyper engine: {said}\n"


def test_a_container_does_not_get_the_engine_s_keys() -> None:
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = Path(folder)
        with run_engine(
            path, "--require-signature", HYPER_ACCESS="AKFAKE", HYPER_SECRET="SKFAKE"
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            engine = SignedEngine(str(path / "s"), process)
            container = engine.run("env")
            assert engine.wait(container) == 0
            text = engine.logs(container)
            process.terminate()
    assert b"PATH=" in text
    assert b"FAKE" not in text


def test_an_archive_of_any_size_is_the_one_that_was_signed(
    guarded: SignedEngine, tmp_path: Path
) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("big")
        member.size = 3 << 20
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    body = made.getvalue()
    container = guarded.call("POST", "/containers/create", {"Image": "host", "Cmd": ["true"]})
    target = f"/v1.23/containers/{container.json['Id']}/archive?path={tmp_path}"
    other = body[:-1] + b"x"
    status, _, text = guarded.request("PUT", target, body, sent_body=other)
    assert (status, "the body is not the one that was signed" in text) == (401, True)
    assert not (tmp_path / "big").exists()
    assert guarded.request("PUT", target, body)[0] == 200
    assert (tmp_path / "big").stat().st_size == 3 << 20
