"""The parts of a release that read and write text, and what stands in its way."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from hyper_jupyter import __version__
from scripts.releasing.archives import BUILT, sdist_faults, wheel_faults
from scripts.releasing.changelog import BadChangelog, released
from scripts.releasing.command import Release, ReleaseFailed, environment, main
from scripts.releasing.version import (
    FILES,
    BadVersion,
    parse_version,
    read_version,
    write_version,
)

ROOT = Path(__file__).parents[2]
DAY = date(2031, 2, 3)

PYTHON = '"""The version."""\n\n__version__ = "0.1.0"\n'
PACKAGE = (
    '{\n  "name": "page",\n  "version": "0.1.0",\n  "dependencies": {\n    "a": "0.1.0"\n  }\n}\n'
)
LOCK = """\
{
  "name": "page",
  "version": "0.1.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "page",
      "version": "0.1.0",
      "dependencies": {}
    },
    "node_modules/a": {
      "version": "0.1.0"
    }
  }
}
"""
TEXTS = {
    "hyper_jupyter/version.py": PYTHON,
    "js/package.json": PACKAGE,
    "js/package-lock.json": LOCK,
}
CHANGELOG = """\
# Changes

## Unreleased

### Added

- One thing.

## 0.1.0 (2030-01-01)

- Another thing.
"""


# -- the version ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_this_checkout_hold_one_version(name: str) -> None:
    assert read_version(name, (ROOT / name).read_text(encoding="utf-8")) == __version__


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_this_checkout_changes_in_its_version_alone(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    new = write_version(name, text, "98.7.6")
    assert read_version(name, new) == "98.7.6"
    assert new.count("98.7.6") == FILES[name][1]
    assert write_version(name, new, __version__) == text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hyper_jupyter/version.py", PYTHON.replace("0.1.0", "0.2.0")),
        ("js/package.json", PACKAGE.replace('"version": "0.1.0"', '"version": "0.2.0"')),
        ("js/package-lock.json", LOCK.replace('"0.1.0"', '"0.2.0"', 2)),
    ],
)
def test_the_version_is_replaced_and_nothing_that_looks_like_it(name: str, expected: str) -> None:
    assert write_version(name, TEXTS[name], "0.2.0") == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hyper_jupyter/version.py", ""),
        ("hyper_jupyter/version.py", PYTHON + PYTHON),
        ("js/package.json", PACKAGE.replace("version", "edition")),
        ("js/package-lock.json", LOCK.replace("0.1.0", "0.2.0", 1)),
    ],
)
def test_a_file_without_one_version_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadVersion, match=name):
        write_version(name, text, "0.2.0")


def test_versions_are_compared_as_numbers() -> None:
    assert parse_version("0.10.0") > parse_version("0.9.10") == (0, 9, 10)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.3rc1", "01.2.3", "1.2.3\n", "1.2.٣", "-1.2.3"],
)
def test_anything_but_three_numbers_is_no_version(text: str) -> None:
    with pytest.raises(BadVersion):
        parse_version(text)


# -- the changelog -------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["## Unreleased", "## Unreleased (0.2.0)", "## Unreleased "])
def test_the_heading_becomes_the_version_with_its_date(heading: str) -> None:
    text = CHANGELOG.replace("## Unreleased", heading)
    expected = CHANGELOG.replace("## Unreleased", "## 0.2.0 (2031-02-03)")
    assert released(text, "0.2.0", DAY) == expected


def test_the_first_release_has_no_section_after_it() -> None:
    text = "# Changes\n\n## Unreleased\n\n- One thing.\n"
    assert released(text, "0.1.0", DAY) == "# Changes\n\n## 0.1.0 (2031-02-03)\n\n- One thing.\n"


@pytest.mark.parametrize(
    ("text", "version", "said"),
    [
        ("", "0.2.0", "first section"),
        (CHANGELOG.replace("Unreleased", "Next"), "0.2.0", "first section"),
        (CHANGELOG.replace("## Unreleased", "## 0.2.0 (2030-02-01)"), "0.2.1", "first section"),
        (CHANGELOG.replace("Unreleased", "Unreleased (0.3.0)"), "0.2.0", "plans 0.3.0, not 0.2.0"),
        (CHANGELOG, "0.1.0", "a section for 0.1.0 already"),
        (CHANGELOG.replace("- One thing.", ""), "0.2.0", "no entry below"),
    ],
)
def test_a_changelog_that_has_nothing_to_release_is_refused(
    text: str, version: str, said: str
) -> None:
    with pytest.raises(BadChangelog, match=said):
        released(text, version, DAY)


# -- the archives --------------------------------------------------------------------------

TRACKED = [
    "LICENSE",
    "docs/guide.md",
    "hyper_jupyter/__init__.py",
    "hyper_jupyter/names.json",
    "hyper_jupyter/py.typed",
    "hyper_jupyter/static/.gitkeep",
    "js/src/index.ts",
    "notebooks/01-quickstart.ipynb",
    "tests/test_one.py",
]
DATA = "hyper_jupyter-0.2.0.data/data"
WHEEL = {name for name in BUILT if name.startswith("hyper_jupyter/")} | {
    "hyper_jupyter/__init__.py",
    "hyper_jupyter/names.json",
    "hyper_jupyter/py.typed",
    f"{DATA}/etc/jupyter/jupyter_server_config.d/hyper_jupyter.json",
    f"{DATA}/etc/jupyter/nbconfig/notebook.d/hyper_jupyter.json",
    f"{DATA}/share/jupyter/labextensions/hyper_jupyter/install.json",
    f"{DATA}/share/jupyter/labextensions/hyper_jupyter/package.json",
    f"{DATA}/share/jupyter/labextensions/hyper_jupyter/static/bundle.js",
    f"{DATA}/share/jupyter/labextensions/hyper_jupyter/static/remoteEntry.0123456789abcdef.js",
    f"{DATA}/share/jupyter/nbextensions/hyper_jupyter/bundle.js",
    f"{DATA}/share/jupyter/nbextensions/hyper_jupyter/extension.js",
    f"{DATA}/share/jupyter/nbextensions/hyper_jupyter/index.js",
    *(
        f"{DATA}/share/jupyter/{folder}/second/{name}.js"
        for folder in ("labextensions/hyper_jupyter/static", "nbextensions/hyper_jupyter")
        for name in ("doctor", "lines", "place", "player", "reader", "reading", "search", "watches")
    ),
    "hyper_jupyter-0.2.0.dist-info/METADATA",
    "hyper_jupyter-0.2.0.dist-info/RECORD",
    "hyper_jupyter-0.2.0.dist-info/WHEEL",
    "hyper_jupyter-0.2.0.dist-info/licenses/LICENSE",
    "hyper_jupyter-0.2.0.dist-info/licenses/hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
}
SDIST = BUILT | {
    *(".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "hatch_build.py"),
    *("pyproject.toml", "hyper_jupyter/__init__.py", "hyper_jupyter/py.typed"),
    "hyper_jupyter/names.json",
    "jupyter-config/jupyter_server_config.d/hyper_jupyter.json",
    "jupyter-config/nbconfig/notebook.d/hyper_jupyter.json",
    "notebooks/01-quickstart.ipynb",
}


def test_archives_with_the_right_files_have_no_faults() -> None:
    tracked = [*TRACKED, *(name for name in SDIST if name.startswith("jupyter-config/"))]
    assert wheel_faults(set(WHEEL), tracked, "0.2.0") == []
    assert sdist_faults(set(SDIST), tracked) == []


def test_a_file_too_many_and_one_too_few_in_the_wheel_are_faults() -> None:
    names = (WHEEL - {"hyper_jupyter/static/index.js"}) | {"tests/test_one.py"}
    assert wheel_faults(names, TRACKED, "0.2.0") == [
        "the wheel lacks hyper_jupyter/static/index.js",
        "the wheel should not have tests/test_one.py",
    ]


def test_a_file_too_many_and_one_too_few_in_the_sdist_are_faults() -> None:
    tracked = [*TRACKED, *(name for name in SDIST if name.startswith("jupyter-config/"))]
    names = (SDIST - {"hatch_build.py"}) | {"js/src/index.ts", "hyper_jupyter/scratch.py"}
    assert sdist_faults(names, tracked) == [
        "the sdist lacks hatch_build.py",
        "the sdist should not have hyper_jupyter/scratch.py",
        "the sdist should not have js/src/index.ts",
    ]


# -- what stands in its way ----------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean repository on main that could be released, as far as its files go."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")
    for variable in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(variable, raising=False)
    for name, text in {**TEXTS, "CHANGELOG.md": CHANGELOG}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for command in ("init -q -b main", "add .", "commit -q -m First"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


def test_a_clean_tree_on_main_can_be_released(repository: Path) -> None:
    assert Release(repository, "0.2.0", DAY).obstacles() == []


def test_each_obstacle_is_named(repository: Path) -> None:
    release = Release(repository, "0.2.0", DAY)
    (repository / "scratch.py").touch()
    release.git("checkout", "-q", "-b", "mine")
    release.git("tag", "v0.2.0")
    assert release.obstacles() == [
        "the branch is mine, not main",
        "there are changes that are not committed (git status)",
        "the tag v0.2.0 exists already",
    ]


def test_all_files_are_rewritten_together(repository: Path) -> None:
    texts = Release(repository, "0.2.0", DAY).rewritten()
    assert list(texts) == [*FILES, "CHANGELOG.md"]
    assert all(read_version(name, texts[name]) == "0.2.0" for name in FILES)
    assert "## 0.2.0 (2031-02-03)" in texts["CHANGELOG.md"]


@pytest.mark.parametrize("version", ["0.0.9", "0.1", "0.1.0"])
def test_an_older_version_a_malformed_and_a_released_one_are_refused(
    repository: Path, version: str
) -> None:
    with pytest.raises(ReleaseFailed):
        Release(repository, version, DAY).rewritten()


@pytest.fixture
def twine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty module of that name: only `make release` installs the real one."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "twine.py").touch()
    monkeypatch.syspath_prepend(folder)
    return folder


def test_a_release_without_its_programs_ends_before_the_checks(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "twine" else name)
    with pytest.raises(ReleaseFailed, match=r"^not installed: twine; make release installs them$"):
        Release(repository, "0.2.0", DAY).make(checks=True)


@pytest.mark.usefixtures("twine")
def test_a_release_that_fails_puts_the_files_back_and_commits_nothing(repository: Path) -> None:
    release = Release(repository, "0.2.0", DAY)
    head = release.git("rev-parse", "HEAD")
    # There is no Makefile, so the first check fails, after the files were written.
    with pytest.raises(ReleaseFailed, match=r"^make .* ended with status 2$"):
        release.make(checks=True)
    assert release.obstacles() == []
    assert release.git("rev-parse", "HEAD") == head
    assert (repository / "CHANGELOG.md").read_text() == CHANGELOG


def test_a_make_around_a_release_does_not_hand_its_arguments_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARGS", "0.2.0 --dry-run")
    monkeypatch.setenv("MAKEFLAGS", "-- ARGS=0.2.0\\ --dry-run")
    monkeypatch.setenv("HOME", "/somewhere")
    left = environment()
    assert left["HOME"] == "/somewhere"
    assert not {"ARGS", "MAKEFLAGS"} & set(left)


def test_the_checks_can_be_left_out_of_a_dry_run_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["0.2.0", "--skip-checks"])
    assert "--skip-checks is for a --dry-run only" in capsys.readouterr().err
