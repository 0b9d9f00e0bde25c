"""Where the figures come from: the machine, and the versions of everything that was measured."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

from benchmarks.part import Missing, Options, docker_engine, table

PACKAGES = (
    "hyper_jupyter",
    "docker",
    "aiodocker",
    "jupyterlab",
    "ipykernel",
    "ipywidgets",
    "playwright",
    "pandas",
    "polars",
    "pyarrow",
)


def describe(options: Options) -> str:
    """Return a table of machine, versions and date."""
    rows = [
        ("date", f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"),
        ("processor", f"{_processor()}, {len(os.sched_getaffinity(0))} usable"),
        ("memory", _memory()),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("load when it began", f"{os.getloadavg()[0]:.2f}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Docker Engine", _engine(options)),
        ("Docker command line", _first_line("docker", "--version")),
        ("Chromium", _first_line("chromium", "--version")),
        *((name, _version(name)) for name in PACKAGES),
    ]
    return table(("what", "which"), rows)


def _processor() -> str:
    models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{models[0] if models else platform.machine()} x {os.cpu_count()}"


def _memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 1024**3:.1f} GiB"


def _engine(options: Options) -> str:
    try:
        return docker_engine(options).version
    except Missing:
        return "none"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "none"
    return done.stdout.strip().partition("\n")[0] or "none"
