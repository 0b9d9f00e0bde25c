"""One target under atheris, which keeps inputs that reach new code: ``python -m tests.fuzz.guided
TARGET INPUTS FOLDER``.

A process of its own, because libFuzzer ends it. An input that raises what is not ours is in its
last lines, behind the traceback. What reaches new code is kept in the folder.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hyper_jupyter", "h11", "websockets"]):
    from hyper_jupyter.exceptions import HyperJupyterError
    from tests.fuzz.targets import TARGETS
from tests.fuzz.mutation import changed

MOST_PIECES = 4
LONGEST = 8192
"""Bytes of an input."""


def main() -> None:
    name, count, folder = sys.argv[1:]
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        Path(folder, str(number)).write_bytes(bytes(MOST_PIECES) + seed)

    def one(data: bytes) -> None:
        # The first bytes say where the rest is cut.
        cuts, rest = data[:MOST_PIECES], data[MOST_PIECES:]
        edges = [0, *sorted(cut * len(rest) // 255 for cut in cuts), len(rest)]
        with contextlib.suppress(HyperJupyterError):
            target.read([rest[start:stop] for start, stop in itertools.pairwise(edges)])

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        # Bits and bytes are libFuzzer's to change; it knows nothing of JSON and of our tokens.
        if seed % 2:
            return atheris.Mutate(data, size)
        cuts, rest = data[:MOST_PIECES], data[MOST_PIECES:]
        return (cuts + changed(rest, target.seeds, seed))[:size]

    options = [f"-runs={count}", f"-max_len={LONGEST}", "-seed=1", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, folder], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
