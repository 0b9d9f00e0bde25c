"""The docker command line against the engine."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engine.driver import TIMEOUT, Engine

# docker-py leaves the sockets of its attachments to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

command_line = pytest.mark.skipif(
    shutil.which("docker") is None, reason="the docker command line is not installed"
)


class CommandLine:
    """The docker command, with this engine and a configuration of its own."""

    def __init__(self, path: str, config: Path) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")},
            "DOCKER_HOST": f"unix://{path}",
            "DOCKER_CONFIG": str(config),
        }

    def __call__(self, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        done = subprocess.run(
            ["docker", *arguments], env=self.environment, input=stdin or "",
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The command while it runs, without an input."""
        with subprocess.Popen(
            ["docker", *arguments], env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def on_terminal(self, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            ["docker", *arguments], env=self.environment,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        return process, master


@pytest.fixture
def docker(engine: Engine, client: Any, tmp_path: Path) -> CommandLine:
    return CommandLine(engine.path, tmp_path)


def read_until(fd: int, wanted: bytes) -> bytes:
    data = b""
    while wanted not in data:
        assert select.select([fd], [], [], TIMEOUT)[0], data
        data += os.read(fd, 1000)
    return data


@command_line
def test_docker_run(docker: CommandLine) -> None:
    script = "echo out; echo err >&2; exit 3"
    assert docker("run", "--rm", "host", "sh", "-c", script) == (3, "out\n", "err\n")
    assert docker("run", "--rm", "-i", "host", "cat", stdin="typed") == (0, "typed", "")
    assert docker("run", "-i", "host", "cat", stdin="typed") == (0, "typed", "")
    assert docker("run", "--rm", "-e", "A=b", "-w", "/", "host", "sh", "-c", "echo $A; pwd") == (
        0, "b\n/\n", "",
    )  # fmt: skip
    assert docker("run", "--rm", "-t", "host", "sh", "-c", "tty")[1].startswith("/dev/pts/")


@command_line
def test_docker_run_of_what_does_not_exist(docker: CommandLine) -> None:
    code, _, error = docker("run", "--rm", "host", "nosuchcommand")
    assert code == 127
    assert "executable file not found in $PATH" in error
    code, _, error = docker("run", "--rm", "busybox", "true")
    assert code == 125
    assert 'its only image is "host"' in error


@command_line
def test_docker_life(docker: CommandLine) -> None:
    code, created, _ = docker("create", "--name", "cli", "-i", "host", "cat")
    assert (code, len(created)) == (0, 65)
    assert docker("start", "cli") == (0, "cli\n", "")
    assert (
        docker("ps", "--format", "{{.Names}} {{.State}} {{.Command}}")[1] == 'cli running "cat"\n'
    )
    assert (
        docker("inspect", "-f", "{{.State.Running}} {{.Config.Image}}", "cli")[1] == "true host\n"
    )
    assert docker("exec", "cli", "sh", "-c", "echo in; exit 4") == (4, "in\n", "")
    assert docker("exec", "-i", "cli", "cat", stdin="piped") == (0, "piped", "")
    assert docker("top", "cli")[0] == 0
    assert docker("pause", "cli")[0] == docker("unpause", "cli")[0] == 0
    assert docker("rename", "cli", "cli2")[0] == 0
    assert docker("restart", "-t", "1", "cli2")[0] == 0
    assert docker("kill", "-s", "TERM", "cli2") == (0, "cli2\n", "")
    assert docker("wait", "cli2") == (0, "143\n", "")
    assert docker("stop", "cli2")[0] == 0
    assert docker("ps", "-a", "--format", "{{.Status}}")[1].startswith("Exited (143)")
    assert docker("rm", "cli2") == (0, "cli2\n", "")
    assert docker("ps", "-aq")[1] == ""


@command_line
def test_docker_start_and_attach(docker: CommandLine, engine: Engine, tmp_path: Path) -> None:
    docker("create", "--name", "once", "-i", "host", "sh", "-c", "cat; exit 5")
    assert docker("start", "-ai", "once", stdin="first") == (5, "first", "")
    assert docker("start", "-ai", "once", stdin="second") == (5, "second", "")
    assert docker("logs", "once") == (0, "firstsecond", "")
    assert docker("attach", "once")[0] == 1
    # The command looks at the container's state once more after it has attached, so the container
    # may end only when the command shows its output.
    go = tmp_path / "go"
    script = f"until test -e {go}; do echo early; sleep 0.05; done; echo late; exit 6"
    docker("run", "-d", "--name", "ends", "host", "sh", "-c", script)
    with docker.started("attach", "ends") as attached:
        assert attached.stdout is not None
        assert attached.stdout.readline() == "early\n"
        go.touch()
        assert attached.stdout.read().endswith("late\n")
        assert attached.wait(TIMEOUT) == 6


@command_line
def test_docker_logs(docker: CommandLine, engine: Engine, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    script = f"echo one; echo two >&2; read x < {go}; echo three"
    docker("run", "-d", "--name", "talk", "host", "sh", "-c", script)
    engine.wait_for_log("talk", b"one\n", b"two\n")
    assert docker("logs", "talk") == (0, "one\n", "two\n")
    go.write_text("\n")
    assert docker("wait", "talk") == (0, "0\n", "")
    assert docker("logs", "talk") == (0, "one\nthree\n", "two\n")
    assert docker("logs", "--tail", "1", "talk")[1] == "three\n"
    assert docker("logs", "-f", "-t", "talk")[1].count("Z ") == 2
    assert docker("logs", "--since", "1h", "talk")[1] == "one\nthree\n"
    assert docker("logs", "--until", "1h", "talk")[1] == ""


@command_line
def test_docker_run_on_a_terminal_with_its_size(docker: CommandLine) -> None:
    process, master = docker.on_terminal(
        "run", "-it", "--rm", "host", "sh", "-c", "read x; echo =$x="
    )
    try:
        os.write(master, b"typed\r")
        read_until(master, b"=typed=")
        assert process.wait(TIMEOUT) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)


@command_line
def test_docker_attach_on_a_terminal_leaves_with_the_detach_keys(docker: CommandLine) -> None:
    docker("run", "-dit", "--name", "shell", "host", "sh", "-c", "PS1='prompt> ' exec sh -i")
    process, master = docker.on_terminal("attach", "shell")
    try:
        os.write(master, b"echo $((20+3))\r")
        read_until(master, b"23\r\n")
        os.write(master, b"\x10\x11")
        read_until(master, b"read escape sequence")
        process.wait(TIMEOUT)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert docker("inspect", "-f", "{{.State.Status}}", "shell")[1] == "running\n"


@command_line
def test_docker_events_version_and_info(docker: CommandLine) -> None:
    # The command does not say when it listens; what came before that counts from this time on.
    now = "{}.{:09}".format(*divmod(time.time_ns(), 1_000_000_000))
    listening = subprocess.Popen(
        ["docker", "events", "--since", now, "--format", "{{json .}}"],
        env=docker.environment,
        stdout=subprocess.PIPE,
    )
    assert listening.stdout is not None
    try:
        with listening.stdout as lines:
            for _ in range(2):  # after the events of the first one it listens
                docker("run", "--rm", "host", "true")
                actions = [json.loads(lines.readline())["Action"]]
                while actions[-1] != "destroy":
                    actions.append(json.loads(lines.readline())["Action"])
                assert actions[0] == "create"
                assert "die" in actions
    finally:
        listening.kill()
        listening.wait()
    assert "hyper_jupyter" in docker("version")[1]
    assert "not a sandbox" in docker("info")[1] + docker("info")[2]
    assert docker("images", "--format", "{{.Repository}}")[1] == "host\n"


@command_line
def test_docker_cp_both_ways(docker: CommandLine, tmp_path: Path) -> None:
    docker("create", "--name", "files", "host", "true")
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "file").write_text("content")
    assert docker("cp", str(source), f"files:{tmp_path}/copy")[0] == 0
    assert (tmp_path / "copy" / "sub" / "file").read_text() == "content"
    assert docker("cp", f"files:{tmp_path}/copy/sub/file", f"{tmp_path}/file")[0] == 0
    assert (tmp_path / "file").read_text() == "content"
    assert docker("cp", f"files:{tmp_path}/copy/.", f"{tmp_path}/again")[0] == 0
    assert (tmp_path / "again" / "sub" / "file").read_text() == "content"
    code, _, error = docker("cp", "files:/no/such", str(tmp_path))
    assert (code, "Could not find the file /no/such" in error) == (1, True)


@command_line
def test_docker_stats_top_update_and_ports(docker: CommandLine) -> None:
    docker("run", "-d", "--name", "busy", "host", "sleep", "1000")
    code, out, _ = docker("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "busy")
    assert (code, out) == (0, "busy 1\n")
    assert "sleep 1000" in docker("top", "busy")[1]
    assert docker("update", "--restart", "on-failure:3", "busy")[0] == 0
    shown = docker("inspect", "-f", "{{json .HostConfig.RestartPolicy}}", "busy")[1]
    assert json.loads(shown) == {"Name": "on-failure", "MaximumRetryCount": 3}
    code, _, error = docker("update", "-m", "1g", "busy")
    assert (code, "the embedded engine has no update of Memory" in error) == (1, True)
    assert docker("port", "busy") == (0, "", "")


@command_line
def test_docker_run_with_a_restart_policy_and_a_health_check(
    docker: CommandLine, engine: Engine
) -> None:
    _, container, _ = docker(
        "run", "-d", "--restart", "always", "--health-cmd", "true", "--health-interval", "10ms",
        "host", "sleep", "1000",
    )  # fmt: skip
    engine.wait_for_event(container.strip(), "health_status: healthy")
    assert docker("ps", "--format", "{{.Status}}")[1].endswith("(healthy)\n")
    assert docker("ps", "-q", "--filter", "health=unhealthy")[1] == ""


@command_line
def test_docker_run_with_what_cannot_be_done(docker: CommandLine) -> None:
    code, _, error = docker("run", "--rm", "-m", "1g", "--cap-add", "ALL", "host", "true")
    assert code == 0
    assert [line.split()[1] for line in error.splitlines()] == ["Memory", "CapAdd"]
    for flags in (["--network", "none"], ["--read-only"], ["-v", "/a:/b"], ["--tmpfs", "/x"]):
        code, _, error = docker("run", "--rm", *flags, "host", "true")
        assert (code, "its containers are processes" in error) == (125, True), flags
    assert docker("run", "--rm", "-v", "/tmp:/tmp", "--init", "host", "true") == (0, "", "")


@command_line
def test_docker_s_lists_of_other_things(docker: CommandLine) -> None:
    docker("create", "host", "true")
    assert docker("network", "ls", "--format", "{{.Name}}")[1] == "host\nnone\n"
    assert docker("volume", "ls", "-q") == (0, "", "")
    assert docker("system", "df")[0] == 0
    code, out, _ = docker("system", "prune", "-f")
    assert (code, "Deleted Containers:" in out) == (0, True)
    assert docker("pull", "host")[0] == 0
    for verb in (["volume", "create"], ["network", "create", "x"], ["tag", "host", "x"]):
        code, _, error = docker(*verb)
        assert (code, "the embedded engine has no" in error) == (1, True), verb
