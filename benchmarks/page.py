"""What a user sees in a browser: keypress to screen, and a million lines.

A real JupyterLab of this interpreter with stock settings, a headless Chromium, and the page's own
clock. ``python -m benchmarks.page --only keypress --keys 40`` runs one of the two parts.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks import keypress
from benchmarks.part import Missing, Options, parser
from tests.browser import lab as browser_lab

SCRIPT: Final = Path(__file__).with_suffix(".js")
EXTENSION: Final = "--ServerApp.jpserver_extensions={'hyper_jupyter.server': True}"


@contextlib.contextmanager
def jupyter_page(*flags: str) -> Iterator[tuple[browser_lab.JupyterLab, Any]]:
    """A fresh JupyterLab and a page of a fresh browser that measures itself.

    Raises:
        Missing: this machine has no JupyterLab, no playwright or no Chromium.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            lab = stack.enter_context(
                browser_lab.start_jupyterlab(folder, *flags, environment={"SHELL": "/bin/sh"})
            )
            browser = stack.enter_context(browser_lab.chromium())
        except browser_lab.Missing as missing:
            raise Missing(str(missing)) from missing
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        page.add_init_script(path=SCRIPT)
        yield lab, page


def keypress_section(
    engine: str, *, keys: int, rounds: int, rates: tuple[float, ...], seed: int, extension: bool
) -> str:
    """Keypress to screen at one or more speeds of typing."""
    found = []
    flags = [EXTENSION] if extension else []
    for rate in rates:
        with jupyter_page(*flags) as (lab, page):
            ours, theirs = keypress.measure(
                lab, page, engine=engine, keys=keys, rounds=rounds, rate=rate, seed=seed
            )
            found.append((rate, ours, theirs))
    server = "with `hyper_jupyter.server`" if extension else "a stock server"
    return f"## Keypress to screen, {server}, `{engine}`\n\n{keypress.report(found)}"


def section(options: Options) -> str:
    """All of it."""
    return keypress_section(
        options.engine or "local:",
        keys=20 if options.quick else 100,
        rounds=options.times(5, 2),
        rates=(5,) if options.quick else (5, 15),
        seed=1,
        extension=False,
    )


def main() -> None:
    """The command line."""
    arguments = parser(__doc__)
    arguments.add_argument("--only", choices=["keypress"], help="one part")
    arguments.add_argument("--keys", type=int, default=100, help="keys in each shell")
    arguments.add_argument("--rate", type=float, nargs="+", default=[5, 15], metavar="KEYS/S")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument(
        "--server-extension", action="store_true", help="enable hyper_jupyter.server"
    )
    print(run(arguments.parse_args()))


def run(chosen: argparse.Namespace) -> str:
    """What the command line asks for."""
    try:
        return keypress_section(
            chosen.engine or "local:",
            keys=20 if chosen.quick else chosen.keys,
            rounds=chosen.rounds or 4,
            rates=tuple(chosen.rate),
            seed=chosen.seed,
            extension=chosen.server_extension,
        )
    except Missing as missing:
        sys.exit(f"not measured: {missing}")


if __name__ == "__main__":
    main()
