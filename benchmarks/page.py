"""What a user sees in a browser: keypress to screen, and a million lines.

It uses this interpreter's JupyterLab with stock settings, a headless Chromium, and the page's own
clock. ``python -m benchmarks.page --only keypress --keys 40`` runs one of the two parts.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.util
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import flood, keypress
from benchmarks.part import Missing, Options, docker_engine, parser
from tests.browser import chromium
from tests.browser.front_ends import OPTIONS, silence
from tests.jupyter_server import JupyterServer, Settings, jupyter_server

SCRIPT: Final = Path(__file__).with_suffix(".js")
RATES: Final = (5.0, 15.0)
"""Keys per second: an average person, and a fast typist."""

REMOTE: Final = "--ServerApp.allow_remote_access=True"
EXTENSION: Final = "--ServerApp.jpserver_extensions={'hyper_jupyter.server': True}"


@contextlib.contextmanager
def jupyter_pages(
    *flags: str, elsewhere: bool = False
) -> Iterator[tuple[JupyterServer, Callable[[], Any]]]:
    """Start a fresh JupyterLab and a fresh browser.

    Args:
        flags: further arguments for the server.
        elsewhere: make the browser take the server for one on another machine.

    Returns:
        The server, and a function that opens pages which measure themselves.

    Raises:
        Missing: this machine has no JupyterLab, no playwright or no Chromium.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise Missing("no package jupyterlab")
    # Server and browser are in process sessions of their own: at SIGTERM we have to end them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        settings = Settings(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        settings.env["SHELL"] = "/bin/sh"
        silence(settings)
        try:
            browser = stack.enter_context(chromium.chromium())
        except chromium.Missing as missing:
            raise Missing(str(missing)) from missing
        server = stack.enter_context(jupyter_server(settings, *OPTIONS, *flags, REMOTE))
        if elsewhere:
            there = server.url.replace("127.0.0.1", chromium.ELSEWHERE)
            server = dataclasses.replace(server, url=there)

        def new_page() -> Any:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(60_000)
            page.add_init_script(path=SCRIPT)
            return page

        yield server, new_page


def keypress_section(
    engine: str,
    *,
    keys: int,
    rounds: int,
    rates: Sequence[float] = RATES,
    seed: int = 1,
    extension: bool = False,
    elsewhere: bool = False,
) -> str:
    """Measure keypress to screen at one or more speeds; return the section, as Markdown."""
    found = []
    for rate in rates:
        flags = [EXTENSION] if extension else []
        with jupyter_pages(*flags, elsewhere=elsewhere) as (server, new_page):
            ours, theirs = keypress.measure(
                server, new_page(), engine=engine, keys=keys, rounds=rounds, rate=rate, seed=seed
            )
            found.append((rate, ours, theirs))
    which = "with `hyper_jupyter.server`" if extension else "a stock server"
    where = "Docker" if engine.startswith("unix:") else f"`{engine}`"
    page = "a page elsewhere" if elsewhere else "a page on the kernel's machine"
    title = f"## Keypress to screen, {which}, {page}, {where}"
    return f"{title}\n\n{keypress.report(found)}\n\n{load()}"


def flood_section(
    engine: str,
    *,
    lines: int,
    rounds: int,
    extension: bool = False,
    ways: Sequence[flood.Way] = flood.WAYS,
) -> str:
    """Measure a million lines, shown in four ways; return the section, as Markdown."""
    with jupyter_pages(*([EXTENSION] if extension else [])) as (server, new_page):
        found = flood.measure(
            server, new_page, engine=engine, lines=lines, rounds=rounds, ways=ways
        )
    where = "Docker" if engine.startswith("unix:") else f"`{engine}`"
    title = f"## `seq 1 {lines}` on the screen, {where}"
    return f"{title}\n\n{flood.report(found)}\n\n{load()}"


def load() -> str:
    """Return how busy the machine was, including the work of the browser and the servers."""
    return f"Load over the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores."


def section(options: Options) -> str:
    """Return all of it, as Markdown.

    Output that an engine holds back while nothing reads it shows only on a Docker Engine.
    """
    engine = options.engine or "local:"
    keys, rates = (20, RATES[:1]) if options.quick else (100, RATES)
    rounds = options.times(5, 2)
    parts = [keypress_section(engine, keys=keys, rounds=rounds, rates=rates)]
    lines = 100_000 if options.quick else 1_000_000
    if not options.quick:
        parts += [
            keypress_section(
                engine, keys=keys, rounds=rounds, rates=rates, extension=extension, elsewhere=True
            )
            for extension in (False, True)
        ]
    parts.append(flood_section(engine, lines=lines, rounds=options.times(2, 1)))
    if engine == "local:" and not options.quick:
        with contextlib.suppress(Missing):
            docker = docker_engine(options).url
            rivals = flood.WAYS[:2]
            parts.append(flood_section(docker, lines=lines, rounds=2, ways=rivals))
    return "\n\n".join(parts)


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__)
    arguments.add_argument("--only", choices=["keypress", "flood"], help="one of the two parts")
    arguments.add_argument("--keys", type=int, default=100, help="keys in each shell")
    arguments.add_argument("--rate", type=float, nargs="+", default=RATES, metavar="KEYS/S")
    arguments.add_argument("--seed", type=int, default=1, help="of the keys and their moments")
    arguments.add_argument("--lines", type=int, default=1_000_000, help="of the flood")
    arguments.add_argument(
        "--server-extension", action="store_true", help="enable hyper_jupyter.server"
    )
    arguments.add_argument(
        "--elsewhere", action="store_true", help="type on a page that takes no link of its own"
    )
    try:
        for text in sections(arguments.parse_args()):
            print(f"{text}\n", flush=True)
    except Missing as missing:
        sys.exit(f"not measured: {missing}")


def sections(chosen: argparse.Namespace) -> Iterator[str]:
    """Return the sections that the command line asks for."""
    engine = chosen.engine or "local:"
    if chosen.only != "flood":
        yield keypress_section(
            engine,
            keys=20 if chosen.quick else chosen.keys,
            rounds=chosen.rounds or 4,
            rates=chosen.rate,
            seed=chosen.seed,
            extension=chosen.server_extension,
            elsewhere=chosen.elsewhere,
        )
    if chosen.only != "keypress":
        yield flood_section(
            engine,
            lines=100_000 if chosen.quick else chosen.lines,
            rounds=chosen.rounds or 1,
            extension=chosen.server_extension,
        )


if __name__ == "__main__":
    main()
