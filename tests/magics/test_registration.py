"""What ``%load_ext`` brings with it, and what waits for the first magic. No engine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

KERNEL = """\
import json, sys
from ipykernel.zmqshell import ZMQInteractiveShell
shell = ZMQInteractiveShell.instance()
before = set(sys.modules)
{}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported_by(code: str) -> set[str]:
    """Return the names of the modules that code imports in a kernel that is there already."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", KERNEL.format(code)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import hyper_jupyter\n"
        "print(*sorted(set(sys.modules) - before - {'__future__'}))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["hyper_jupyter", "hyper_jupyter.version"]


LOAD = "shell.run_line_magic('load_ext', 'hyper_jupyter')\n"


def test_loading_the_extension_imports_what_registers_it_and_no_library() -> None:
    found = imported_by(LOAD)
    ours = {name for name in found if name.partition(".")[0] == "hyper_jupyter"}
    assert ours == {
        "hyper_jupyter",
        "hyper_jupyter.version",
        "hyper_jupyter.magics",
        "hyper_jupyter.magics.completion",
        "hyper_jupyter.magics.completion.matcher",
        "hyper_jupyter.magics.registration",
        "hyper_jupyter.settings",
        "hyper_jupyter.settings.current",
        "hyper_jupyter.settings.direct_link",
        "hyper_jupyter.settings.saved_output",
        "hyper_jupyter.settings.views",
    }
    libraries = {"requests", "urllib3", "ipywidgets", "anywidget", "h11", "websockets", "ssl"}
    assert not libraries & found


@pytest.mark.parametrize(
    ("then", "missing"),
    [
        # Words that are not for a magic of ours cost nothing either.
        ("shell.Completer.complete('pri')", {"hyper_jupyter.magics.completion.candidates"}),
        ("shell.run_line_magic('config', 'SavedOutput')", {"hyper_jupyter.recording"}),
        (
            "shell.run_line_magic('hyper_connect', '--help')",
            {"anywidget", "hyper_jupyter.magics.completion.candidates"},
        ),
        # What a kernel never needs: IPython's terminal.
        (
            "from hyper_jupyter.widgets.kernel import is_terminal\nassert not is_terminal()",
            {"prompt_toolkit"},
        ),
    ],
)
def test_what_is_used_after_that_imports_no_more_than_it_needs(
    then: str, missing: set[str]
) -> None:
    assert not missing & imported_by(LOAD + then)


def test_the_first_magic_imports_what_magics_do() -> None:
    found = imported_by(LOAD + "shell.run_line_magic('hyper_sessions', '')")
    assert {"hyper_jupyter.magics.notebook", "hyper_jupyter.session", "requests"} <= found
