"""What ``configure`` takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from traitlets import TraitError

import hyper_jupyter as hj
from hyper_jupyter.settings import current
from hyper_jupyter.settings.current import saved_output
from hyper_jupyter.settings.views import Views
from hyper_jupyter.widgets.front_end import front_end


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    hj.configure(redact=[])


@pytest.mark.parametrize(
    "rule",
    [
        "fake-[a-z]+",
        re.compile("fake-[a-z]+"),
        lambda text: text.replace("fake-word", "[redacted]"),
    ],
)
def test_one_rule_need_not_be_a_list(rule: Any) -> None:
    for given in (rule, [rule], (rule,)):
        hj.configure(redact=given)
        assert saved_output().clean("user=ann word=fake-word") == "user=ann word=[redacted]"


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(TraitError, match="neither a function nor a regular expression"):
        hj.configure(redact="(")


def test_where_pages_get_the_front_end_from_is_chosen_and_kept() -> None:
    hj.configure(front_end="anywidget")
    hj.configure(save_output=True)
    assert front_end().choice == "anywidget"
    with pytest.raises(TraitError):
        hj.configure(front_end="webpack")
    assert front_end().choice == "anywidget"
    hj.configure(front_end="auto")
    assert front_end().choice == "auto"


@pytest.fixture
def views() -> Iterator[Views]:
    policy = current.views()
    before = policy.layout, policy.height
    yield policy
    policy.layout, policy.height = before


def test_views_look_as_configured_where_a_cell_does_not_say(views: Views) -> None:
    client = hj.connect("local:")
    session = client.run("default", ["true"])
    try:
        hj.configure(layout="merged", height=30)
        view = session.view()
        assert (view.arrangement, view.rows) == ("merged", 30)
        view = session.view("tabs", rows=5)
        assert (view.arrangement, view.rows) == ("tabs", 5)
    finally:
        session.join(60)
        client.remove(session.container.id, force=True)
    with pytest.raises(TraitError):
        hj.configure(layout="grid")
    with pytest.raises(TraitError):
        hj.configure(height=1)
    assert (views.layout, views.height) == ("merged", 30)
