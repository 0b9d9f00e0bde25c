"""Images: rows of the list, layers of the history, and the progress of a pull.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hyper_jupyter.client.records.fields import (
    identifier,
    image_id,
    number,
    obj,
    objects,
    require_object,
    seconds,
    text,
    text_map,
    texts,
)
from hyper_jupyter.exceptions import ProtocolError

__all__ = ["Image", "Layer", "Progress", "RemovedImages", "split_tag"]

_NO_NAME = ("<none>:<none>", "<none>@<none>")


def split_tag(name: str) -> tuple[str, str]:
    """Split an image's ``name:tag``; the tag is empty where there is none.

    A colon may also come before a registry's port, or in a digest.
    """
    head, colon, tail = name.rpartition(":")
    return (head, tail) if colon and "/" not in tail and "@" not in name else (name, "")


@dataclass(frozen=True, slots=True)
class Image:
    """An image, as the engine's list describes it.

    Attributes:
        id: ``sha256:`` and 64 hexadecimal digits.
        tags: its names, such as ``busybox:latest``; Podman's have a registry in front.
        digests: its names by content, such as ``busybox@sha256:…``.
        created: seconds since the epoch.
        size: bytes on the engine's disk, those that it shares with other images included.
        labels: names and values.
        raw: the engine's own object.
    """

    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    created: int = 0
    size: int = 0
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Image:
        """Read one row of the engine's list.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "a list of images")
        return cls(
            id=image_id(identifier(row, "Id", "a list of images")),
            tags=tuple(tag for tag in texts(row.get("RepoTags")) if tag not in _NO_NAME),
            digests=tuple(tag for tag in texts(row.get("RepoDigests")) if tag not in _NO_NAME),
            created=number(row, "Created"),
            size=number(row, "Size"),
            labels=text_map(row.get("Labels")),
            raw=row,
        )

    @classmethod
    def from_inspect(cls, inspected: Mapping[str, Any]) -> Image:
        """Read the answer to inspect.

        Raises:
            ProtocolError: it is malformed.
        """
        labels = obj(inspected, "Config").get("Labels")
        created = int(seconds(inspected.get("Created")))
        found = cls.from_row({**inspected, "Created": created, "Labels": labels})
        return replace(found, raw=inspected)


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history.

    Attributes:
        id: of the image that it made; ``<missing>`` if it was made elsewhere.
        created: seconds since the epoch.
        created_by: the command that made it.
        size: bytes that it added.
        comment: what its author wrote.
        tags: the names of the image that it made.
        raw: the engine's own object.
    """

    id: str
    created: int = 0
    created_by: str = ""
    size: int = 0
    comment: str = ""
    tags: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Layer:
        """Read one row of the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "an image's history")
        return cls(
            id=image_id(identifier(row, "Id", "an image's history")),
            created=number(row, "Created"),
            created_by=text(row, "CreatedBy"),
            size=number(row, "Size"),
            comment=text(row, "Comment"),
            tags=texts(row.get("Tags")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class RemovedImages:
    """What the removal of an image did.

    Attributes:
        untagged: the names that are gone.
        deleted: the ids of the images whose content is gone.
    """

    untagged: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    @classmethod
    def from_answer(cls, answer: Any) -> RemovedImages:
        """Read the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        if not isinstance(answer or [], list):
            raise ProtocolError("the engine's answer is not a list of removed images")
        rows = objects(answer)
        return cls(
            tuple(text(row, "Untagged") for row in rows if row.get("Untagged")),
            tuple(image_id(text(row, "Deleted")) for row in rows if row.get("Deleted")),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a pull.

    Attributes:
        id: the layer that it is about, 12 digits; or the image's tag; empty for all of it.
        status: the engine's words, such as ``Downloading``.
        current: bytes of the layer that are done; ``None`` where the engine does not count.
        total: bytes of the layer; ``None`` where it is not known.
        raw: the engine's own object.
    """

    id: str = ""
    status: str = ""
    current: int | None = None
    total: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Progress:
        """Read one line of the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "the progress of a pull")
        detail = obj(row, "progressDetail")
        return cls(
            id=text(row, "id"),
            status=text(row, "status"),
            current=number(detail, "current") if "current" in detail else None,
            total=number(detail, "total") or None,
            raw=row,
        )
