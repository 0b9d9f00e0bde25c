"""An engine that requires signatures, and a client that signs."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.protocol import sign
from tests.engine.driver import Engine, Reply, Stream, UnixConnection, start_engine
from tests.recorded import KEYS, REGION

PAIR: Final = "AKFAKE:SKFAKE"

WEB: Final = 'while read l; do [ "$l" = bye ] && exit 7; echo "o:$l"; echo "e:$l" >&2; done'
"""The program of the container that was recorded."""


class SignedEngine(Engine):
    """An engine to talk to with signed requests; `changes` spoil what is sent."""

    def __init__(self, path: str, process: subprocess.Popen[bytes]) -> None:
        super().__init__(path, process)
        self.date: str | None = None

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        sent_body: bytes | None = None,
        without: str = "",
        **changes: Any,
    ) -> tuple[int, str, str]:
        """Status, content type and text of the answer."""
        fields = self.signed(method, target, body, headers or {}, **changes)
        fields = {name: value for name, value in fields.items() if name != without}
        connection = UnixConnection(self.path)
        try:
            connection.request(method, target, body if sent_body is None else sent_body, fields)
            response = connection.getresponse()
            kind = response.headers.get("Content-Type", "")
            return response.status, kind, response.read().decode()
        finally:
            connection.close()

    def signed(
        self, method: str, target: str, body: bytes, headers: dict[str, str], **changes: Any
    ) -> dict[str, str]:
        date = self.date or datetime.now(UTC)
        options = {**KEYS, "region": REGION, "date": date, **changes}
        fields = {"Host": "engine", **headers}
        return fields | sign(method, target, fields, body, **options)

    def call(self, method: str, path: str, body: Any = None, *, prefix: str | None = None) -> Any:
        """As an :class:`Engine`'s, signed."""
        target = (self.prefix if prefix is None else prefix) + path
        content = b"" if body is None else json.dumps(body).encode()
        fields = self.signed(method, target, content, {})
        connection = UnixConnection(self.path)
        try:
            connection.request(method, target, content, fields)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def sent(self, data: bytes) -> Stream:
        connected = self.dial()
        connected.sendall(data)
        return Stream(connected)


@contextmanager
def signed_engine() -> Iterator[SignedEngine]:
    """An engine that requires signatures of AKFAKE, by the real clock, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        started = start_engine(Path(folder) / "s", "--require-signature", PAIR)
        assert started.process is not None
        engine = SignedEngine(started.path, started.process)
        engine.prefix = "/v1.23"
        try:
            yield engine
        finally:
            engine.hang_up()
            assert engine.stop() == 0
