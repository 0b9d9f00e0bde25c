"""Calls about containers, on every engine."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from tests.engines.scenarios import Make, read_log, status, wait_until_ended


@pytest.mark.depends_on("force_remove_asks_first")
def test_force_asks_nobody_to_end_first(container: Make, client: Client) -> None:
    made = container("sleep 60")  # which as the first process does not end when it is asked to
    impatient = Client(client.discovery, timeout=8)  # an engine that asks first takes ten seconds
    impatient.remove(made, force=True)
    with pytest.raises(NotFound):
        client.inspect(made)


@pytest.mark.core
def test_a_name_that_is_taken_is_a_conflict(container: Make) -> None:
    container("sleep 60", name="hyper-jupyter-taken")
    with pytest.raises(Conflict, match="in use"):
        container("sleep 60", name="hyper-jupyter-taken")


@pytest.mark.core
def test_why_a_container_that_removes_itself_did_not_start_is_told(client: Client) -> None:
    network = None if client.engine == "embedded" else "none"
    with pytest.raises(HyperJupyterError, match="/no/such"):
        client.run("default", ["/no/such"], auto_remove=True, network=network)


@pytest.mark.depends_on("bare_name_unsets_variable")
@pytest.mark.parametrize("as_lines", [True, False])
def test_a_variable_without_a_value_is_the_caller_s_own(
    container: Make, client: Client, monkeypatch: pytest.MonkeyPatch, as_lines: bool
) -> None:
    monkeypatch.setenv("HYPER_TEST_OURS", "a b=c")
    monkeypatch.delenv("HYPER_TEST_NOBODY_S", raising=False)
    # Podman takes a name alone for a variable of its own process, which has this one.
    monkeypatch.delenv("LANG", raising=False)
    names = ["HYPER_TEST_OURS", "HYPER_TEST_NOBODY_S", "LANG"]
    env = [*names, "SET=x"] if as_lines else {**dict.fromkeys(names), "SET": "x"}
    printed = " ".join(f'"${{{name}-unset}}"' for name in (*names, "SET"))
    made = container(f"printf '%s|' {printed}", env=env)
    wait_until_ended(client, made)
    assert read_log(client, made) == b"a b=c|unset|unset|x|"


@pytest.mark.depends_on("lists_paused_with_ended")
def test_a_paused_container_is_listed_with_those_that_run(container: Make, client: Client) -> None:
    paused, ended, created = container("sleep 60"), container("true"), container("", start=False)
    client.pause(paused)
    wait_until_ended(client, ended)
    found = {each.id: each.state for each in client.containers(all=False)}
    assert found.get(paused) == "paused"
    assert not {ended, created} & found.keys()
    assert {paused, ended, created} <= {each.id for each in client.containers()}


@pytest.mark.depends_on("unstarted_may_be_minus_one")
def test_waiting_for_a_container_that_has_not_started_is_0(container: Make, client: Client) -> None:
    made = container("exit 3", start=False)
    assert [client.wait(made, 20) for _ in range(10)] == [0] * 10  # Podman changes its mind
    assert status(client, made) == "created"
