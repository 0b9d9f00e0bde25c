"""The lines in docs/coming-from-docker.md, typed into cells on Docker: each does what is said."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import hyper_jupyter as hj
from hyper_jupyter.api import Client
from hyper_jupyter.client.resources.containers import ContainerCalls
from hyper_jupyter.client.resources.system import SystemCalls
from hyper_jupyter.exceptions import HyperJupyterError, NotFound
from hyper_jupyter.session import sessions
from tests.real_engines import newest, real_engines, skip_or_fail

PAGE = Path(__file__).parents[2] / "docs/coming-from-docker.md"
ROW = re.compile(r"^\| `(%hyper .+)` \| (✓|→)(.*) \|$", re.MULTILINE)
NEEDS_MORE = ("%hyper pull", "%hyper top")
"""What this test's engine cannot do: it reaches no registry, and its machine has no ps."""

VOLUMES = ("data", "more")
"""What the lines make."""


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The newest Docker, which others use meanwhile, without what the lines have left behind."""
    (engine,) = newest(real_engines(), "docker") or [None]
    if engine is None:
        skip_or_fail("there is no Docker")
    made: list[str] = []
    create = ContainerCalls.create

    def listed(self: ContainerCalls, *args: Any, **options: Any) -> str:
        made.append(create(self, *args, **options))
        return made[-1]

    monkeypatch.setattr(ContainerCalls, "create", listed)
    prune = SystemCalls.prune_containers

    def spare(self: SystemCalls, *, filters: Any = None) -> Any:
        """Remove none of others: neither a user's nor another test's."""
        return prune(self, filters={**(filters or {}), "label": ["hyper-jupyter.test"]})

    monkeypatch.setattr(SystemCalls, "prune_containers", spare)
    client = hj.connect(engine.url, timeout=20)
    yield client
    for session in sessions():
        session.close(force=True)
    for container in made:
        with suppress(NotFound):
            client.remove(container, force=True)
    for volume in VOLUMES:
        with suppress(NotFound):
            client.remove_volume(volume, force=True)


@pytest.fixture
def shell(docker: Client) -> Iterator[InteractiveShell]:
    made = InteractiveShell.instance(colors="nocolor")
    made.run_line_magic("load_ext", "hyper_jupyter")
    made.run_line_magic("hyper_connect", docker.host)
    yield made
    InteractiveShell.clear_instance()


@pytest.mark.engines
def test_each_line_is_right_or_answered_with_the_next_step(
    docker: Client, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shell.display_pub, "publish", lambda *_, **__: None)
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) >= 60
    wrong: list[str] = []
    bystander = docker.create("default", ["true"], network="none")
    for line, mark, _ in rows:
        if line.startswith(NEEDS_MORE):
            continue
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            error = shell.run_cell(line).error_in_exec
        answered = isinstance(error, HyperJupyterError) and bool(error.hint)
        if (error is not None) if mark == "✓" else not answered:
            wrong.append(f"{line}: {error!r} {output.getvalue()[-300:]}")
    assert not wrong, "\n".join(wrong)
    assert (tmp_path / "hostname").exists()
    assert docker.inspect(bystander)["Id"] == bystander
