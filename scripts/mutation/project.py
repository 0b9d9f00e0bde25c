"""What is mutated: the files of a package, and the tests that mirror each of them.

Reads the names of files only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Project", "UnknownPath"]


class UnknownPath(Exception):
    """A path or a layer that the package does not have."""


@dataclass(frozen=True)
class Project:
    """A source tree.

    Attributes:
        root: its folder.
        package: the folder of its source, and the name to import it by.
        others: for a layer, the tests outside of its own folder that are about it too.
    """

    root: Path
    package: str
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def files(self, paths: Sequence[str] = (), layers: Sequence[str] = ()) -> list[str]:
        """Return the source files to choose from, relative to the root, sorted.

        Args:
            paths: files or folders of the package, absolute or relative to the root.
            layers: names of folders or modules right below the package. Without any path or
                layer: the whole package.

        Raises:
            UnknownPath: the package has no such thing.
        """
        source = self.root / self.package
        chosen = [self.root / path for path in paths]
        for layer in layers:
            folder, module = source / layer, source / f"{layer}.py"
            chosen.append(folder if folder.is_dir() else module)
        found: set[Path] = set()
        for path in chosen or [source]:
            inside = path.is_relative_to(source)
            files = [path] if path.suffix == ".py" and path.is_file() else [*path.rglob("*.py")]
            if not inside or not files:
                raise UnknownPath(f"{self.package} has no source at {path}")
            found.update(files)
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def steps(self, path: str) -> list[str]:
        """Return the tests that mirror a source file, the nearest first.

        For ``package/session/rules/plan.py`` that is ``tests/session/rules/test_plan.py``,
        ``tests/session/rules`` and ``tests/session``, as far as they exist; never all of
        ``tests``.
        """
        _, *folders, module = Path(path).with_suffix("").parts
        found = [place for place in _mirrors(folders, module) if (self.root / place).exists()]
        layer = folders[0] if folders else module
        return [*found, *(place for place in self.others.get(layer, ()) if place not in found)]


def _mirrors(folders: Sequence[str], module: str) -> Iterator[str]:
    if module != "__init__":
        yield "/".join(["tests", *folders, f"test_{module}.py"])
        yield "/".join(["tests", *folders, module])
    for depth in range(len(folders), 0, -1):
        yield "/".join(["tests", *folders[:depth]])
