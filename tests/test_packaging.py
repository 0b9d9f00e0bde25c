"""What users install: built as they would build it, and used where no checkout is near."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hyper_jupyter import __version__

ROOT = Path(__file__).parents[1]
SECOND = tuple(
    f"second/{name}.js"
    for name in ("doctor", "lines", "place", "player", "reader", "reading", "search", "watches")
)

# The build takes its backend from the registry, which may have a slow day.
pytestmark = pytest.mark.timeout(180)


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """The program's output; all that it said where it fails."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environ
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Built:
    """The two archives."""

    sdist: Path
    wheel: Path

    def files_of_wheel(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def files_of_sdist(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("dist")
    # The sdist from the checkout, the wheel from the sdist: both ways are seen to work.
    run(sys.executable, "-P", "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Built(sdist, wheel)


@dataclass(frozen=True)
class Installation:
    """An environment that has the wheel, and an empty folder to use it from."""

    python: Path
    packages: Path
    empty: Path

    def run(self, script: str) -> str:
        settings = str(self.empty.parent / "ipython")
        return run(self.python, "-W", "error", "-c", script, cwd=self.empty, IPYTHONDIR=settings)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The wheel in an environment of its own; what it depends on is this environment's.

    A line in a .pth file adds a folder behind the environment's own, and the .pth files in that
    folder, such as an editable install's, do not count.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    run(
        sys.executable, "-P", "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", built.wheel, cwd=folder,
    )  # fmt: skip
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    ours = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages / "dependencies.pth").write_text("\n".join(ours) + "\n")
    empty = folder / "empty"
    empty.mkdir()
    yield Installation(python, packages, empty)
    assert list(empty.iterdir()) == []


def test_the_wheel_holds_the_whole_package_and_nothing_else(built: Built) -> None:
    info = f"hyper_jupyter-{__version__}.dist-info"
    data = f"hyper_jupyter-{__version__}.data/data"
    modules = {str(path.relative_to(ROOT)) for path in Path(ROOT, "hyper_jupyter").rglob("*.py")}
    assert "hyper_jupyter/engine/__main__.py" in modules
    assert "hyper_jupyter/engine/endpoints/streams.py" in modules
    lab, classic = (
        f"{data}/share/jupyter/{folder}/hyper_jupyter"
        for folder in ("labextensions", "nbextensions")
    )
    names = {re.sub(r"\b[0-9a-f]{16}\.js$", "HASH.js", name) for name in built.files_of_wheel()}
    assert names == modules | {
        "hyper_jupyter/api/data/levels.json",
        "hyper_jupyter/py.typed",
        "hyper_jupyter/recording/screen/palette.json",
        "hyper_jupyter/static/index.js",
        "hyper_jupyter/static/replay.js",
        "hyper_jupyter/static/style.css",
        "hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
        f"{data}/etc/jupyter/jupyter_server_config.d/hyper_jupyter.json",
        f"{data}/etc/jupyter/nbconfig/notebook.d/hyper_jupyter.json",
        f"{lab}/install.json",
        f"{lab}/package.json",
        f"{lab}/static/bundle.js",
        f"{lab}/static/remoteEntry.HASH.js",
        f"{classic}/bundle.js",
        f"{classic}/extension.js",
        f"{classic}/index.js",
        *(
            f"{folder}/{name}"
            for folder in ("hyper_jupyter/static", f"{lab}/static", classic)
            for name in SECOND
        ),
        f"{info}/METADATA",
        f"{info}/RECORD",
        f"{info}/WHEEL",
        f"{info}/licenses/LICENSE",
        f"{info}/licenses/hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
    }
    for package in ("client", "engine", "magics", "protocol", "session", "widgets"):
        assert f"hyper_jupyter/{package}/__init__.py" in built.files_of_wheel()


def test_the_wheel_is_for_any_python_3_and_says_what_it_needs(built: Built) -> None:
    assert built.wheel.name == f"hyper_jupyter-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(built.wheel) as archive:
        info = f"hyper_jupyter-{__version__}.dist-info"
        metadata = archive.read(f"{info}/METADATA").decode()
        licences = archive.read("hyper_jupyter/static/THIRD-PARTY-LICENSES.txt").decode()
    needed = re.findall(r"^Requires-Dist: ([a-z0-9_]+)[^;\n]*$", metadata, re.MULTILINE)
    assert needed == [
        "h11", "ipykernel", "ipython", "ipywidgets", "requests", "traitlets", "urllib3",
        "websockets",
    ]  # fmt: skip
    for line in (
        f"Version: {__version__}",
        "Requires-Python: >=3.11",
        "License-Expression: BSD-3-Clause",
        "Requires-Dist: anywidget>=0.9.18; extra == 'anywidget'",
        "Requires-Dist: ipykernel!=7.0.*,>=6.29",
        "Requires-Dist: requests>=2.33",
    ):
        assert line in metadata.splitlines()
    assert "xterm" in licences


def test_the_sdist_holds_the_built_front_end_and_no_tests(built: Built) -> None:
    files = built.files_of_sdist()
    assert {
        "LICENSE",
        "README.md",
        "hatch_build.py",
        "hyper_jupyter/static/index.js",
        "hyper_jupyter/static/replay.js",
        "hyper_jupyter/static/style.css",
        "hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
        *(f"hyper_jupyter/static/{name}" for name in SECOND),
        "notebooks/01-quickstart.ipynb",
        "pyproject.toml",
    } <= files
    assert not [name for name in files if name.startswith(("tests", "js", "docs", "."))
                and name != ".gitignore"]  # fmt: skip


def test_an_import_from_an_empty_folder_is_the_wheel_s_and_light(installed: Installation) -> None:
    told = json.loads(
        installed.run(
            "import json, sys, threading, hyper_jupyter as hj\n"
            "heavy = {'ipywidgets', 'requests', 'IPython'} & set(sys.modules)\n"
            "print(json.dumps([hj.__file__, hj.__version__, sorted(heavy), "
            "threading.active_count()]))"
        )
    )
    assert told == [str(installed.packages / "hyper_jupyter/__init__.py"), __version__, [], 1]


def test_the_jupyter_server_finds_the_wheel_s_front_end_and_it_is_the_package_s(
    installed: Installation,
) -> None:
    pytest.importorskip("jupyterlab", reason="this test needs the package jupyterlab")
    told = json.loads(
        installed.run(
            "import json\n"
            "from pathlib import Path\n"
            "from jupyter_core.paths import jupyter_config_path, jupyter_path\n"
            "from jupyterlab_server.config import get_federated_extensions\n"
            "found = get_federated_extensions(jupyter_path('labextensions'))['hyper_jupyter']\n"
            "classic = [Path(each, 'hyper_jupyter') for each in jupyter_path('nbextensions')]\n"
            "config = [Path(each, 'nbconfig/notebook.d/hyper_jupyter.json')\n"
            "          for each in jupyter_config_path()]\n"
            "loads = found['jupyterlab']['_build']\n"
            "print(json.dumps([found['version'], found['ext_path'], loads,\n"
            "    [str(each) for each in classic if each.exists()],\n"
            "    [each.read_text() for each in config if each.exists()]]))"
        )
    )
    version, folder, loads, [classic], [config] = told
    share = installed.packages.parents[2] / "share" / "jupyter"
    assert (version, folder) == (__version__, str(share / "labextensions" / "hyper_jupyter"))
    assert loads["extension"] == "./extension"
    script = Path(folder, loads["load"]).read_text(encoding="utf-8")
    bundle = (installed.packages / "hyper_jupyter/static/index.js").read_bytes()
    # The extension's answer has the version, and the bundle's address has its hash.
    assert f'"{__version__}"' in script
    assert hashlib.sha256(bundle).hexdigest()[:16] in script
    assert Path(folder, "static", "bundle.js").read_bytes() == bundle
    assert classic == str(share / "nbextensions" / "hyper_jupyter")
    assert Path(classic, "bundle.js").read_bytes() == bundle
    for name in SECOND:
        second = (installed.packages / "hyper_jupyter/static" / name).read_bytes()
        assert Path(folder, "static", name).read_bytes() == second
        assert Path(classic, name).read_bytes() == second
        # One mark in all of them: the core runs those of its own build only.
        [mark] = re.findall(rb'export default\{build:"([0-9a-f]{16})"', second)
        assert mark in bundle
    assert json.loads(config) == {"load_extensions": {"hyper_jupyter/extension": True}}


def test_an_editable_install_brings_the_extension_too() -> None:
    """As ``make`` makes one, for the demo and for these tests."""
    files = importlib.metadata.files("hyper_jupyter") or ()
    shared = {str(path).rpartition("../")[2] for path in files}
    assert {
        "etc/jupyter/nbconfig/notebook.d/hyper_jupyter.json",
        "share/jupyter/labextensions/hyper_jupyter/package.json",
        "share/jupyter/labextensions/hyper_jupyter/static/bundle.js",
        "share/jupyter/nbextensions/hyper_jupyter/index.js",
    } <= shared


def test_the_widgets_carry_the_wheel_s_front_end(installed: Installation) -> None:
    told = json.loads(
        installed.run(
            "import json\n"
            "from hyper_jupyter.widgets import hub\n"
            "built = hub.bundle()\n"
            "print(json.dumps([hub.__file__, len(built.code), sorted(built.second)]))"
        )
    )
    bundle = installed.packages / "hyper_jupyter/static/index.js"
    assert told[0] == str(installed.packages / "hyper_jupyter/widgets/hub.py")
    assert told[1] >= len(bundle.read_text(encoding="utf-8")) > 10_000
    assert [f"second/{name}.js" for name in told[2]] == list(SECOND)


CONTAINER = """
import hyper_jupyter as hj
client = hj.connect("local:")
session = client.run("default", ["sh", "-c", "echo out; echo err >&2; read x; echo got $x"])
view = session.view()
session.send_line("it")
print(session.wait(20), session.stdout.getvalue(), session.stderr.getvalue(), session.state)
print(type(view).__name__, client.engine)
session.close()
"""


def test_a_container_of_the_embedded_engine_runs_to_its_end(installed: Installation) -> None:
    assert installed.run(CONTAINER) == (
        "0 b'out\\ngot it\\n' b'err\\n' exited\nSessionView embedded\n"
    )


def test_the_extension_gives_its_magics(installed: Installation) -> None:
    said = installed.run(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.history_manager.enabled = False\n"
        "shell.run_line_magic('load_ext', 'hyper_jupyter')\n"
        "print('hyper_attach' in shell.magics_manager.magics['line'])\n"
        "print('hyper_attach' in shell.magics_manager.magics['cell'])\n"
    )
    assert said == "True\nTrue\n"


def test_the_server_extension_is_off_until_enabled_and_an_upgrade_leaves_it_on(
    installed: Installation, built: Built
) -> None:
    pytest.importorskip("jupyter_server", reason="this test needs the package jupyter_server")

    def extension(*arguments: str) -> str:
        # What `jupyter server extension …` runs.
        said = run(
            installed.python, "-m", "jupyter_server.extension.serverextension", *arguments,
            cwd=installed.empty, JUPYTER_PLATFORM_DIRS="1",
            JUPYTER_CONFIG_DIR=str(installed.empty.parent / "config"),
        )  # fmt: skip
        return re.sub(r"\x1b\[\d+m", "", said)

    assert "hyper_jupyter.server disabled\n" in extension("list")
    extension("enable", "hyper_jupyter.server")
    assert "hyper_jupyter.server enabled\n" in extension("list")
    run(
        sys.executable, "-P", "-m", "pip", "--python", installed.python, "install", "--quiet",
        "--no-deps", "--no-index", "--force-reinstall", built.wheel, cwd=installed.empty,
    )  # fmt: skip
    assert "hyper_jupyter.server enabled\n" in extension("list")
    extension("disable", "hyper_jupyter.server")
    assert "hyper_jupyter.server disabled\n" in extension("list")
