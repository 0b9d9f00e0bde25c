"""Execs: create, start, resize, inspect.

Layer: engine. Event loop only.
"""

from __future__ import annotations

from typing import Any, Final

from hyper_jupyter.engine.config.spec import (
    check_env,
    check_folder,
    check_user,
    parse_size,
)
from hyper_jupyter.engine.containers.attachment import Attachment, AttachOptions
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.inspection import inspect_exec
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.containers import parse_dimensions
from hyper_jupyter.engine.endpoints.streams import parse_keys, serve, upgraded_head
from hyper_jupyter.engine.endpoints.system import engine_headers
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import HIJACKED, Answer, Routes
from hyper_jupyter.engine.program.launch import CommandFailed
from hyper_jupyter.exceptions import ApiError, Conflict
from hyper_jupyter.protocol import StreamType, encode_frame

__all__ = ["add_execs"]

RESIZE_WAIT: Final = 10.0
"""Seconds that a resize waits for the start, as in moby."""


def add_execs(routes: Routes, store: Store) -> None:
    """Add the routes."""
    execs = _Execs(store)
    routes.add("POST", "/containers/{}/exec", execs.create)
    routes.add("POST", "/exec/{}/start", execs.start)
    routes.add("POST", "/exec/{}/resize", execs.resize)
    routes.add("GET", "/exec/{}/json", execs.inspect)


class _Execs:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: Request, reference: str) -> Response:
        body = request.json()
        container = self._store.find(reference)
        argv = body.get("Cmd")
        if (
            not isinstance(argv, list)
            or not argv
            or not all(isinstance(each, str) and "\0" not in each for each in argv)
        ):
            raise ApiError(400, "No exec command specified")
        container.check_running(f"container {container.id} is not running")
        if container.status == "paused":
            raise Conflict(
                409,
                f"container {container.id} is paused, unpause the container before exec",
            )
        user, folder = body.get("User") or "", body.get("WorkingDir") or ""
        # Go reads names in any case, and clients have come to rely on it for this one.
        keys = body.get("DetachKeys") or body.get("detachKeys") or ""
        env = body.get("Env") or []
        if not (
            isinstance(user, str)
            and isinstance(folder, str)
            and isinstance(keys, str)
            and isinstance(env, list)
            and all(isinstance(each, str) for each in env)
        ):
            raise ApiError(400, "invalid request body")
        check_user(user)
        check_folder(folder)
        tty = bool(body.get("Tty"))
        stdin = bool(body.get("AttachStdin"))
        chosen = parse_keys(keys)
        command = container.spec.exec_command(
            container.mark,
            argv,
            env=check_env(tuple(env)),
            folder=folder,
            tty=tty,
            stdin=stdin,
            size=parse_size(body.get("ConsoleSize")),
        )
        execution = self._store.create_exec(
            container,
            command,
            stdin=stdin,
            stdout=bool(body.get("AttachStdout")),
            stderr=bool(body.get("AttachStderr")),
            keys=chosen if tty and stdin else b"",
            asked_keys=chosen if keys else b"",
        )
        return Response(201, {"Id": execution.id})

    async def start(self, request: Request, reference: str) -> Answer:
        body = request.json()
        execution = self._store.find_exec(reference)
        if execution.begun:
            raise Conflict(409, f"Error: Exec command {execution.id} has already run")
        container = self._store.container_of(execution)
        container.check_running(f"container {container.id} is not running")
        if container.status == "paused":
            raise Conflict(409, f"container {container.id} is paused, unpause the container")
        if body.get("Detach"):
            try:
                execution.start(self._store.reaper)
            except CommandFailed as failure:
                status = 500 if failure.exhausted else 400
                raise ApiError(status, _failure_text(failure)) from failure
            execution.discard_output()
            return Response(200)
        return await self._serve(request, execution, body)

    async def _serve(self, request: Request, execution: Exec, body: dict[str, Any]) -> Answer:
        framed = not body.get("Tty")  # moby uses the start request's, not the create request's
        streams = {1: execution.stdout, 2: execution.stderr}
        options = AttachOptions(
            streams=[number for number, wanted in streams.items() if wanted],
            stdin=execution.stdin,
            stream=True,
            logs=True,
            framed=framed,
            once=not execution.command.tty,
            keys=execution.keys,
        )
        client = request.hijack()
        attachment = Attachment(client, execution.run, options)
        head = upgraded_head(
            request,
            framed=framed,
            extra="".join(f"{name}: {value}\r\n" for name, value in engine_headers().items()),
        )
        try:
            execution.start(self._store.reaper)
        except CommandFailed as failure:
            text = (_failure_text(failure) + "\r\n").encode("utf-8", "backslashreplace")
            attachment.close()
            try:
                await client.send(head)
                await client.send(encode_frame(StreamType.STDOUT, text) if framed else text)
            except ConnectionError:
                return HIJACKED
        else:
            try:
                await serve(request, client, head, attachment)
            finally:
                execution.discard_output()
        await client.close()
        return HIJACKED

    async def resize(self, request: Request, reference: str) -> Response:
        height, width = parse_dimensions(request)
        execution = self._store.find_exec(reference)
        if not await execution.wait_started(RESIZE_WAIT):
            raise ApiError(500, "timeout waiting for exec session ready")
        if not execution.running or execution.run.process is None:
            raise Conflict(409, "cannot resize a stopped exec")
        execution.run.process.resize(height, width)
        return Response(200)

    async def inspect(self, _: Request, reference: str) -> Response:
        return Response(200, inspect_exec(self._store.find_exec(reference)))


def _failure_text(failure: CommandFailed) -> str:
    return f"OCI runtime exec failed: exec failed: unable to start container process: {failure}"
