"""Calls about images.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import quote

from hyper_jupyter.client.http.streaming import StreamingResponse
from hyper_jupyter.client.records import Image, Layer, Progress, Pruned, RemovedImages, split_tag
from hyper_jupyter.client.records.fields import image_id, obj, text
from hyper_jupyter.client.resources.advice import advise_about
from hyper_jupyter.client.resources.requests import (
    ContainerRequests,
    Filters,
    encode_filters,
    require_field,
    require_list,
)
from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.protocol.printable import printable

__all__ = ["ImageCalls"]

_PULL_PATIENCE: Final = 300.0
"""Seconds until an engine has to say something about a pull."""


class ImageCalls(ContainerRequests):
    """Calls about images."""

    def images(
        self,
        all: bool = False,  # noqa: A002 - the API's word
        *,
        filters: Filters | None = None,
    ) -> list[Image]:
        """List images, newest first.

        Args:
            all: include those that only other images consist of.
            filters: conditions, as the engine's API names them: ``{"reference": "busybox"}``,
                ``{"dangling": True}``, …
        """
        params = {"all": int(all), **encode_filters(filters)}
        rows = require_list(self.call("GET", "/images/json", params), "a list of images")
        return sorted((Image.from_row(row) for row in rows), key=lambda each: -each.created)

    def inspect_image(self, image: str) -> dict[str, Any]:
        """Return everything that the engine knows about an image.

        Raises:
            NotFound: there is no such image; the hint has similar names.
        """
        path = f"{image_path(image)}/json"
        with self._about_image(image):
            return self.call("GET", path).json_object()

    def history(self, image: str) -> list[Layer]:
        """List the steps that made an image, the last one first.

        Raises:
            NotFound: there is no such image; the hint has similar names.
        """
        path = f"{image_path(image)}/history"
        with self._about_image(image):
            reply = self.call("GET", path)
        rows = require_list(reply, "an image's history")
        return [Layer.from_row(row) for row in rows]

    def pull(
        self,
        image: str,
        *,
        platform: str | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Image:
        """Fetch an image from its registry. Blocks until it is there; Ctrl-C ends that.

        Args:
            image: its name, such as ``busybox``, ``busybox:1.36`` or ``quay.io/shop/web@sha256:…``;
                without a tag ``latest`` is meant. No login is sent: the registry must give the
                image to everybody, or the engine know the login.
            platform: such as ``linux/arm64``; ``None`` is the engine's own.
            on_progress: called with each step that the engine reports.

        Returns:
            The image.

        Raises:
            NotFound: the registry has no such image, or gives it to nobody without a login.
            ApiError: the engine could not fetch it; the text says why.
            ConnectionLost: the connection to the engine broke.
        """
        image_path(image)  # nothing else can be an image's name
        name, tag = split_tag(image)
        params = {"fromImage": name} if "@" in name else {"fromImage": name, "tag": tag or "latest"}
        if platform:
            params["platform"] = platform
        with self._pulling(image, params) as response:
            for line in response.values():
                step = Progress.from_row(line)
                if reason := _failure(line):
                    raise _pull_error(reason if name in reason else f"{image}: {reason}")
                if on_progress is not None:
                    on_progress(step)
        try:
            return Image.from_inspect(self.inspect_image(image))
        except NotFound as error:
            raise _pull_error(f"{image} was pulled, but is not there: {error}") from error

    def _pulling(self, image: str, params: Mapping[str, Any]) -> StreamingResponse:
        """Ask for a pull. An engine may answer only when it has news from the registry."""
        try:
            return self.stream("POST", "/images/create", params, timeout=_PULL_PATIENCE)
        except ApiError as error:
            if params["fromImage"] in error.message:
                raise
            # Engines without a way to the registry give the reason of the network alone.
            text = f"{image} could not be pulled: {error.message}"
            raise type(error)(error.status, text, hint=error.hint) from error

    def tag_image(self, image: str, repository: str, tag: str | None = None) -> None:
        """Give an image a further name.

        Args:
            image: its name or id.
            repository: the new name, with or without a tag: ``shop/web`` or ``shop/web:1.2``.
            tag: the new name's tag; ``None`` takes that of ``repository``, or ``latest``.

        Raises:
            NotFound: there is no such image; the hint has similar names.
            ApiError: the name is invalid.
        """
        name, own = split_tag(repository)
        params = {"repo": name, "tag": tag or own or "latest"}
        path = f"{image_path(image)}/tag"
        with self._about_image(image):
            self.call("POST", path, params)

    def remove_image(
        self, image: str, force: bool = False, *, keep_parents: bool = False
    ) -> RemovedImages:
        """Remove a name of an image, and with the last one the image.

        Args:
            image: its name or id.
            force: also if it has other names or containers that do not run.
            keep_parents: keep images without a name that it consisted of.

        Raises:
            Conflict: a container uses it.
            NotFound: there is no such image; the hint has similar names.
        """
        params = {"force": int(force), "noprune": int(keep_parents)}
        path = image_path(image)
        with self._about_image(image):
            reply = self.call("DELETE", path, params)
        return RemovedImages.from_answer(reply.json())

    def commit(
        self,
        container: str,
        repository: str | None = None,
        tag: str | None = None,
        *,
        message: str = "",
        author: str = "",
        changes: str | Sequence[str] = (),
        pause: bool = True,
    ) -> str:
        """Make an image of what a container's files are now. There is no time limit.

        Args:
            container: its name or id.
            repository: the image's name, with or without a tag; ``None`` is none.
            tag: the name's tag; ``None`` takes that of ``repository``, or ``latest``.
            message: what is new.
            author: whose work it is.
            changes: instructions of a Dockerfile, such as ``"CMD echo hi"`` or ``"ENV A=b"``.
            pause: let the container stand still meanwhile.

        Returns:
            The image's id.

        Raises:
            NotFound: there is no such container; the hint has similar names.
            ApiError: a name or a change is invalid.
        """
        name, own = split_tag(repository or "")
        lines = [changes] if isinstance(changes, str) else changes
        params = {
            "container": container,
            "repo": name,
            "tag": (tag or own or "latest") if name else "",
            "comment": message,
            "author": author,
            "pause": int(pause),
            "changes": "\n".join(lines),
        }
        given = {key: value for key, value in params.items() if value != ""}
        try:
            reply = self.call("POST", "/commit", given, body={}, wait=True)
        except NotFound as error:
            self._explain_missing(error, container)
            raise
        return image_id(printable(require_field(reply, "Id", str)))

    def prune_images(self, all: bool = False, *, filters: Filters | None = None) -> Pruned:  # noqa: A002 - the API's word
        """Remove images that no container uses.

        Args:
            all: also those that have a name.
            filters: conditions, as the engine's API names them: ``{"until": "24h"}``, …
        """
        wanted = {"dangling": not all, **(filters or {})}
        reply = self.call("POST", "/images/prune", encode_filters(wanted), wait=True)
        return Pruned.from_answer(reply.json(), "ImagesDeleted")

    def _about_image(self, image: str) -> AbstractContextManager[None]:
        return advise_about(
            "image",
            image,
            lambda: [tag for each in self.images() for tag in each.tags],
            in_use=f"%hyper ps -a -f ancestor={image} shows the containers that use it.",
        )


def image_path(image: str) -> str:
    """Return the path of an image in the engine's API. Its slashes stay: engines route by them.

    Raises:
        NotFound: nothing can be called so.
    """
    parts = image.split("/")
    if not image or any(part in ("", ".", "..") for part in parts):
        raise NotFound(404, f"No such image: {image}" if image else "no image was named")
    return "/images/" + quote(image, safe="/:@")


def _failure(line: Mapping[str, Any]) -> str:
    """Return what a line of a pull says about its failure; empty for any other line."""
    return text(line, "error") or text(obj(line, "errorDetail"), "message")


_MISSING: Final = re.compile(
    "manifest unknown|not found|does not exist|access denied|requested access|unauthorized",
    re.IGNORECASE,
)
"""Matches what engines say of an image that a registry does not have, or not for everybody."""


def _pull_error(message: str) -> ApiError:
    """Make the error of a pull. The engine has answered with 200 long before."""
    return NotFound(404, message) if _MISSING.search(message) else ApiError(500, message)
