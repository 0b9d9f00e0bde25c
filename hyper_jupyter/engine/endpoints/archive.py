"""Files of a container, which are this machine's: copied out and in as tar archives.

Layer: engine. Event loop only. A path is taken as Docker takes it: from ``/``, whether it begins
with a slash or not.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import json
import logging
import os
import stat
from pathlib import Path
from typing import Final

from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from hyper_jupyter.engine.http.routes import Answer, Routes
from hyper_jupyter.engine.machine.archive import BadArchive, describe, pack, unpack
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["add_archive"]

STAT_HEADER: Final = "X-Docker-Container-Path-Stat"

_log: Final = logging.getLogger(__name__)


def add_archive(routes: Routes, store: Store) -> None:
    """Add the routes."""
    archives = _Archives(store)
    routes.add("HEAD", "/containers/{}/archive", archives.describe)
    routes.add("GET", "/containers/{}/archive", archives.copy_out)
    routes.add("PUT", "/containers/{}/archive", archives.copy_in)


class _Archives:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def describe(self, request: Request, reference: str) -> Response:
        _, path = self._find(request, reference)
        return Response(200, None, _stat_header(path, reference))

    async def copy_out(self, request: Request, reference: str) -> Answer:
        container, path = self._find(request, reference)
        headers = _stat_header(path, reference)
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode):  # else the archive would break off
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError as error:
            raise _as_answer(error, path, reference) from error
        container.publish("archive-path")

        async def produce(send: Send) -> None:
            try:
                for piece in pack(path):
                    await send(piece)
            except ConnectionError:
                raise
            except OSError as error:
                _log.warning("copying from %s: %s", path, error)
                # The answer has begun: its missing end is what can still be said.
                raise ConnectionAbortedError(str(error)) from error

        return Streamed(produce, "application/x-tar", headers=headers)

    async def copy_in(self, request: Request, reference: str) -> Response:
        container, path = self._find(request, reference)
        assert request.file is not None
        try:
            _check_folder(path)
            steps = unpack(
                request.file,
                path,
                keep_owners=request.flag("copyUIDGID"),
                keep_kinds=request.flag("noOverwriteDirNonDir"),
            )
            for _ in steps:
                await asyncio.sleep(0)
        except BadArchive as bad:
            raise ApiError(500, str(bad)) from bad
        except OSError as error:
            raise _as_answer(error, path, reference) from error
        container.publish("extract-to-dir")
        return Response(200)

    def _find(self, request: Request, reference: str) -> tuple[Container, str]:
        path = request.text("path")
        if not path:
            raise ApiError(400, "bad parameter: pathcannot be empty")
        if "\0" in path:
            raise ApiError(400, "bad parameter: path has a zero byte")
        return self._store.find(reference), "/" + path.lstrip("/")


def _check_folder(path: str) -> None:
    if not stat.S_ISDIR(Path(path).stat().st_mode):
        raise ApiError(500, "extraction point is not a directory")


def _stat_header(path: str, reference: str) -> dict[str, str]:
    try:
        described = json.dumps(describe(path)).encode()
    except OSError as error:
        raise _as_answer(error, path, reference) from error
    return {STAT_HEADER: base64.b64encode(described).decode("ascii")}


def _as_answer(error: OSError, path: str, reference: str) -> ApiError:
    if error.errno == errno.ENOENT and error.filename in (path, None):
        return NotFound(404, f"Could not find the file {path[:300]} in container {reference[:300]}")
    reason = (error.strerror or str(error)).lower()
    refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    return ApiError(403 if refused else 500, f"{error.filename or path}: {reason}")
