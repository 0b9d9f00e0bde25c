"""Which scenarios run on which engine.

A scenario runs on the embedded engine and on the engines that run the *full list*. On every other
engine it runs if it is marked with

* ``core``: what an engine must be able to do at all, or
* ``depends_on(FIELD, ...)``, and one of these fields of the engine's profile has a value that no
  engine of its kind on the full list has.

Over TLS those run that depend on ``"transport"``, which is no field: the engine is one that runs
the full list at its socket.

So a scenario names the fields that it would be wrong without, and no engine; a new engine is given
its scenarios by its profile. With HYPER_JUPYTER_TEST_SCENARIOS=all everything runs everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Final

import pytest

from hyper_jupyter.client.profile import EngineProfile
from tests.real_engines import RealEngine, differing_fields, everything_everywhere, full_list

TRANSPORT: Final = "transport"
NAMES: Final = {field.name for field in fields(EngineProfile)} | {TRANSPORT}


def differences(host: str, engines: Sequence[RealEngine]) -> frozenset[str] | None:
    """What makes the engine at this address different from those on the full list; None on it."""
    if everything_everywhere():
        return None
    full = full_list(engines)
    for engine in engines:
        if host == engine.tls:
            return frozenset({TRANSPORT})
        if host == engine.url:
            return None if engine in full else differing_fields(engine, full)
    return None


def is_chosen(marks: Iterable[pytest.Mark], different: frozenset[str] | None) -> bool:
    """Return whether a scenario with these marks runs on an engine with these differences.

    Raises:
        pytest.UsageError: a mark names what is no field of the profile.
    """
    names: set[str] = set()
    core = False
    for mark in marks:
        core = core or mark.name == "core"
        if mark.name == "depends_on":
            names.update(mark.args)
    if not names <= NAMES:
        raise pytest.UsageError(f"depends_on: no field of the profile: {sorted(names - NAMES)}")
    if different is None:
        return True
    return (core and TRANSPORT not in different) or not names.isdisjoint(different)
