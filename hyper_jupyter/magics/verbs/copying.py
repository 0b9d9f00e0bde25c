"""``%hyper cp``.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Final

from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault
from hyper_jupyter.magics.printout import Interrupted
from hyper_jupyter.magics.progress import ProgressBars
from hyper_jupyter.magics.values import Line
from hyper_jupyter.magics.verbs.verb import Call, Verb

__all__ = ["VERBS"]


def _flags(parser: Parser) -> None:
    parser.add_argument(
        "-L", "--follow-link", action="store_true", help="copy what a link leads to"
    )
    parser.add_argument(
        "-a",
        "--archive",
        action="store_true",
        help="files in the container belong to the user of its program",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    for name in ("source", "target"):
        parser.add_argument(
            name,
            metavar="[CONTAINER:]PATH",
            help="a path of a container, or of the kernel's machine",
            completes=Completes.PLACE,
        )


def _split(word: str) -> tuple[str, str]:
    """Return container and path; the container is empty for a path of this machine."""
    container, colon, path = word.partition(":")
    # As docker decides it: a path of this machine with a colon begins with a slash or a dot.
    if not colon or not container or word.startswith(("/", ".", "~")) or "/" in container:
        return "", word
    return container, path


@contextlib.contextmanager
def _said(begun: Callable[[], bool], target: str) -> Iterator[None]:
    """Say after an interrupt that a part was copied, if it was."""
    try:
        yield
    except KeyboardInterrupt:
        if not begun():
            raise
        raise Interrupted(f"the copy is not complete: a part may be at {target}") from None


def _copy(call: Call) -> Line:
    arguments = call.arguments
    (from_container, source), (to_container, target) = map(
        _split, (arguments.source, arguments.target)
    )
    if "-" in (arguments.source, arguments.target):
        raise UsageFault(
            "a cell has no standard input or output for an archive",
            hint='In Python: data = client.cp_from("NAME", "/path").',
        )
    if bool(from_container) == bool(to_container):
        raise UsageFault(
            "one of the two has to be a path of a container, and the other one of this machine",
            hint="%hyper cp data.csv web:/tmp/, for example.",
        )
    begun = False
    with ProgressBars() as bars, _said(lambda: begun, arguments.target):

        def show(done: int) -> None:
            nonlocal begun
            begun = True
            if not (arguments.quiet or call.assigned):
                bars.update("", "Copying", done)

        if to_container:
            path = call.client.cp_to(
                to_container,
                source,
                target,
                follow_links=arguments.follow_link,
                container_owner=arguments.archive,
                on_progress=show,
            )
            return Line(f"{to_container}:{path}")
        copied = call.client.cp_from(
            from_container, source, target, follow_links=arguments.follow_link, on_progress=show
        )
    for path in copied.skipped:
        print(f"Warning: not copied: {path}", file=sys.stderr)
    return Line(copied.path)


VERBS: Final[dict[str, Verb]] = {
    "cp": Verb("Copy files from or to a container.", _flags, _copy),
}
"""By name."""
