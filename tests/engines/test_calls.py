"""Calls about containers, on every engine."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from tests.engines.scenarios import Make


def test_force_asks_nobody_to_end_first(container: Make, client: Client) -> None:
    made = container("sleep 60")  # which as the first process does not end when it is asked to
    impatient = Client(client.discovery, timeout=8)  # an engine that asks first takes ten seconds
    impatient.remove(made, force=True)
    with pytest.raises(NotFound):
        client.inspect(made)


def test_a_name_that_is_taken_is_a_conflict(container: Make) -> None:
    container("sleep 60", name="hyper-jupyter-taken")
    with pytest.raises(Conflict, match="in use"):
        container("sleep 60", name="hyper-jupyter-taken")


def test_why_a_container_that_removes_itself_did_not_start_is_told(client: Client) -> None:
    network = None if client.engine == "embedded" else "none"
    with pytest.raises(HyperJupyterError, match="/no/such"):
        client.run("default", ["/no/such"], auto_remove=True, network=network)
