"""The calls that attach: one signature for both, and the parameter that was renamed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter import api
from hyper_jupyter.client import EngineClient

# Everything that takes a container first, by position and as the keyword ``c``.
ABOUT_ONE: list[Callable[..., Any]] = [
    api.Client.attach,
    api.Client.start_attached,
    api.Client.logs,
    EngineClient.inspect,
    EngineClient.start,
    EngineClient.stop,
    EngineClient.kill,
    EngineClient.wait,
    EngineClient.resize,
    EngineClient.pause,
    EngineClient.unpause,
    EngineClient.remove,
]


class Recorder:
    """Keeps the arguments that it is attached with."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def attach(self, *args: Any, **options: Any) -> str:
        self.asked.append((args, options))
        return "the session"


def parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function, eval_str=True).parameters)


def test_attach_takes_what_the_client_s_method_takes_and_a_client() -> None:
    ours, theirs = parameters(api.attach), parameters(api.Client.attach)
    del theirs["self"]
    client = ours.pop("client")
    assert (client.kind, client.default) == (inspect.Parameter.KEYWORD_ONLY, None)
    assert list(ours.values()) == list(theirs.values())
    assert inspect.signature(api.attach) != inspect.signature(api.Client.attach)


def test_attach_passes_each_option_on() -> None:
    recorder = Recorder()
    options = {
        name: object()
        for name, each in parameters(api.Client.attach).items()
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert len(options) == 13
    found = api.attach("web", client=recorder, **options)  # type: ignore[arg-type]
    assert found == "the session"
    assert recorder.asked == [(("web",), options)]


def test_attach_without_a_client_uses_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr("hyper_jupyter.api.default._default", recorder)
    api.attach("web")
    assert recorder.asked[0][0] == ("web",)


def test_attach_still_takes_the_old_name_of_its_parameter() -> None:
    recorder = Recorder()
    with pytest.warns(DeprecationWarning, match="is now called container"):
        api.attach(c="web", client=recorder)  # type: ignore[call-arg]
    assert recorder.asked[0][0] == ("web",)


@pytest.mark.parametrize("function", ABOUT_ONE, ids=lambda each: each.__name__)
def test_the_container_comes_first_and_its_old_name_still_works(
    function: Callable[..., Any],
) -> None:
    assert list(parameters(function))[1] == "container"
    with (
        pytest.warns(DeprecationWarning, match=rf"c of {function.__name__}\(\) is now called"),
        pytest.raises(AttributeError, match="'object' object has no attribute"),
    ):
        function(
            object(), c="web", **({"height": 1, "width": 1} if "resize" in str(function) else {})
        )
