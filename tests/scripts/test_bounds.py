"""Lowest allowed versions are compared with the list of known faults."""

from __future__ import annotations

import re
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

FAULTS = {"some_thing": {"fixed": "2.10", "fault": "it lies"}}


@pytest.fixture(scope="module")
def bounds() -> Any:
    loader = SourceFileLoader("bounds", str(Path(__file__).parents[2] / "scripts" / "bounds"))
    spec = spec_from_loader("bounds", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "line", ["some_thing>=2.9", "Some-Thing[x] >= 2.9.9, <3", "some.thing", "some-thing<3"]
)
def test_a_version_with_a_fault_is_named(bounds: Any, line: str) -> None:
    assert list(bounds.allowed_faults([line], FAULTS)) == [
        f"{line}: versions before 2.10 have a fault: it lies"
    ]


@pytest.mark.parametrize("line", ["some_thing>=2.10", "some-thing>=2.10.0", "other", "some>=1"])
def test_others_are_not(bounds: Any, line: str) -> None:
    assert list(bounds.allowed_faults([line], FAULTS)) == []


def test_extras_and_groups_are_looked_at_too(bounds: Any) -> None:
    project = {
        "project": {"dependencies": ["a>=1"], "optional-dependencies": {"x": ["b"]}},
        "dependency-groups": {"dev": [{"include-group": "demo"}, "c"]},
    }
    assert bounds.requirements(project) == ["a>=1", "b", "c"]


def test_each_fault_of_the_list_has_its_source(bounds: Any) -> None:
    listed = tomllib.loads((bounds.ROOT / "scripts/known-faults.toml").read_text())
    named = {
        bounds.plain(re.split(r"[^\w.-]", line)[0])
        for line in bounds.requirements(tomllib.loads((bounds.ROOT / "pyproject.toml").read_text()))
    }
    for name, fault in listed.items():
        assert bounds.plain(name) in named
        assert set(fault) == {"fixed", "fault", "source"}
        for source in fault["source"].split(", "):
            assert re.fullmatch(r"GHSA(-[0-9a-z]{4}){3}|CVE-\d{4}-\d{4,}|PYSEC-\d{4}-\d+", source)


def test_the_project_itself_allows_none(bounds: Any) -> None:
    assert bounds.main() == 0
