"""Runs an engine that requires signatures and whose clock stands still, as a process of its own.

Arguments: the socket, the key pair ACCESS:SECRET, the time as YYYYMMDDTHHMMSSZ. So requests that
were recorded can be sent as they were, byte by byte.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from hyper_jupyter.engine.__main__ import serve
from hyper_jupyter.engine.http.guard import Guard, key_pair

if __name__ == "__main__":
    path, keys, text = sys.argv[1:]
    time = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    asyncio.run(serve(Path(path), guard=Guard(key_pair(keys), clock=lambda: time)))
