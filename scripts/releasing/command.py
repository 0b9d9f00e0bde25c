"""The command line of a release.

One thread. A dry run does the same in a clone, commit and tag too, and deletes the clone.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from scripts.releasing.archives import sdist_faults, sdist_names, wheel_faults, wheel_names
from scripts.releasing.changelog import BadChangelog, released
from scripts.releasing.version import (
    FILES,
    BadVersion,
    parse_version,
    read_version,
    write_version,
)

__all__ = ["Release", "ReleaseFailed", "main"]

ROOT: Final = Path(__file__).resolve().parents[2]
BRANCH: Final = "main"
CHANGELOG: Final = "CHANGELOG.md"

_DESCRIPTION: Final = """\
Make a release, all of it but the upload.

Needs a clean tree on main. Writes VERSION into the package and the front end, and the date into
CHANGELOG.md; runs make check and make test; builds sdist and wheel; checks them with twine and by
the names of their files; installs the wheel into an empty environment and imports it from an empty
folder; commits and tags. Then it prints the commands that publish it, and stops. If a step fails,
the files are put back and nothing is committed.
"""

_IMPORT: Final = """
import hyper_jupyter
hyper_jupyter.Session, hyper_jupyter.Client
print(hyper_jupyter.__version__, hyper_jupyter.__file__)
"""


class ReleaseFailed(Exception):
    """A step of the release failed, or there can be none."""


def environment() -> dict[str, str]:
    """Return ours for programs: without the checkout on the path, and without a make around us.

    ``make release ARGS=…`` hands its ARGS to every make below it, where it means something else.
    """
    dropped = ("PYTHONPATH", "ARGS", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")
    return {name: value for name, value in os.environ.items() if name not in dropped}


def run(*command: str | Path, cwd: Path, quiet: bool = False) -> str:
    """Run a program and print how it is called; return its output if ``quiet``.

    Raises:
        ReleaseFailed: its status is not 0.
    """
    words = [str(word) for word in command]
    if not quiet:
        print(f"$ {shlex.join(words)}", flush=True)
    done = subprocess.run(
        words, cwd=cwd, env=environment(), check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if quiet else None,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseFailed(f"{shlex.join(words[:4])} … ended with status {done.returncode}")
    return done.stdout or ""


@dataclass(frozen=True)
class Release:
    """A release of the repository in one folder.

    Attributes:
        root: the checkout, or a clone.
        version: the new version.
        day: the date for the changelog.
    """

    root: Path
    version: str
    day: date

    @property
    def tag(self) -> str:
        """The tag of the release."""
        return f"v{self.version}"

    def git(self, *arguments: str) -> str:
        """Return what git prints."""
        return run("git", *arguments, cwd=self.root, quiet=True).strip()

    def obstacles(self) -> list[str]:
        """Return why this folder cannot be released from now, a line for each reason."""
        found = []
        if (branch := self.git("rev-parse", "--abbrev-ref", "HEAD")) != BRANCH:
            found.append(f"the branch is {branch}, not {BRANCH}")
        if self.git("status", "--porcelain"):
            found.append("there are changes that are not committed (git status)")
        if self.git("tag", "--list", self.tag):
            found.append(f"the tag {self.tag} exists already")
        return found

    def rewritten(self) -> dict[str, str]:
        """Return the new text of each file that holds the version or the date.

        Raises:
            ReleaseFailed: the version or a file is not fit for it.
        """
        try:
            new = parse_version(self.version)
            texts = {name: (self.root / name).read_text(encoding="utf-8") for name in FILES}
            for name, text in texts.items():
                if new < parse_version(old := read_version(name, text)):
                    raise ReleaseFailed(f"{name} has {old}, which is newer than {self.version}")
                texts[name] = write_version(name, text, self.version)
            changelog = (self.root / CHANGELOG).read_text(encoding="utf-8")
            texts[CHANGELOG] = released(changelog, self.version, self.day)
        except (BadVersion, BadChangelog) as error:
            raise ReleaseFailed(str(error)) from error
        return texts

    def make(self, *, checks: bool) -> None:
        """Do all of it.

        Args:
            checks: run ``make check`` and ``make test``.

        Raises:
            ReleaseFailed: the files are as they were.
        """
        texts = self.rewritten()
        # What would stop us late is looked for now: the tests take minutes.
        if absent := [
            name for name in ("build", "twine") if importlib.util.find_spec(name) is None
        ]:
            raise ReleaseFailed(f"not installed: {', '.join(absent)}; make release installs them")
        self.git("var", "GIT_COMMITTER_IDENT")
        try:
            for name, text in texts.items():
                (self.root / name).write_text(text, encoding="utf-8")
            print(self.git("diff", "--stat"))
            if checks:
                python = f"PYTHON={sys.executable}"
                run("make", python, "check", cwd=self.root)
                run("make", python, "test", cwd=self.root)
            self.check_archives(*self.build())
            self.git("commit", "--quiet", "-m", f"Release {self.version}", "--", *texts)
        except BaseException:
            self.git("restore", "--staged", "--worktree", "--", *texts)
            raise
        self.git("tag", "-a", self.tag, "-m", f"hyper_jupyter {self.version}")
        print(self.git("log", "-1", "--oneline", "--decorate", "--stat"))

    def build(self) -> tuple[Path, Path]:
        """Build both archives; return sdist and wheel."""
        dist = self.root / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        run(sys.executable, "-P", "-m", "build", cwd=self.root)
        sdist = dist / f"hyper_jupyter-{self.version}.tar.gz"
        wheel = dist / f"hyper_jupyter-{self.version}-py3-none-any.whl"
        if (built := sorted(dist.iterdir())) != sorted((sdist, wheel)):
            raise ReleaseFailed(f"built {[path.name for path in built]}")
        return sdist, wheel

    def check_archives(self, sdist: Path, wheel: Path) -> None:
        """Check the archives, and use the wheel.

        Raises:
            ReleaseFailed: something is wrong with them.
        """
        run(sys.executable, "-P", "-m", "twine", "check", "--strict", sdist, wheel, cwd=self.root)
        tracked = self.git("ls-files").splitlines()
        faults = [
            *wheel_faults(wheel_names(wheel), tracked, self.version),
            *sdist_faults(sdist_names(sdist), tracked),
        ]
        if faults:
            raise ReleaseFailed("; ".join(faults))
        print("The archives have the files that they should have, and no others.", flush=True)
        with tempfile.TemporaryDirectory(prefix="release-") as name:
            folder = Path(name).resolve()
            run(sys.executable, "-P", "-m", "venv", folder / "venv", cwd=folder)
            python, empty = folder / "venv" / "bin" / "python", folder / "empty"
            empty.mkdir()
            run(python, "-m", "pip", "install", "--quiet", wheel, cwd=empty)
            said = run(python, "-c", _IMPORT, cwd=empty, quiet=True).split()
            print(f"Imported from an empty folder: {' '.join(said)}")
            if said[0] != self.version or not Path(said[1]).is_relative_to(folder / "venv"):
                raise ReleaseFailed("what was imported is not the wheel")

    def commands(self) -> list[str]:
        """Return what a person types to publish it."""
        return [
            f"git push origin {BRANCH} {self.tag}",
            f".venv/bin/python -m twine upload dist/hyper_jupyter-{self.version}*",
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="release",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("version", metavar="VERSION", help="three numbers, such as 1.2.3")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="do it with the last commit, in a clone that is deleted; the checkout stays as it is",
    )
    parser.add_argument(
        "--skip-checks",
        action="store_true",
        help="leave out make check and make test; with --dry-run only",
    )
    options = parser.parse_args(arguments)
    if options.skip_checks and not options.dry_run:
        parser.error("--skip-checks is for a --dry-run only")
    release = Release(ROOT, options.version, datetime.now(UTC).date())
    try:
        if options.dry_run:
            rehearse(release, checks=not options.skip_checks)
            return 0
        if obstacles := release.obstacles():
            raise ReleaseFailed("; ".join(obstacles))
        release.make(checks=True)
    except ReleaseFailed as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print("\nNothing is published yet. Look at the commit and at dist/, then:\n")
    print("".join(f"    {command}\n" for command in release.commands()))
    return 0


def rehearse(release: Release, *, checks: bool) -> None:
    """Make the release in a clone of the last commit, and say what stands in the way of a real one.

    Raises:
        ReleaseFailed: a real one would fail, too.
    """
    obstacles = release.obstacles()
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        clone = Path(name).resolve() / release.root.name
        run("git", "clone", "--quiet", "--no-hardlinks", release.root, clone, cwd=release.root)
        copy = Release(clone, release.version, release.day)
        if release.git("tag", "--list", release.tag):
            copy.git("tag", "--delete", release.tag)
        for key in ("user.name", "user.email"):
            # The checkout may have its own; a clone does not take them over.
            if value := release.git("config", "--default", "", "--get", key):
                copy.git("config", key, value)
        copy.make(checks=checks)
    print("\nThis was a dry run: nothing has changed here. A real one would go on with:\n")
    print("".join(f"    {command}\n" for command in release.commands()))
    for obstacle in obstacles:
        print(f"A real run would not begin now: {obstacle}.")
