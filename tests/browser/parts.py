"""Where the parts of a session are on a page, and how a person uses them."""

from __future__ import annotations

from typing import Any

__all__ = [
    "LONG",
    "Notes",
    "enter",
    "find_in",
    "log_of",
    "more_of",
    "note_of",
    "pause_of",
    "pick",
    "problem_of",
    "rows_of",
    "stdin_of",
    "strip_of",
]

LONG = """
import time
with __import__("contextlib").suppress(KeyboardInterrupt):
    time.sleep(60)
"""
"""A cell that runs until a test has seen enough, and interrupts it."""


def log_of(scope: Any, name: str = "stdout") -> Any:
    """The plain lines of a pane."""
    return scope.get_by_role("log", name=f"{name} log")


def stdin_of(scope: Any) -> Any:
    """The field for a line to stdin; a view has none where nothing can be typed."""
    return scope.get_by_label("stdin", exact=True)


def enter(scope: Any, line: str) -> None:
    """Type a line, and send it."""
    stdin_of(scope).fill(line)
    stdin_of(scope).press("Enter")


def note_of(scope: Any) -> Any:
    """What was done, for some seconds, or what holds now; in the header of a view."""
    return scope.locator(".hj-note")


class Notes:
    """All that a view's header says from now on: a result is there for some seconds only."""

    def __init__(self, scope: Any) -> None:
        self._note = note_of(scope)
        self._note.evaluate(
            """note => {
              note.hjSaid = [];
              const keep = () => note.hjSaid.push(note.textContent.trim());
              new MutationObserver(keep).observe(note, { childList: true, characterData: true,
                                                         subtree: true });
            }"""
        )

    def expect(self, text: str) -> None:
        """Wait until it has said this, after what was expected before.

        The same once more is not said as long as it is shown.
        """
        self._note.page.wait_for_function(
            """([note, text]) => {
              const at = note.hjSaid.indexOf(text);
              if (at >= 0) note.hjSaid.splice(0, at + 1);
              return at >= 0;
            }""",
            arg=[self._note.element_handle(), text],
        )


def problem_of(scope: Any) -> Any:
    """What went wrong, in a line of its own below the header."""
    return scope.locator(".hj-problem")


def strip_of(scope: Any, name: str = "stderr") -> Any:
    """What stands in place of the pane of a stream that has printed nothing."""
    return scope.locator(f".hj-strip.hj-{name}")


def rows_of(scope: Any, name: str = "stdout") -> Any:
    """The lines that a pane shows, empty ones too."""
    return scope.locator(f".hj-pane.hj-{name} .xterm-rows > div")


def more_of(scope: Any) -> Any:
    """The button of a view's menu."""
    return scope.get_by_role("button", name="more", exact=True)


def find_in(scope: Any) -> Any:
    """The button that opens the search of the pane that was used last."""
    return scope.get_by_role("button", name="find (Ctrl+F)")


def pause_of(scope: Any) -> Any:
    """The button that holds a view, or lets it go on."""
    return scope.get_by_role("button", name="this view")


def pick(scope: Any, item: str) -> None:
    """Choose from a view's menu."""
    more_of(scope).click()
    scope.get_by_role("menu", name="more").get_by_text(item, exact=True).click()
