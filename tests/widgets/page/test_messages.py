"""The messages are the same in Python, in TypeScript and in the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from hyper_jupyter.session import State
from hyper_jupyter.widgets.page import messages

ROOT = Path(__file__).parents[3]
TABLES = (ROOT / "docs" / "widgets.md").read_text("utf-8")
FLAGS = re.MULTILINE | re.DOTALL
TYPED: dict[str, Any] = {
    name: value
    for name, value in vars(messages).items()
    if name in messages.__all__ and hasattr(value, "__total__")
}


def typescript() -> str:
    [path] = (ROOT / "js" / "src").rglob("messages.ts")
    return path.read_text("utf-8")


def interfaces() -> dict[str, set[str]]:
    """The fields of each interface of ``messages.ts``, with those of the one that it extends."""
    found = re.findall(
        r"^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}", typescript(), FLAGS
    )
    fields: dict[str, set[str]] = {"": set()}
    for name, base, body in found:
        fields[name] = fields[base] | set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE))
    return fields


def test_both_sides_have_the_same_messages_with_the_same_fields() -> None:
    theirs = interfaces()
    for name in ("", "PerStream", "Numbered"):  # no messages
        del theirs[name]
    assert {name: set(typed.__annotations__) for name, typed in TYPED.items()} == theirs


def test_both_sides_have_the_same_messages_in_each_direction() -> None:
    for union in ("KernelMessage", "PageMessage", "Request"):
        [theirs] = re.findall(
            rf"^export type {union} = (.*?);", typescript(), re.MULTILINE | re.DOTALL
        )
        ours = {typed.__name__ for typed in getattr(messages, union).__args__}
        names = set(theirs.split(" | ")) - {"Request"}
        if union == "PageMessage":
            names |= {typed.__name__ for typed in messages.Request.__args__}
        assert ours == names


def test_a_page_knows_every_state() -> None:
    [states] = re.findall(r"^export type State =(.*?);", typescript(), FLAGS)
    assert set(re.findall(r'"(\w+)"', states)) == {state.value for state in State}


def test_a_message_is_named_by_its_type() -> None:
    for name, typed in TYPED.items():
        if "type" in typed.__annotations__:
            assert get_type_hints(typed)["type"].__args__ == (name.lower(),)


@pytest.mark.parametrize("name", sorted(TYPED))
def test_every_field_is_explained(name: str) -> None:
    for field in TYPED[name].__annotations__:
        assert f"`{field}`" in TABLES, f"{name}.{field} is not in docs/widgets.md"
