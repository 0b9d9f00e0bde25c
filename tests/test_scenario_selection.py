"""Which scenarios run on which engine: by the fields of the engine's profile that they name."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from hyper_jupyter.client.profile import EngineProfile
from tests import real_engines
from tests.engines.selection import differences, is_chosen
from tests.real_engines import RealEngine

DOCKER_20 = RealEngine("a", "docker", "unix:///a", "20.10.24+dfsg1", "1.41", "1.12")
DOCKER_26 = RealEngine("b", "docker", "unix:///b", "26.1.5", "1.45", "1.24", "https://b")
DOCKER_28 = RealEngine("c", "docker", "unix:///c", "28.5.2", "1.51", "1.24", "https://c")
PODMAN_4 = RealEngine("d", "podman", "unix:///d", "4.3.1", "1.41", "1.24")
PODMAN_5 = RealEngine("e", "podman", "unix:///e", "5.8.6", "1.44", "1.24")
PODMAN_6 = RealEngine("f", "podman", "unix:///f", "6.1.1", "1.44", "1.24")
ALL = [DOCKER_28, PODMAN_6, DOCKER_20, PODMAN_4, DOCKER_26, PODMAN_5]

DESCRIBE_ONLY = {
    *("kind", "title", "default_image", "runs_on_this_machine"),
    *("detach_keys_files", "unreadable_log_drivers", "log_asks_for_upgrade", "marks_gaps"),
}
"""Fields that scenarios on real engines cannot show: words, files, and what other tests cover."""

CORE = pytest.mark.core.mark
SIZE = pytest.mark.depends_on("takes_console_size", "resizes_before_start").mark
SECURE = pytest.mark.depends_on("transport").mark


@pytest.fixture(autouse=True)
def as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPER_JUPYTER_TEST_SCENARIOS", raising=False)


def test_the_two_newest_dockers_and_the_newest_podman_run_the_full_list() -> None:
    assert real_engines.full_list(ALL) == [DOCKER_26, DOCKER_28, PODMAN_6]
    assert real_engines.full_list([PODMAN_5, DOCKER_28]) == [DOCKER_28, PODMAN_5]
    assert all(is_chosen([], differences(each.url, ALL)) for each in (DOCKER_26, PODMAN_6))
    assert is_chosen([], differences("local:", ALL))


def test_another_engine_runs_the_core_and_what_its_profile_makes_different() -> None:
    different = differences(DOCKER_20.url, ALL)
    assert different is not None
    assert different >= {"takes_console_size", "ambiguous_id_status"}
    assert is_chosen([SIZE], different)
    assert is_chosen([CORE], different)
    assert not is_chosen([], different)
    assert not is_chosen([SIZE], differences(PODMAN_5.url, ALL))


def test_a_value_that_one_engine_of_the_full_list_has_is_no_difference() -> None:
    assert "detach_banner" in real_engines.differing_fields(PODMAN_4, [PODMAN_6])
    assert "detach_banner" not in real_engines.differing_fields(PODMAN_4, [PODMAN_6, PODMAN_4])
    # Only engines of its own kind count: this one differs from Docker in many ways.
    assert real_engines.differing_fields(PODMAN_5, [PODMAN_6, DOCKER_28]) == {"prune_spares_names"}


def test_what_depends_on_the_transport_runs_over_tls() -> None:
    different = differences("https://c", ALL)
    assert is_chosen([SECURE], different)
    assert not is_chosen([SIZE], different)
    assert not is_chosen([CORE], different)


def test_everything_runs_everywhere_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPER_JUPYTER_TEST_SCENARIOS", "all")
    assert all(is_chosen([], differences(each.url, ALL)) for each in ALL)
    assert is_chosen([], differences("https://b", ALL))
    assert real_engines.full_list(ALL) == ALL


def test_a_field_that_no_profile_has_is_an_error() -> None:
    with pytest.raises(pytest.UsageError, match="no_such_field"):
        is_chosen([pytest.mark.depends_on("no_such_field").mark], None)


def test_every_field_that_engines_can_differ_in_has_a_scenario() -> None:
    named = {
        name
        for path in Path(__file__).parent.glob("engines/test_*.py")
        for mark in re.findall(r"mark\.depends_on\(([^)]*)\)", path.read_text("utf-8"))
        for name in re.findall(r"\w+", mark)
    }
    missing = {field.name for field in fields(EngineProfile)} - named - DESCRIBE_ONLY
    assert not missing
