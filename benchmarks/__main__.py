"""Runs all parts, prints their tables and writes them to ``benchmarks/RESULTS.md``.

With ``--quick`` or ``--only`` the file stays as it is, unless ``--write`` is also given.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.part import Missing, Options, parser, progress

PARTS = (
    "demultiplex",
    "volume",
    "frames",
    "log_table",
    "growth",
    "idle",
    "embedded",
    "replay",
    "gil",
    "first_line",
    "reload",
    "page",
    "load",
)
PREFACE = (
    "Written by `make bench`. Figures of one row were measured side by side in one run; ratios are "
    "medians over its rounds. Times on other machines will differ, ratios less so."
)
RESULTS = Path(__file__).with_name("RESULTS.md")


def run(name: str, options: Options) -> str:
    """Run one part and return its Markdown; if it cannot run here, one line says why."""
    progress(f"{name} …")
    began = time.monotonic()
    try:
        text = importlib.import_module(f"benchmarks.{name}").section(options).strip()
    except (Missing, ModuleNotFoundError) as missing:
        text = f"## {name}\n\nNot measured: {missing}."
    progress(f"{name}: {time.monotonic() - began:.0f} s")
    return str(text)


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__)
    arguments.add_argument("--only", metavar="PART,…", help=f"some of {', '.join(PARTS)}")
    arguments.add_argument("--write", action="store_true", help=f"write {RESULTS.name} in any case")
    chosen = arguments.parse_args()
    names = chosen.only.split(",") if chosen.only else PARTS
    unknown = set(names) - set(PARTS)
    if unknown:
        arguments.error(f"no such part: {', '.join(sorted(unknown))}")
    options = Options(chosen.quick, chosen.rounds, chosen.engine)
    pieces = [
        "# Benchmarks",
        PREFACE,
        describe(options),
    ]
    if options.quick:
        pieces.insert(2, "A quick run: less data and fewer rounds, so the figures are rough.")
    print("\n\n".join(pieces), flush=True)
    for name in names:
        pieces.append(run(name, options))
        print(f"\n{pieces[-1]}", flush=True)
    if chosen.write or not (chosen.quick or chosen.only):
        RESULTS.write_text("\n\n".join(pieces) + "\n")
        print(f"Written to {RESULTS}.", file=sys.stderr)


if __name__ == "__main__":
    main()
