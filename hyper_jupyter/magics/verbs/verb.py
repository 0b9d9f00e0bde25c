"""One verb of ``%hyper``, and what most verbs have in common.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
import enum
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, HyperJupyterError, NotFound
from hyper_jupyter.magics.arguments import Parser, UsageFault
from hyper_jupyter.magics.values import Document, Documents, Lines

__all__ = ["Below", "Call", "Verb", "for_each", "inspect_each", "while_running"]


class Below(enum.Enum):
    """What a verb does with the lines below a ``%%hyper``."""

    NOTHING = "it cannot have any"
    LINES = "sends them to the program's stdin"
    INPUT = "sends them to the program's stdin, and ends it"


@dataclass(frozen=True, slots=True)
class Call:
    """One line with a verb.

    Attributes:
        client: the engine.
        arguments: the parsed line.
        assigned: the line's value goes to Python (``ids = %hyper ps -q``), so nothing is printed.
        cell: the lines below a ``%%hyper``; ``None`` for a line alone.
    """

    client: Client
    arguments: argparse.Namespace
    assigned: bool = False
    cell: str | None = None

    def check_input(self) -> None:
        """Check that the lines below a ``%%hyper`` have where to go.

        Raises:
            UsageFault: the program gets no stdin.
        """
        if self.cell is not None and not self.arguments.interactive:
            raise UsageFault("the lines below need a stdin", hint="-i gives the program one.")
        if self.cell is not None and self.arguments.detach:
            raise UsageFault("-d attaches nothing, so the lines below cannot be sent")

    def note(self, text: object) -> None:
        """Print a part of the result as soon as it is there, unless the value goes to Python."""
        if not self.assigned:
            print(text)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb is.

    Attributes:
        help: what it does, in one sentence.
        flags: adds its flags and arguments to a parser. Each says what completes it.
        run: does it, and returns a value that shows itself. A value that was printed on the way
            (:meth:`Call.note`) has ``prints``.
        prints: the value is printed on the way, as far as it is there.
        below: what it does with the lines below a ``%%hyper``.
    """

    help: str
    flags: Callable[[Parser], None]
    run: Callable[[Call], Any]
    prints: bool = False
    below: Below = Below.NOTHING


def for_each(
    command: Callable[[Call, str], Any],
    *,
    argument: str = "containers",
    together: Callable[[Call, list[Any]], Any] | None = None,
) -> Callable[[Call], Any]:
    """Return the function of a verb that does the same for each name, as the docker command does.

    Each name is printed when it is done, or what the command returns for it. One that fails does
    not keep it from the others, unless the engine cannot be reached. The last error is raised,
    those before it are printed.

    Args:
        command: does it for one name. It returns ``None`` if the name is the result, and ``""`` if
            there is none.
        argument: where the parsed names are.
        together: returns the value of all results, which shows itself, so nothing is printed on the
            way. If a name fails there is no value, and the value of the others is printed.
    """

    def run(call: Call) -> Any:
        failures: list[HyperJupyterError] = []
        results: list[Any] = []
        for name in getattr(call.arguments, argument):
            try:
                result = command(call, name)
            except HyperJupyterError as error:
                if failures and together is None:
                    print(f"Error: {failures.pop()}", file=sys.stderr)
                failures.append(error)
                if isinstance(error, ConnectionFailed):
                    break  # the others would wait as long, and fail in the same way
                continue
            if result != "":
                results.append(name if result is None else result)
                if together is None:
                    call.note(results[-1])
        if failures:
            if together is not None and results:
                call.note(together(call, results))
            for earlier in failures[:-1]:
                print(f"Error: {earlier}", file=sys.stderr)
            raise failures[-1]
        if together is not None:
            return together(call, results)
        return Lines(results) if all(isinstance(each, str) for each in results) else results

    return run


def inspect_each(
    inspect: Callable[[Call, str], Mapping[str, Any]],
    *,
    argument: str,
    shown: Callable[[Documents], Any] | None = None,
) -> Callable[[Call], Any]:
    """Return the function of a verb that shows the engine's own object for each name.

    Args:
        inspect: returns the object of one name.
        argument: where the parsed names are.
        shown: makes the value of the objects. Without it, the value of one name is its object, and
            that of several is a list.
    """

    def together(call: Call, found: list[Any]) -> Any:
        documents = Documents(found)
        if shown is not None:
            return shown(documents)
        return documents[0] if len(getattr(call.arguments, argument)) == 1 else documents

    return for_each(
        lambda call, name: Document(inspect(call, name)), argument=argument, together=together
    )


def while_running(command: Callable[[Call, str], Any]) -> Callable[[Call, str], Any]:
    """Run a command that needs a running container; if that is what it lacks, say how to start it.

    Engines refuse it in different words, and some with an error of the server, so they are asked.
    """

    def run(call: Call, container: str) -> Any:
        try:
            return command(call, container)
        except NotFound:
            raise
        except ApiError as error:
            if not error.hint and not _may_run(call.client, container):
                error.hint = f"%hyper start {shlex.quote(container)} starts it."
            raise

    return run


def _may_run(client: Client, container: str) -> bool:
    """Return whether a container runs, or nobody knows."""
    try:
        state = client.inspect(container).get("State") or {}
    except HyperJupyterError:
        return True
    return bool(state.get("Running", True))
