"""The messages of live views are the same in Python, in TypeScript and in the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.session.watch import WatchState, live_events, live_stats
from hyper_jupyter.widgets.page import watch_messages

ROOT: Final = Path(__file__).parents[3]
WATCH: Final = ROOT / "js" / "src" / "model" / "watch"
TYPESCRIPT: Final = (WATCH / "watch-messages.ts").read_text("utf-8")
TABLES: Final = (ROOT / "docs" / "widgets.md").read_text("utf-8")
TYPED: Final[dict[str, Any]] = {
    name: value
    for name, value in vars(watch_messages).items()
    if name in watch_messages.__all__ and hasattr(value, "__total__")
}


def test_both_sides_have_the_same_messages_with_the_same_fields() -> None:
    found = re.findall(
        r"^export interface (\w+) \{\n(.*?)^\}", TYPESCRIPT, re.MULTILINE | re.DOTALL
    )
    theirs = {name: set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) for name, body in found}
    assert {name: set(typed.__annotations__) for name, typed in TYPED.items()} == theirs


def test_a_page_knows_every_state() -> None:
    [states] = re.findall(r"^export type WatchState =(.*?);", TYPESCRIPT, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r'"(\w+)"', states)) == {state.value for state in WatchState}


@pytest.mark.parametrize("name", sorted(TYPED))
def test_every_field_is_explained(name: str) -> None:
    for field in TYPED[name].__annotations__:
        assert f"`{field}`" in TABLES, f"{name}.{field} is not in docs/widgets.md"


@pytest.mark.parametrize(
    ("module", "kept"), [("stats-model", live_stats.KEPT), ("events-model", live_events.KEPT)]
)
def test_a_page_keeps_as_much_as_the_kernel(module: str, kept: int) -> None:
    assert f"export const KEPT = {kept};" in (WATCH / f"{module}.ts").read_text("utf-8")
