"""docker-py against the engine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.driver import Engine

docker_py = pytest.importorskip("docker")

# docker-py leaves the sockets of its attachments to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_docker_py_runs_and_gets_output_and_error(client: Any) -> None:
    assert client.containers.run("host", ["echo", "hello"], remove=True) == b"hello\n"
    with pytest.raises(docker_py.errors.ContainerError) as failed:
        client.containers.run("host", ["sh", "-c", "echo bad >&2; exit 3"], remove=True)
    assert (failed.value.exit_status, failed.value.stderr) == (3, b"bad\n")


def test_docker_py_knows_the_image(client: Any) -> None:
    container = client.containers.create("host", "true")
    assert container.image.tags == ["host:latest"]
    with pytest.raises(docker_py.errors.NotFound):
        client.images.get("busybox")


def test_docker_py_s_life_of_a_container(client: Any) -> None:
    container = client.containers.run("host", ["cat"], stdin_open=True, detach=True, name="py")
    assert [each.name for each in client.containers.list()] == ["py"]
    assert container.exec_run(["sh", "-c", "echo in; exit 2"]) == (2, b"in\n")
    assert container.exec_run(["sh", "-c", "echo o; echo e >&2"], demux=True).output == (
        b"o\n", b"e\n",
    )  # fmt: skip
    container.pause()
    container.reload()
    assert container.status == "paused"
    container.unpause()
    container.rename("py2")
    container.resize(10, 20)
    assert container.top()["Processes"]
    container.kill("TERM")
    assert container.wait()["StatusCode"] == 143
    container.start()
    container.restart(timeout=1)
    container.stop(timeout=1)
    container.remove()
    assert client.containers.list(all=True) == []


def test_docker_py_s_attach_and_logs(client: Any) -> None:
    container = client.containers.create("host", ["sh", "-c", "echo one; echo two >&2"])
    attached = container.attach(stream=True, demux=True)
    container.start()
    assert list(attached) in (
        [(b"one\n", None), (None, b"two\n")],
        [(None, b"two\n"), (b"one\n", None)],
    )
    assert container.logs(stderr=False) == b"one\n"
    assert sorted(container.logs(stream=True, follow=True)) == [b"one\n", b"two\n"]
    assert container.logs(tail=1, stdout=False) == b"two\n"


def test_docker_py_gets_the_head_apart_from_what_it_would_lose(client: Any) -> None:
    container = client.containers.run("host", ["echo", "out"], detach=True)
    container.wait()
    # What comes together with the head is lost in its read-ahead, also with Docker. The engine
    # leaves a pause, which a busy machine may swallow: most of these is what can be asked for.
    seen = [container.attach(logs=True, stream=False) for _ in range(20)]
    assert seen.count(b"out\n") >= 10
    container = client.containers.run("host", ["cat"], stdin_open=True, detach=True)
    seen = [container.exec_run(["echo", "in"]).output for _ in range(20)]
    assert seen.count(b"in\n") >= 10


def test_docker_py_s_attach_socket(client: Any) -> None:
    container = client.api.create_container("host", ["cat"], stdin_open=True, tty=True)
    client.api.start(container)
    socket = client.api.attach_socket(
        container, params={"stdin": 1, "stdout": 1, "stream": 1, "logs": 1}
    )
    socket._sock.sendall(b"typed\n")
    data = b""
    while data.count(b"typed") < 2:
        data += socket._sock.recv(1000)
    assert data == b"typed\r\ntyped\r\n"
    socket.close()
    client.api.remove_container(container, force=True)


def test_docker_py_s_events(client: Any) -> None:
    container = client.containers.run("host", ["true"], detach=True)
    container.wait()
    now = time.time()
    seen = client.events(since=int(now) - 5, until=int(now) + 1, decode=True)
    assert [e["Action"] for e in seen if e["id"] == container.id] == ["create", "start", "die"]


def test_docker_py_s_archives(client: Any, tmp_path: Path) -> None:
    container = client.containers.create("host", "true")
    (tmp_path / "file").write_bytes(b"content")
    pieces, described = container.get_archive(str(tmp_path / "file"))
    assert (described["name"], described["size"]) == ("file", 7)
    (tmp_path / "in").mkdir()
    assert container.put_archive(str(tmp_path / "in"), b"".join(pieces))
    assert (tmp_path / "in" / "file").read_bytes() == b"content"


def test_docker_py_s_stats_update_and_health(client: Any, engine: Engine) -> None:
    container = client.containers.run(
        "docker.io/library/host:latest",
        ["sleep", "1000"],
        detach=True,
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 1},
        healthcheck={"test": ["CMD", "true"], "interval": 10_000_000},
    )
    assert container.stats(stream=False)["pids_stats"]["current"] >= 1
    container.update(restart_policy={"Name": "always"})
    container.reload()
    assert container.attrs["HostConfig"]["RestartPolicy"]["Name"] == "always"
    engine.wait_for_event(container.id, "health_status: healthy")
    container.reload()
    assert container.health == "healthy"
    assert list(container.attrs["NetworkSettings"]["Networks"]) == ["host"]
    assert client.networks.get("host").attrs["Containers"]
    assert client.df()["Volumes"] == []
    container.remove(force=True)
    assert client.containers.prune() == {"ContainersDeleted": None, "SpaceReclaimed": 0}
