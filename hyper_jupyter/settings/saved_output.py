"""What is saved of a session's output in the notebook: the user's choice.

Layer: settings. Any thread. The functions in ``redact`` are the user's code and run in the
thread that renders.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import traitlets
from traitlets.config import Configurable

__all__ = ["REDACTED", "SavedOutput", "filtered"]

REDACTED: Final = "[redacted]"
"""What stands for a secret."""


class SavedOutput(Configurable):  # type: ignore[misc]
    """What is put into the notebook beside the widget, for readers without a kernel.

    Set it by ``c.SavedOutput.enabled = False`` in IPython's configuration, ``%config SavedOutput``
    in a notebook, or :func:`hyper_jupyter.configure`.
    """

    enabled = traitlets.Bool(True, help="Save the end of the output in the notebook.").tag(
        config=True
    )
    lines = traitlets.Int(100, min=0, max=1000, help="How many lines of each stream, at most.").tag(
        config=True
    )
    size = traitlets.Int(
        64 * 1024,
        min=2048,
        max=1024 * 1024,
        help="How many characters of HTML per session, at most.",
    ).tag(config=True)
    redact = traitlets.List(
        help="What must not be saved: regular expressions, whose matches are replaced, and "
        "functions that get a text and return it without its secrets. The text is what a terminal "
        "would show of a stream, without colours. Regular expressions also look at the characters "
        "as they were printed, without escape sequences."
    ).tag(config=True)

    @traitlets.validate("redact")  # type: ignore[untyped-decorator]
    def _validate_redact(self, proposal: Any) -> list[Any]:
        checked: list[Any] = []
        for rule in proposal["value"]:
            if callable(rule):
                checked.append(rule)
                continue
            try:
                checked.append(re.compile(rule))
            except (re.error, TypeError) as error:
                raise traitlets.TraitError(
                    f"{rule!r} is neither a function nor a regular expression: {error}"
                ) from error
        return checked

    def clean(self, text: str) -> str:
        """Return a text without what must not be saved.

        Raises:
            Exception: whatever a function of the user raised. Then nothing may be saved.
        """
        for rule in self.redact:
            text = filtered(rule, text) if callable(rule) else rule.sub(REDACTED, text)
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has what must not be saved, by the regular expressions.

        Functions are not asked: they return a text, which cannot be put back between what moves a
        cursor.
        """
        found = [
            match.span()
            for rule in self.redact
            if not callable(rule)
            for match in rule.finditer(text)
            if match[0]
        ]
        return sorted(found)


def filtered(function: Callable[[str], Any], text: str) -> str:
    """Return what a function of ``redact`` makes of a text.

    Raises:
        TypeError: it returned something else than a text.
        Exception: whatever it raised itself.
    """
    answer = function(text)
    if not isinstance(answer, str):
        raise TypeError(f"a function of redact returned {type(answer).__name__} instead of str")
    return answer
