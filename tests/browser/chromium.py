"""A headless Chromium, for the browser tests and the benchmarks. Knows no pytest."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import Any, Final

CHROMIUM_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Missing(Exception):
    """This machine lacks a program or package; the text says which."""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium of this machine.

    No longer than needed: playwright keeps an event loop running in the caller's thread.

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
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()
