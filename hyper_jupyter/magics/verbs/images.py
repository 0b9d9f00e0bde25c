"""The verbs about images.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, Final

from hyper_jupyter.api import Client
from hyper_jupyter.client.records import Image, Layer, Progress, split_tag
from hyper_jupyter.magics.arguments import Completes, Parser
from hyper_jupyter.magics.labels import shortened
from hyper_jupyter.magics.progress import ProgressBars
from hyper_jupyter.magics.quantities import age_text, size_text
from hyper_jupyter.magics.values import Column, Line, Lines, Rows
from hyper_jupyter.magics.verbs.tables import (
    Table,
    add_filters,
    add_format,
    filters_of,
    short_id,
)
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each, inspect_each

__all__ = ["VERBS", "pull_with_bars"]

_NONE: Final = "<none>"


def _image_names(parser: Parser) -> None:
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", help="name or id", completes=Completes.IMAGE
    )


# -- images --------------------------------------------------------------------------------


class _Named:
    """An image by one of its names: the list has a row for each.

    Args:
        image: the image.
        name: such as ``busybox:latest``; empty if it has none.
    """

    def __init__(self, image: Image, name: str = "") -> None:
        self.image = image
        self.repository, self.tag = split_tag(name)


def _images_flags(parser: Parser) -> None:
    parser.add_argument(
        "repository", nargs="?", metavar="NAME", help="only these", completes=Completes.IMAGE
    )
    parser.add_argument("-a", "--all", action="store_true", help="also intermediate images")
    parser.add_argument("-q", "--quiet", action="store_true", help="ids only")
    parser.add_argument("--no-trunc", action="store_true", help="full ids")
    parser.add_argument("--digests", action="store_true", help="also names by content")
    add_filters(parser)
    add_format(parser)


def _names_of(image: Image) -> list[_Named]:
    return [_Named(image, name) for name in image.tags or ("",)]


def _images_table(arguments: argparse.Namespace) -> Table[Image]:
    now = time.time()
    identifier: Callable[[_Named], str] = (
        (lambda row: row.image.id) if arguments.no_trunc else (lambda row: short_id(row.image.id))
    )
    columns: list[Column[_Named]] = [
        Column("REPOSITORY", lambda row: row.repository or _NONE, "Repository"),
        Column("TAG", lambda row: row.tag or _NONE, "Tag"),
        Column("DIGEST", lambda row: _digest(row.image) or _NONE, "Digest"),
        Column("IMAGE ID", identifier, "ID"),
        Column("CREATED", lambda row: f"{age_text(now - row.image.created)} ago", "CreatedSince"),
        Column("SIZE", lambda row: size_text(row.image.size), "Size"),
    ]
    shown = ["Repository", "Tag", "ID", "CreatedSince", "Size"]
    if arguments.digests:
        shown.insert(2, "Digest")
    return Table(columns, shown, "client.images() lists them as objects", _names_of)


def _digest(image: Image) -> str:
    return image.digests[0].partition("@")[2] if image.digests else ""


def _images(call: Call) -> Rows[Image] | Lines | Line:
    arguments = call.arguments
    filters = filters_of(arguments)
    if arguments.repository:
        filters.setdefault("reference", []).append(arguments.repository)
    found = call.client.images(all=arguments.all, filters=filters)
    if arguments.quiet:
        ids = dict.fromkeys(
            image.id if arguments.no_trunc else short_id(image.id) for image in found
        )
        return Lines(ids)
    return _images_table(arguments).rows(found, arguments.format)


# -- pull ----------------------------------------------------------------------------------


def _pull_flags(parser: Parser) -> None:
    parser.add_argument("--platform", help="such as linux/arm64")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bars")
    parser.add_argument(
        "image", metavar="IMAGE", help="name, with a tag or digest", completes=Completes.IMAGE
    )


def pull_with_bars(
    client: Client, image: str, *, platform: str | None = None, quiet: bool = False
) -> str:
    """Pull an image, and show how far it is.

    Args:
        client: the engine, which pulls it.
        image: its name; without a tag it is ``latest``.
        platform: such as ``linux/arm64``; ``None`` is the engine's own.
        quiet: show nothing.

    Returns:
        The image's id.

    Raises:
        HyperJupyterError: it could not be pulled.
    """
    if quiet:
        return str(client.pull(image, platform=platform).id)
    with ProgressBars() as bars:

        def show(step: Progress) -> None:
            bars.update(step.id, step.status, step.current, step.total)

        return str(client.pull(image, platform=platform, on_progress=show).id)


def _pull(call: Call) -> Line | None:
    arguments = call.arguments
    identifier = pull_with_bars(
        call.client,
        arguments.image,
        platform=arguments.platform,
        quiet=arguments.quiet or call.assigned,
    )
    return Line(identifier) if call.assigned or arguments.quiet else None


# -- rmi, tag, history, commit -------------------------------------------------------------


def _remove_flags(parser: Parser) -> None:
    parser.add_argument(
        "-f", "--force", action="store_true", help="also if containers use it, or it has more names"
    )
    _image_names(parser)


def _remove(call: Call, image: str) -> str:
    removed = call.client.remove_image(image, force=call.arguments.force)
    lines = [f"Untagged: {name}" for name in removed.untagged]
    lines += [f"Deleted: {identifier}" for identifier in removed.deleted]
    return "\n".join(lines)


def _tag_flags(parser: Parser) -> None:
    parser.add_argument("image", metavar="IMAGE", help="name or id", completes=Completes.IMAGE)
    parser.add_argument(
        "name", metavar="NAME[:TAG]", help="the new name", completes=Completes.NEW_NAME
    )


def _history_flags(parser: Parser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="ids only")
    parser.add_argument("--no-trunc", action="store_true", help="full ids and commands")
    add_format(parser)
    parser.add_argument("image", metavar="IMAGE", help="name or id", completes=Completes.IMAGE)


def _history(call: Call) -> Rows[Layer] | Lines | Line:
    whole = call.arguments.no_trunc
    layers = call.client.history(call.arguments.image)
    if call.arguments.quiet:
        return Lines(layer.id if whole else short_id(layer.id) for layer in layers)
    now = time.time()
    columns: list[Column[Layer]] = [
        Column("IMAGE", lambda row: row.id if whole else short_id(row.id), "ID"),
        Column("CREATED", lambda row: f"{age_text(now - row.created)} ago", "CreatedSince"),
        Column(
            "CREATED BY",
            lambda row: row.created_by if whole else shortened(row.created_by, 45),
            "CreatedBy",
        ),
        Column("SIZE", lambda row: size_text(row.size), "Size"),
        Column("COMMENT", lambda row: row.comment, "Comment"),
    ]
    table: Table[Layer] = Table(
        columns, [column.key for column in columns], "client.history() lists the layers"
    )
    return table.rows(layers, call.arguments.format)


def _commit_flags(parser: Parser) -> None:
    parser.add_argument("-m", "--message", help="a message: what was changed")
    parser.add_argument("-a", "--author", help="its author")
    parser.add_argument(
        "-c",
        "--change",
        action="append",
        default=[],
        metavar="INSTRUCTION",
        help="an instruction of a Dockerfile, such as 'CMD [\"sh\"]'",
    )
    parser.add_argument(
        "-p",
        "--pause",
        choices=["true", "false"],
        default="true",
        help="freeze the container meanwhile",
    )
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.CONTAINER
    )
    parser.add_argument(
        "name",
        metavar="NAME[:TAG]",
        nargs="?",
        help="the name of the new image",
        completes=Completes.NEW_NAME,
    )


def _commit(call: Call) -> Line:
    arguments = call.arguments
    options: dict[str, Any] = {
        "message": arguments.message or "",
        "author": arguments.author or "",
        "changes": arguments.change,
        "pause": arguments.pause == "true",
    }
    return Line(call.client.commit(arguments.container, arguments.name, **options))


VERBS: Final[dict[str, Verb]] = {
    "commit": Verb("Make an image of a container's files.", _commit_flags, _commit),
    "history": Verb("List the layers of an image.", _history_flags, _history),
    "image inspect": Verb(
        "Show everything that the engine knows about images.",
        _image_names,
        inspect_each(lambda call, name: call.client.inspect_image(name), argument="images"),
    ),
    "images": Verb("List the images.", _images_flags, _images),
    "pull": Verb("Pull an image, with progress bars.", _pull_flags, _pull),
    "rmi": Verb("Remove images.", _remove_flags, for_each(_remove, argument="images"), prints=True),
    "tag": Verb(
        "Give an image another name.",
        _tag_flags,
        lambda call: call.client.tag_image(call.arguments.image, call.arguments.name),
    ),
}
"""By name."""
