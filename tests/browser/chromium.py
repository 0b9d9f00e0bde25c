"""A headless Chromium of this machine, for the browser tests and the benchmarks.

Knows no pytest: what is not there is a :class:`Missing`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ELSEWHERE: Final = "lab.example.org"

FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A name that is not this machine's own, for pages that seem to come from elsewhere.
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
    f"--unsafely-treat-insecure-origin-as-secure=*.{ELSEWHERE.partition('.')[2]}",
]


class Missing(Exception):
    """This machine lacks the package or the program; the text says which."""


def offline(page: Any) -> None:
    """Cut a page off the network: what it asks for fails at once, without a look-up."""
    page.route(re.compile("^https?:"), lambda route: route.abort())


@contextlib.contextmanager
def chromium(profile: Path | None = None, **options: Any) -> Iterator[Any]:
    """Playwright's browser; its event loop runs in the caller's thread until the end.

    Args:
        profile: a folder in which Chromium keeps what it has fetched and compiled, for the next
            one that is given it. Then this is the browser's only context.
        options: of that context.

    Raises:
        Missing: there is no playwright, or no Chromium.
    """
    if importlib.util.find_spec("playwright") is None:
        raise Missing("browser tests need the package playwright")
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    program = os.environ.get("HYPER_JUPYTER_TEST_CHROMIUM") or next(filter(None, found), None)
    if program is None:
        raise Missing("browser tests need chromium in the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chosen = {"executable_path": program, "args": FLAGS}
        if profile is None:
            launched = playwright.chromium.launch(**chosen)
        else:
            launched = playwright.chromium.launch_persistent_context(profile, **chosen, **options)
        yield launched
        launched.close()
