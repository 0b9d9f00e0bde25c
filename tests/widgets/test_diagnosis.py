"""What the doctor finds out about the kernel, without a page."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.widgets import kernel, kernel_findings
from hyper_jupyter.widgets.front_end import Form, front_end
from hyper_jupyter.widgets.kernel import KernelFacts
from hyper_jupyter.widgets.notices import Notice


def found(
    monkeypatch: pytest.MonkeyPatch, facts: KernelFacts | None, *, link: bool, relay: str = ""
) -> list[tuple[bool | None, str, str]]:
    monkeypatch.setattr("hyper_jupyter.widgets.diagnosis.kernel_facts", lambda: facts)
    monkeypatch.setattr(link_policy(), "enabled", link)
    monkeypatch.setenv("HYPER_JUPYTER_RELAY", relay)
    return [(one.good, one.text, one.next_step) for one in kernel_findings()]


@pytest.mark.parametrize(
    ("facts", "link", "good", "words", "step"),
    [
        (KernelFacts("7.4.0", True), True, True, "has subshells", ""),
        (KernelFacts("6.31.0", False), True, None, "unless the page has a direct link", ">=7.1"),
        (KernelFacts("6.31.0", False), False, False, "waits until the running cell ends", ">=7.1"),
        (KernelFacts("7.0.1", True), True, False, "cannot publish from threads", ">=7.1"),
    ],
)
def test_kernels_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, facts: KernelFacts, link: bool, good: bool | None,
    words: str, step: str,
) -> None:  # fmt: skip
    state, text, next_step = found(monkeypatch, facts, link=link)[0]
    assert (state, facts.ipykernel in text) == (good, True)
    assert words in text
    assert step in next_step
    assert bool(step) is bool(next_step)


@pytest.mark.parametrize(
    ("link", "relay", "good", "words"),
    [
        (True, "", True, "does not forward it to other machines"),
        (True, "1", True, "the Jupyter server forwards it to other machines"),
        (False, "1", None, "is turned off"),
    ],
)
def test_what_is_known_of_the_link_is_said(
    monkeypatch: pytest.MonkeyPatch, link: bool, relay: str, good: bool | None, words: str
) -> None:
    facts = KernelFacts("7.4.0", True)
    state, text, step = found(monkeypatch, facts, link=link, relay=relay)[1]
    assert state is good
    assert words in text
    assert ("configure(direct_link=True)" in step) is not link


def test_without_a_kernel_there_is_no_page_and_nothing_else_to_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel, "_kernel", lambda: None)
    assert [finding.good for finding in kernel_findings()] == [None]


def test_a_front_end_that_is_not_built_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise HyperJupyterError("the front end is not built", hint="Build it.")

    monkeypatch.setattr("hyper_jupyter.widgets.diagnosis.bundle", missing)
    last = found(monkeypatch, KernelFacts("7.4.0", True), link=True)[-1]
    assert last == (False, "the front end is not built", "Build it.")


@pytest.mark.parametrize(
    ("known", "good", "words", "step"),
    [
        ({}, None, None, ""),
        ({"answered": Form.EXTENSION}, True, "from the Jupyter server's extension", ""),
        (
            {"answered": Form.ANYWIDGET},
            None,
            "their server has no extension of ours",
            "pip install",
        ),
        ({"choice": "anywidget", "answered": Form.ANYWIDGET}, True, "as configured", ""),
        ({"notice": Notice("the line", "the step")}, False, "the line", "the step"),
        ({"displayed_at": math.inf}, None, None, ""),
        (
            {"displayed_at": -math.inf},
            None,
            "no page has answered",
            "Without a page there is nothing to do.",
        ),
        (
            {"displayed_at": -math.inf, "answered": Form.EXTENSION},
            True,
            "from the Jupyter server's extension",
            "",
        ),
    ],
)
def test_what_pages_have_answered_is_repeated(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], good: bool | None, words: str | None,
    step: str,
) -> None:  # fmt: skip
    for name, value in known.items():
        setattr(front_end(), name, value)
    others = found(monkeypatch, KernelFacts("7.4.0", True), link=True)[2:]
    if words is None:
        assert others == []
        return
    [(state, text, next_step)] = others
    assert state is good
    assert words in text
    assert step in next_step
    assert bool(step) is bool(next_step)
