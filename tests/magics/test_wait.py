"""``--wait`` in real kernels without a page, run by nbclient."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.magics.headless import CellExecutionError, python, run_notebook, streams

FLOOD = (
    "import sys\n"
    "for n in range(40000):\n"
    '    print(n, "x" * 20)\n'
    '    print(n, "y" * 20, file=sys.stderr)'
)


RUN_WAIT = """
import os
from hyper_jupyter.magics.printout import Printout

SCRIPT, GO = {script!r}, {go!r}
client = hj.connect('local:')
container = client.create('default', [sys.executable, '-P', '-c', SCRIPT])
go = os.open(GO, os.O_RDWR) if GO else None
run = Printout.run

def start_and_run(self, timeout=None):
    # Now it is attached: what is printed before that is not repeated.
    if GO:
        self._session.on_output(lambda stream, data: os.write(go, b'.'))
    client.start(container)
    run(self, timeout)

Printout.run = start_and_run
s = %hyper_attach {{container}} --wait
"""


def run_wait(script: str, go: Path | str = "") -> str:
    """A cell that waits for a container which runs a script of Python.

    Args:
        script: travels as a variable, for a magic's line is one line.
        go: a named pipe that gets a byte for each piece of output that has come.
    """
    return RUN_WAIT.format(script=script, go=str(go))


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """A named pipe."""
    path = tmp_path / "go"
    os.mkfifo(path)
    return path


def test_each_stream_is_complete_in_order_and_where_it_belongs() -> None:
    [cell] = run_notebook(run_wait(FLOOD))
    printed = streams(cell)
    assert printed["stdout"] == "".join(f"{n} {'x' * 20}\n" for n in range(40000))
    assert printed["stderr"] == "".join(f"{n} {'y' * 20}\n" for n in range(40000))
    assert len(printed["stdout"]) > 1_000_000
    assert {output.output_type for output in cell.outputs} == {"stream"}


def test_streams_that_alternate_keep_their_order(go: Path) -> None:
    # Each piece waits until the one before it has come: two pipes have no order of their own.
    script = (
        "import os, sys\n"
        f'go = os.open("{go}", os.O_RDWR)\n'
        "for n in range(6):\n"
        "    print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True)\n"
        "    os.read(go, 1)\n"
    )
    cells = run_notebook(
        run_wait(script, go), "get_ipython().run_line_magic('hyper', f'logs {container}')"
    )
    for cell in cells:  # so does a log, which comes all together
        assert [output.name for output in cell.outputs] == ["stdout", "stderr"] * 3


def test_a_character_in_two_pieces_is_one_and_bytes_that_are_none_are_replaced(go: Path) -> None:
    script = (
        "import os\n"
        f'go = os.open("{go}", os.O_RDWR)\n'
        'os.write(1, b"\\xe2\\x82"); os.read(go, 1); os.write(2, b"!"); os.read(go, 1)\n'
        'os.write(1, b"\\xac \\xff end \\xe2")'
    )
    [cell] = run_notebook(run_wait(script, go))
    assert streams(cell)["stdout"] == "\u20ac \ufffd end \ufffd"


def test_a_failure_of_the_container_is_seen_and_can_be_asked_for() -> None:
    run, after = run_notebook(
        "s = %hyper run --wait " + python("raise SystemExit(3)"), "s.exit_code, s.state.value"
    )
    assert streams(run)["stderr"].endswith("exited with code 3]\n")
    assert after.outputs[0].data["text/plain"] == "(3, 'exited')"


def test_a_session_that_was_waited_for_is_not_shown_as_the_cells_value() -> None:
    [cell] = run_notebook("%hyper run --wait " + python("print(1)"))
    assert [output.output_type for output in cell.outputs] == ["stream"]
    assert streams(cell)["stdout"] == "1\n"


def test_the_lines_of_a_cell_are_the_whole_input() -> None:
    _, after = run_notebook(
        "client = hj.connect('local:')\n"
        "c = client.create('default', ['sort'], name='sorter', stdin=True, stdin_once=True)\n"
        "client.start(c)",
        "%%hyper_attach sorter --wait --logs\nb\na",
    )
    assert streams(after)["stdout"] == "a\nb\n"


def test_an_input_that_cannot_be_ended_is_no_silent_wait() -> None:
    _, after = run_notebook(
        "client = hj.connect('local:')\n"
        "command = ['sh', '-c', 'read a; read b; echo $b$a; exit 3']\n"
        "c = client.create('default', command, name='two', stdin=True)\n"
        "client.start(c)",
        "%%hyper_attach two --wait --logs\nb\na",
    )
    assert streams(after) == {
        "stdout": "ab\n",
        "stderr": "[two: its input cannot be ended, so this waits until the container ends: the "
        "container's input stays open for those who attach later, as after run -d -i]\n"
        "[two: exited with code 3]\n",
    }


def test_an_exec_without_input_that_reads_does_not_wait_for_ever() -> None:
    _, cell = run_notebook(
        "%hyper run -d --name web default sleep 60",
        "%hyper exec -i --wait web sh -c 'cat; echo over'\n"
        "%hyper exec -it --wait web sh -c 'cat; echo over'\n"
        "%hyper rm -f web",
    )
    assert re.sub("[\r\x04\x08^D]", "", streams(cell)["stdout"]) == "over\nover\nweb\n"


def test_lines_that_nobody_takes_any_more_do_not_hide_the_output() -> None:
    _, cell = run_notebook(
        "client = hj.connect('local:')\n"
        "c = client.create('default', ['echo', 'over'], name='short', stdin=True)\n"
        "client.start(c); client.wait(c)",
        "%%hyper_attach short --wait --logs\nb\na",
    )
    printed = streams(cell)
    assert printed["stdout"] == "over\n"
    assert printed["stderr"].startswith(
        "[short: 2 of 2 lines were not sent: nothing can be sent: the "
    )


def test_a_timeout_is_an_error_and_leaves_the_container_running() -> None:
    cell, after = run_notebook(
        "%hyper run -i --name web --wait --timeout 3 default sh -c 'echo 7; cat'",
        "hj.connect('local:').inspect('web')['State']['Status']",
        allow_errors=True,
    )
    assert streams(cell)["stdout"] == "7\n"
    [error] = [output for output in cell.outputs if output.output_type == "error"]
    assert error.traceback == [
        "TimeoutError: web did not end within 3 s; detached, the container runs on."
    ]
    assert after.outputs[0].data["text/plain"] == "'running'"


def test_an_interrupt_leaves_the_container_running_and_says_so() -> None:
    tasks: list[asyncio.Task[None]] = []

    def interrupt_after_the_output(client: Any, number: int) -> None:
        if number != 1:
            return
        output = client.output

        def interrupt(*arguments: Any) -> Any:
            client.output = output
            tasks.append(asyncio.ensure_future(client.km.interrupt_kernel()))
            return output(*arguments)

        client.output = interrupt

    cell, after = run_notebook(
        "%hyper run -i --name web --wait " + python("print(7, flush=True); input()"),
        "hj.connect('local:').inspect('web')['State']['Status']",
        allow_errors=True,
        on_execute=interrupt_after_the_output,
    )
    assert streams(cell)["stdout"] == "7\n"
    [error] = [output for output in cell.outputs if output.output_type == "error"]
    assert error.traceback == ["Interrupted: web: detached, the container runs on."]
    assert after.outputs[0].data["text/plain"] == "'running'"


def test_a_timeout_without_wait_is_refused() -> None:
    with pytest.raises(CellExecutionError, match="--timeout needs --wait"):
        run_notebook("%hyper_attach web --timeout 3")


def test_a_line_of_ours_in_a_log_has_no_colour_of_an_error() -> None:
    _, cell = run_notebook(
        "client = hj.connect('local:')\nclient.run('default', ['seq', '9'], name='long').wait()",
        "from hyper_jupyter.magics.printout import LineWindow, Printout\n"
        "Printout(client.logs('long'), is_log=True, window=LineWindow(4)).run()",
    )
    assert streams(cell) == {"stdout": "1\n2\n8\n9\n", "stderr": ""}
    [place] = [n for n, each in enumerate(cell.outputs) if each.output_type == "display_data"]
    assert "".join(each.text for each in cell.outputs[:place]) == "1\n2\n"
    ours = cell.outputs[place].data
    assert ours["text/plain"] == "[log of long: 5 lines are left out here; --tail all prints all]"
    assert ours["text/plain"] in ours["text/html"]
    assert "--jp-warn-color1" in ours["text/html"]
