"""What the published hyper command line sent, from vectors/hyper_cli.json, request by request."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

KEYS: Final = {"access_key": "AKFAKE", "secret_key": "SKFAKE"}
REGION: Final = "us-west-1"
TIME: Final = "20261123T170722Z"
"""In the middle of the recording, which took seven seconds."""

_FILE: Final = Path(__file__).parent / "vectors" / "hyper_cli.json"
EMPTY_CHUNKS: Final = b"0\r\n\r\n"


@dataclass(frozen=True)
class Recorded:
    """One request, and how Docker 20.10 answered it.

    Attributes:
        run: what the command was.
        raw: head and body, as they were sent.
        behind: what followed on the same connection and is no request: stdin.
        status: of the answer; 200 where the recording ends before it.
    """

    run: str
    raw: bytes
    behind: bytes
    status: int

    @property
    def method(self) -> str:
        return self.raw.split(b" ")[0].decode()

    @property
    def target(self) -> str:
        return self.raw.split(b" ")[1].decode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    @property
    def body(self) -> bytes:
        """Without its framing."""
        body = self.raw.partition(b"\r\n\r\n")[2]
        return b"" if body == EMPTY_CHUNKS else body

    def __str__(self) -> str:
        return f"{self.run}: {self.method} {self.target.split('?')[0]}"


def runs() -> dict[str, dict[str, Any]]:
    """The recording, by the name of the run."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    return {run["name"]: run for run in content["runs"]}


def requests() -> list[Recorded]:
    """Every request of every run, in order."""
    return [
        request
        for name, run in runs().items()
        for connection in run["connections"]
        for request in _requests(name, connection)
    ]


def _requests(run: str, connection: dict[str, Any]) -> Iterator[Recorded]:
    rest = base64.b64decode(connection["client_sent_base64"])
    answers = connection["docker_20_10_answered_text"].split("HTTP/1.1 ")[1:]
    while b" HTTP/1.1\r\n" in rest:
        head, separator, rest = rest.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        length = int(fields.get("Content-Length", "0"))
        if fields.get("Transfer-Encoding") == "chunked":
            assert rest.startswith(EMPTY_CHUNKS)
            length = len(EMPTY_CHUNKS)
        raw, rest = head + separator + rest[:length], rest[length:]
        behind = b"" if b" HTTP/1.1\r\n" in rest else rest
        # Long answers were cut when they were recorded; those behind them were 200 too.
        yield Recorded(run, raw, behind, int(answers.pop(0)[:3]) if answers else 200)
