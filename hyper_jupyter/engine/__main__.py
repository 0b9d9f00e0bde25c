"""Run the embedded engine: ``python -m hyper_jupyter.engine --socket PATH``.

Layer: engine. Runs the event loop in the main thread; at its end all containers end.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hyper_jupyter.engine.http.guard import FROM_ENVIRONMENT, Guard, NoKeys, key_pair
from hyper_jupyter.engine.program.descendants import kill_descendants
from hyper_jupyter.engine.program.lifeline import Lifeline
from hyper_jupyter.engine.program.limit import raise_limit
from hyper_jupyter.engine.program.spawner import Spawner
from hyper_jupyter.engine.server import Server, SocketRefused
from hyper_jupyter.protocol import DEFAULT_REGION


async def serve(
    path: Path,
    lifeline: int | None = None,
    parent: int | None = None,
    guard: Guard | None = None,
    spawner: Spawner | None = None,
) -> None:
    """Serve until a signal or the end of the owner, then kill all containers and remove the socket.

    Args:
        path: of the socket.
        lifeline: a pipe's read end; its end means that the owner is gone.
        parent: the owner's pid.
        guard: accepts signed requests; ``None`` accepts all.
        spawner: starts the programs; ``None`` if this process does.

    Raises:
        SocketRefused: the path cannot be used.
    """
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    server = Server(path, guard, spawner)
    owner = Lifeline(ending.set)
    try:
        if lifeline is not None:
            owner.watch_pipe(lifeline)
        if parent is not None:
            owner.watch_process(parent)
        await server.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await ending.wait()
    finally:
        server.close(with_folder=lifeline is not None)
        kill_descendants(server.store.process_groups())
        owner.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0; 2 if the socket cannot be made, or there are no keys; 1 for any other
        error of the system.
    """
    parser = argparse.ArgumentParser(
        prog="python -m hyper_jupyter.engine",
        description="Docker's HTTP API over processes of this machine. It is not a sandbox.",
    )
    parser.add_argument(
        "--socket", type=Path, required=True, metavar="PATH", help="where to listen"
    )
    parser.add_argument(
        "--lifeline",
        type=int,
        metavar="FD",
        help="end when this inherited pipe has no writers",
    )
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process is gone")
    parser.add_argument(
        "--require-signature",
        nargs="?",
        const=FROM_ENVIRONMENT,
        metavar="ACCESS:SECRET",
        help="refuse requests that are not signed with these keys, as a Hyper endpoint does. Other "
        "users of this machine can read a command line: @PATH names a file with the pair, and "
        "without a value it is taken from HYPER_ACCESS and HYPER_SECRET",
    )
    parser.add_argument(
        "--region",
        default=DEFAULT_REGION,
        help="the region that signatures are for (%(default)s)",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(format="hyper engine: %(levelname)s: %(message)s", level=logging.WARNING)
    raise_limit()
    guard, keys = None, options.require_signature
    try:
        if keys is not None:
            guard = Guard(key_pair(keys), options.region)
        spawner = Spawner() if Spawner.is_available() else None  # before the loop's descriptors
        path = options.socket.absolute()
        asyncio.run(serve(path, options.lifeline, options.parent, guard, spawner))
    except (SocketRefused, NoKeys) as refused:
        sys.stderr.write(f"hyper engine: {refused}\n")
        return 2
    except (BrokenPipeError, OSError) as error:
        sys.stderr.write(f"hyper engine: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # do not wait for what is left, such as a stream to a stalled client
