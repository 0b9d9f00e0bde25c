"""Where a copy goes: the rules of ``docker cp``, in both directions.

Layer: client. Pure functions; any thread.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["Destination", "Source", "asserts_folder", "means_contents", "place_copy"]


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied.

    Attributes:
        name: its last part, which the copy keeps inside a folder that exists.
        is_folder: whether it is a folder; a link to one is not.
        contents: whether only what is in the folder is meant (``/data/.``).
    """

    name: str
    is_folder: bool
    contents: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where it is copied to.

    Attributes:
        path: as it was named, without links.
        exists: whether there is something.
        is_folder: whether that is a folder.
        must_be_folder: whether its name says so (``/data/``).
    """

    path: str
    exists: bool
    is_folder: bool
    must_be_folder: bool = False


def place_copy(source: Source, target: Destination) -> str:
    """Return the path that the copy of the source itself has.

    If only a folder's contents are meant, it is the path of the folder that they go to.

    Raises:
        HyperJupyterError: the source cannot go there.
    """
    path = target.path.rstrip("/") or "/"
    if target.exists and target.is_folder:
        return path if source.contents else posixpath.join(path, source.name)
    if target.exists and target.must_be_folder:
        raise HyperJupyterError(f"{path} is not a folder", hint="Leave out the slash at its end.")
    if target.exists and source.is_folder:
        raise HyperJupyterError(
            f"a folder cannot be copied to {path}, which is a file", hint="Name another target."
        )
    if target.must_be_folder and not source.is_folder:
        raise HyperJupyterError(
            f"there is no folder {path}", hint="Make it first, or leave out the slash at its end."
        )
    return path


def means_contents(path: str) -> bool:
    """Whether a path means what is in a folder: it ends with ``/.``, or is ``.`` or ``/``."""
    return path in (".", "/") or path.endswith("/.")


def asserts_folder(path: str) -> bool:
    """Whether a path says that it is a folder."""
    return path.endswith("/") or means_contents(path)
