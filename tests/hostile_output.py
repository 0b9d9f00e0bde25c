"""Output that a container might have in mind to do harm: ``vectors/hostile_output.json``.

Runs in tests and in the kernels of browser tests.
"""

from __future__ import annotations

import json
from pathlib import Path


def corpus() -> dict[str, bytes]:
    """The outputs by name."""
    vectors = Path(__file__).with_name("vectors") / "hostile_output.json"
    found = json.loads(vectors.read_text("utf-8"))["output"]
    return {
        name: b"".join(
            (part if isinstance(part, str) else part[0] * part[1]).encode("latin-1")
            for part in parts
        )
        for name, parts in found.items()
    }
