"""An engine for tests of verbs: it notes what it is asked, and answers what the test says."""

from __future__ import annotations

from typing import Any

from hyper_jupyter.magics.verbs import run_verb

__all__ = ["ScriptedClient", "run"]


class ScriptedClient:
    """Notes its calls as name, arguments and options; ``answers`` has results and errors."""

    timeout = 7.0
    profile: Any = None

    def __init__(self, **answers: Any) -> None:
        self.answers = {"create": "c0ffee", **answers}
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls.append((name, *arguments, options) if options else (name, *arguments))
            answer = self.answers.get(name)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


def run(client: ScriptedClient, *words: str, **options: Any) -> Any:
    return run_verb(lambda: client, words, **options).value  # type: ignore[arg-type, return-value]
