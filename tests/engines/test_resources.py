"""What else an engine has: what containers use, files, images, volumes, networks, events."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import hyper_jupyter as hj
from hyper_jupyter.api import Client
from hyper_jupyter.client.records import Change, Progress
from hyper_jupyter.exceptions import ApiError, Conflict, HyperJupyterError, NotFound
from tests.engines.conftest import ENGINES
from tests.engines.scenarios import PATIENCE, Make, read_log, wait_until_ended
from tests.real_engines import real_engines

BUSY = "while :; do echo x > /tmp/f; sleep 0.05; done"
NAME = f"hyper-jupyter-{os.getpid()}"  # tests of other processes use the same engine


@pytest.fixture(scope="module", params=ENGINES[1:])
def client(request: pytest.FixtureRequest) -> Client:
    """Real engines alone: the embedded one has no images, volumes or networks."""
    return hj.connect(**request.param, timeout=20)


def read_lines(client: Client, c: str, count: int) -> None:
    """Read the log until it has so many lines."""
    deadline = time.monotonic() + PATIENCE
    while (log := read_log(client, c)).count(b"\n") < count:
        assert time.monotonic() < deadline, (log, client.inspect(c)["State"])


@pytest.mark.core
@pytest.mark.depends_on("stats_are_streamed")
def test_what_a_container_uses_and_changes(client: Client, container: Make) -> None:
    made = container(BUSY, name=NAME, labels={"app": NAME})
    other = container("sleep 60", start=False)
    reading = client.stats(made)
    assert (reading.name, reading.cpu_percent is not None) == (NAME, True)
    assert reading.time == pytest.approx(time.time(), abs=60)
    with client.watch_stats(made) as readings:
        assert next(readings).cpu_percent is None
        again = next(readings)
        assert again.cpu_percent is not None
        assert 0 <= again.cpu_percent < 100 * 64
        threading.Thread(target=client.kill, args=(made,)).start()
        assert len(list(readings)) < 30  # they end with the container
    for look in (client.stats, client.top, client.watch_stats):
        with pytest.raises(Conflict):
            look(other)
    assert Change("/tmp/f", "added") in client.diff(made)
    (found,) = client.containers(filters={"label": f"app={NAME}"}, size=True)
    assert (found.name, found.labels["app"], found.networks in (("none",), ())) == (
        NAME, NAME, True,
    )  # fmt: skip
    assert found.size is not None
    assert len(client.containers(latest=True)) == 1
    assert other in {each.id for each in client.containers(limit=1000)}


@pytest.mark.core
def test_a_container_is_renamed_and_restarted(client: Client, container: Make) -> None:
    made = container("date +%N; sleep 60", name=NAME)
    read_lines(client, made, 1)  # killed before, it has printed nothing
    other = container("sleep 60", start=False)
    with pytest.raises(Conflict):
        client.rename(other, NAME)
    client.rename(other, f"{NAME}-2")
    assert client.inspect(f"{NAME}-2")["Id"] == other
    client.restart(made, grace=0)
    read_lines(client, made, 2)
    try:
        client.update(made, restart="on-failure:3")
    except NotFound as error:  # Podman 4
        assert "does not have this call" in error.hint  # noqa: PT017 - most engines have it
    else:
        policy = client.inspect(made)["HostConfig"]["RestartPolicy"]
        assert (policy["Name"], policy["MaximumRetryCount"]) == ("on-failure", 3)


def test_options_reach_the_program(client: Client, container: Make) -> None:
    made = container(
        "hostname; id -u; cat /etc/hosts /proc/self/limits; ls -d /in; touch /x || echo read-only",
        hostname="here",
        user="1000",
        add_host={"db": "10.0.0.5"},
        ulimits={"core": "0:0"},
        tmpfs="/in:size=1m",
        read_only=True,
        expose=[80],
        stop_timeout="3s",
        healthcheck={"test": "true", "interval": "30s"},
        log_options={"max-size": "1m"},
        restart="no",
    )
    wait_until_ended(client, made)
    log = read_log(client, made).decode()
    assert log.startswith("here\n1000\n")
    assert all(part in log for part in ("db", "10.0.0.5", "/in\n", "read-only")), log
    config = client.inspect(made)["Config"]
    assert config["Healthcheck"]["Test"] == ["CMD-SHELL", "true"]
    assert "80/tcp" in config["ExposedPorts"]


@pytest.mark.depends_on("event_actions", "past_end_loses_events")
def test_events_have_docker_s_words_live_and_later(client: Client) -> None:
    network = "none"
    began = time.time()
    with client.events(filters={"type": "container"}) as events:
        made = client.create("default", ["true"], network=network)
        client.start(made)
        client.wait(made, PATIENCE)
        wait_until_ended(client, made)
        client.remove(made)
        seen = []
        for event in events:
            seen.append(event)
            if event.id == made and event.action == "destroy":
                break
    ended = time.time()
    own = [event.action for event in seen if event.id == made]
    assert [each for each in own if each in ("create", "start", "die", "destroy")] == own or {
        "create", "start", "die", "destroy",
    } <= set(own)  # fmt: skip
    later = client.events(since=began, until=ended, filters={"event": "destroy"})
    assert made in {event.id for event in later}


@pytest.mark.core
def test_files_go_in_and_come_out(client: Client, container: Make, tmp_path: Path) -> None:
    made = container("mkdir -p /t/dir; echo one > /t/dir/one; ln -s one /t/dir/l; sleep 60")
    deadline = time.monotonic() + PATIENCE
    while not any(each.path == "/t/dir/l" for each in client.diff(made)):
        assert time.monotonic() < deadline
    assert client.cp_from(made, "/t/dir/one") == b"one\n"
    assert client.cp_from(made, "/t/dir/l") == b"one\n"  # what the link leads to
    done: list[int] = []
    copied = client.cp_from(made, "/t/dir", tmp_path / "new", on_progress=done.append)
    assert (copied.files, copied.skipped, bool(done)) == (2, (), True)
    assert (tmp_path / "new/one").read_text() == "one\n"
    client.cp_from(made, "/t/dir/.", tmp_path)
    assert (tmp_path / "l").readlink() == Path("one")
    data = bytes(range(256)) * 8192  # 2 MiB
    (tmp_path / "new/big").write_bytes(data)
    assert client.cp_to(made, tmp_path / "new", "/t/dir") == "/t/dir/new"
    assert client.cp_to(made, str(tmp_path / "new/."), "/t/other") == "/t/other"
    assert client.cp_to(made, b"text", "/t/text") == "/t/text"
    for path in ("/t/dir/new/big", "/t/other/big"):
        assert client.cp_from(made, path) == data
    assert client.cp_from(made, "t/text") == b"text"
    assert client.cp_to(made, b"named", "/t/\u00fc~?>") == "/t/\u00fc~?>"
    client.cp_from(made, "/t/\u00fc~?>", tmp_path / "named")
    assert (tmp_path / "named").read_bytes() == b"named"
    for ask in (
        lambda: client.cp_from(made, "/t/nope"),
        lambda: client.cp_from(made, "/t/dir"),
        lambda: client.cp_to(made, tmp_path, "/t/text"),
        lambda: client.cp_to(made, b"x", "/t/dir"),
        lambda: client.cp_to(made, tmp_path / "one", "/t/nope/"),
    ):
        with pytest.raises(HyperJupyterError):
            ask()


@pytest.mark.depends_on("prune_spares_names")
def test_volumes_and_networks(client: Client, container: Make) -> None:
    volume = client.create_volume(f"{NAME}-v", labels={"a": "b"})
    try:
        assert volume in client.volumes(filters={"name": NAME})
        first = container("echo kept > /v/f", volumes=[f"{NAME}-v:/v"])
        wait_until_ended(client, first)
        with pytest.raises(Conflict):
            client.remove_volume(volume.name)
        client.remove(first)
        made = container("cat /v/f", volumes={volume.name: "/v:ro"})
        wait_until_ended(client, made)
        assert read_log(client, made) == b"kept\n"
        client.remove(made)
    finally:
        client.remove_volume(volume.name)
    with pytest.raises(NotFound):
        client.inspect_volume(volume.name)
    network = client.create_network(f"{NAME}-n", internal=True, labels={"a": "b"})
    try:
        (found,) = [each for each in client.networks() if each.name == f"{NAME}-n"]
        assert (found.id, found.labels, found.internal) == (network, {"a": "b"}, True)
        with pytest.raises(HyperJupyterError):
            client.create_network(f"{NAME}-n")
    finally:
        client.remove_network(f"{NAME}-n")
    with pytest.raises(NotFound):
        client.inspect_network(f"{NAME}-n")


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nPPid:")[2].split()[0])


@pytest.fixture
def registry(client: Client) -> Iterator[str]:
    """A registry where the engine, which has a network of its own, finds it."""
    (engine,) = [each for each in real_engines() if client.host in (each.url, each.tls)]
    if not engine.pid:
        pytest.skip("this engine was not started by scripts/engines: its registries are its own")
    program = [sys.executable, "-P", str(Path(__file__).with_name("registry.py"))]
    # A thread of an engine, and what it has started, may be in the network of a container.
    enter = ["nsenter", "-t", str(parent_of(engine.pid)), "-n", *program]
    with subprocess.Popen(enter, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        yield f"127.0.0.1:{run.stdout.readline().strip()}"
        here = Path(f"/proc/{parent_of(engine.pid)}/ns/net").readlink()
        threads = [each.readlink() for each in Path(f"/proc/{engine.pid}/task").glob("*/ns/net")]
        print(f"the registry is in {here}, threads of the engine in {set(threads)}")
        assert run.poll() is None, "the registry has ended by itself"
        run.stdin.close()
        run.wait(PATIENCE)


def test_an_image_is_pulled_named_committed_and_removed(
    client: Client, container: Make, registry: str
) -> None:
    steps: list[Progress] = []
    image = client.pull(f"{registry}/hello", on_progress=steps.append).id
    assert any(step.id and step.status for step in steps)
    with pytest.raises(NotFound):
        client.pull(f"{registry}/nope")
    try:
        client.tag_image(f"{registry}/hello", f"{NAME}/hello:1")
        (found,) = [each for each in client.images() if each.id == image]
        assert any(tag.endswith(f"{NAME}/hello:1") for tag in found.tags)
        assert client.inspect_image(f"{NAME}/hello:1")["Config"]["Cmd"] == ["/hello"]
        assert client.history(image)[0].created_by == "a test"
        client.remove_image(f"{NAME}/hello:1")
    finally:
        removed = client.remove_image(f"{registry}/hello")
    assert image in removed.deleted
    made = container("echo hi > /made", start=False)
    client.start(made)
    wait_until_ended(client, made)
    committed = client.commit(made, f"{NAME}/made", message="m", changes=["ENV A=b"])
    try:
        config = client.inspect_image(f"{NAME}/made:latest")["Config"]
        assert "A=b" in config["Env"]
    finally:
        assert committed in client.remove_image(f"{NAME}/made").deleted


@pytest.mark.core
def test_the_engine_describes_itself(client: Client) -> None:
    version = client.version()
    assert version.version == client.engine_version
    assert version.components
    info = client.info()
    assert info.version in (client.engine_version, version.version)
    assert info.cpus > 0
    usage = client.disk_usage()
    assert usage.images.total >= 1
    assert usage.images.size > 0


@pytest.mark.depends_on("ps_runs_inside")
def test_processes_are_listed_where_there_is_a_ps(client: Client, container: Make) -> None:
    made = container(BUSY)
    try:
        table = client.top(made)
    except ApiError as error:
        assert "none" in error.hint  # noqa: PT017 - the newer roots of Docker have no ps
        return
    assert any("while" in " ".join(row) for row in table.processes)
    assert "PID" in table.titles
