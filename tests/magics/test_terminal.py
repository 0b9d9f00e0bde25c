"""``%hyper_attach`` in a real IPython in a real pseudo-terminal, below a shell with job control."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pexpect
import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import NotFound
from tests.engine.driver import until
from tests.real_engines import newest_of_each_kind

ROOT: Final = Path(__file__).parents[2]
IPYTHON: Final = [
    *(
        sys.executable,
        "-P",
        "-m",
        "IPython",
        "--no-banner",
        "--no-confirm-exit",
        "--colors=nocolor",
    ),
    "--HistoryManager.enabled=False",
]
REAL: Final = [
    pytest.param(engine.url, id=engine.name, marks=pytest.mark.engines)
    for engine in newest_of_each_kind()
]
FRAMED: Final = "sh -c 'while read x; do echo got:$x; echo err:$x >&2; done; exit 4'"
SHELL: Final = "sh -c 'PS1=shell:; export PS1; exec sh -i'"


def as_at_a_terminal() -> None:
    """Let a new process meet signals as at a terminal: nohup, for one, ignores some for good."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


class Person:
    """Somebody at a terminal in which IPython runs."""

    def __init__(self, folder: Path) -> None:
        self.environ = {
            **os.environ,
            "HOME": str(folder),
            "IPYTHONDIR": str(folder / "ipython"),
            "DOCKER_CONFIG": str(folder / "none"),
            "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody answers its query here
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "PS1": "bash:",
        }
        self.screen: Any = pexpect.spawn(
            "bash",
            ["--norc", "-i"],
            env=self.environ,
            dimensions=(30, 100),
            timeout=20,
            preexec_fn=as_at_a_terminal,
        )
        self.sees("bash:")
        self.prompts = 0

    def starts(self, host: str) -> None:
        self.host = host
        self.types(shlex.join(IPYTHON))
        self.next_prompt()
        self.runs("%load_ext hyper_jupyter")
        self.runs(f"%hyper_connect {host}")
        self.runs(
            "import os, signal, termios; before = termios.tcgetattr(0); print('pid', os.getpid())"
        )
        self.pid = int(re.findall(rb"pid (\d+)", self.seen)[-1])
        # What a program meets that is started at the prompt.
        self.settings = termios.tcgetattr(self.screen.child_fd)

    def sees(self, pattern: str) -> None:
        self.screen.expect(pattern)
        self.seen = self.screen.before + (self.screen.after or b"")

    def types(self, line: str) -> None:
        self.screen.send(line + "\r")

    def next_prompt(self) -> None:
        self.prompts += 1
        self.sees(rf"In \[{self.prompts}\]:")

    def runs(self, line: str) -> None:
        """A line whose end is waited for."""
        self.types(line)
        self.next_prompt()

    def has_the_terminal_back(self) -> None:
        self.types("print('same:', termios.tcgetattr(0) == before)")
        self.sees("same: True")
        self.next_prompt()

    def attaches(self, line: str, name: str) -> None:
        """A line that attaches; what it echoes is not taken for output."""
        self.types(line)
        self.sees(f"Attached to {name}")

    def leaves(self) -> None:
        if self.screen.isalive():
            self.screen.close(force=True)


@pytest.fixture
def person(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Person]:
    somebody = Person(tmp_path)
    somebody.starts(getattr(request, "param", "local:"))
    yield somebody
    pid = somebody.pid
    somebody.leaves()
    if Path(f"/proc/{pid}").exists():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}").exists(), "the end of IPython")


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_draws_takes_keys_follows_the_size_and_gives_the_terminal_back(
    person: Person, tmp_path: Path
) -> None:
    file = tmp_path / "written"
    person.types(f"s = %hyper run -it --name editor default vim -u NONE -N {file}")
    person.sees("Attached to editor. Ctrl-\\^ Ctrl-@ .* detaches, the container runs on")
    person.sees("~")
    person.screen.setwinsize(40, 120)
    person.screen.send(":set lines? columns?\r")
    person.sees("lines=40")
    person.sees("columns=120")
    person.screen.send("\rihello from vim\x1b")
    person.sees("hello from vim")
    person.screen.send(":wq\r")
    person.sees("editor: exited with code 0")
    person.next_prompt()
    assert file.read_text() == "hello from vim\n"
    person.has_the_terminal_back()


def test_the_prompt_that_waits_is_seen_and_detach_keys_leave_the_program_running(
    person: Person,
) -> None:
    person.attaches(f"s = %hyper run -it --name box default {SHELL}", "box")
    person.sees("shell:")
    person.screen.send("x=5\x1e\x00")
    person.sees("box: detached, the container runs on")
    person.next_prompt()
    person.has_the_terminal_back()
    person.types("%hyper_attach box")
    person.sees("Attached to box")
    person.screen.send("\recho 0$x\r")
    person.sees("05")
    person.screen.send("exit 7\r")
    person.sees("box: exited with code 7")
    person.next_prompt()


def test_ctrl_c_goes_to_a_program_that_has_a_terminal(person: Person) -> None:
    person.attaches(f"s = %hyper run -it --name box default {SHELL}", "box")
    person.sees("shell:")
    person.screen.send("trap 'echo 0$((2+3))' INT; cat\r")
    person.screen.send("typed\r")
    person.sees("typed\r\ntyped")  # the echo, and cat
    person.screen.send("\x03")
    person.sees("05")
    person.screen.send("exit 3\r")
    person.sees("box: exited with code 3")
    person.next_prompt()


def test_an_exec_gets_the_terminal_and_the_same_keys_leave_it(person: Person) -> None:
    person.runs("%hyper run -d -i --name web default cat")
    person.attaches(f"s = %hyper exec -it web {SHELL}", "exec sh -c ")
    person.sees("Ctrl-\\^ Ctrl-@ .* detaches, the program runs on")
    person.sees("shell:")
    person.screen.setwinsize(41, 121)
    person.screen.send("until stty size | grep '41 121'; do :; done\r")
    person.sees("41 121\r")
    person.screen.send("trap 'echo 0$((2+3))' INT; stty -echo; cat\r")
    person.screen.send("typed\r")
    person.sees("cat\r\ntyped\r\n")  # once: our terminal echoes nothing
    person.screen.send("\x03")
    person.sees("05")
    person.screen.send("\x1e\x00")
    person.sees("exec sh -c .* in web: detached, the program runs on")
    person.next_prompt()
    person.has_the_terminal_back()


def test_lines_go_to_a_framed_container_and_ctrl_c_leaves_it_running(person: Person) -> None:
    person.types(f"s = %hyper run -i --name web default {FRAMED}")
    person.sees("Attached to web. Ctrl-C detaches, the container runs on. Ctrl-D ends its input.")
    person.types("one")
    person.sees("(got|err):one")  # engines may turn the two around
    person.sees("(got|err):one")
    person.screen.sendintr()
    person.sees("web: detached, the container runs on")
    person.next_prompt()
    person.types("%hyper ps")
    person.sees("Up .*web")
    person.next_prompt()
    person.has_the_terminal_back()


def test_ctrl_d_ends_the_input(person: Person) -> None:
    person.attaches(f"s = %hyper run -i --name web default {FRAMED}", "web")
    person.types("one")
    person.sees("got:one")
    person.screen.sendeof()
    person.sees("web: exited with code 4")
    person.next_prompt()


def test_the_value_is_the_session_in_one_line(person: Person) -> None:
    person.types("%hyper run --name web default true")
    person.sees("Out.*<Session web: exited \\(0\\), 0 bytes>")
    person.next_prompt()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_ipython_gives_the_terminal_back_first(
    person: Person, number: signal.Signals
) -> None:
    command = "sh -c 'printf \"\\033[?1049hfull\"; cat'"
    person.attaches(f"%hyper run -it --name box default {command}", "box")
    person.sees("full")
    os.kill(person.pid, number)
    person.sees(re.escape("\x1b[?1049l"))
    person.sees("bash:")
    person.types("stty -a")
    person.sees("icanon")
    assert b"-icanon" not in person.seen
    person.sees(" echo ")
    assert b" -echo " not in person.seen


def test_so_does_one_that_whoever_started_the_tests_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        person = Person(tmp_path)
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        person.types("trap -p HUP; kill -HUP $$")
        person.screen.expect(pexpect.EOF)
        assert b"trap -- ''" not in person.screen.before
    finally:
        person.screen.close(force=True)


def test_stopped_it_gives_the_terminal_back_and_takes_it_again(person: Person) -> None:
    person.attaches(f"%hyper run -it --name box default {SHELL}", "box")
    person.sees("shell:")
    os.kill(person.pid, signal.SIGTSTP)
    person.sees("Stopped")
    person.sees("bash:")
    person.types("stty -a")
    person.sees(" icanon ")
    person.sees("bash:")
    person.types("fg")
    person.sees("IPython")
    person.screen.send("echo 0$((2+3))\r")
    person.sees("05")
    person.screen.send("exit\r")
    person.sees("box: exited with code 0")
    person.next_prompt()


def test_an_error_on_the_way_gives_the_terminal_back_and_leaves_the_program_running(
    person: Person,
) -> None:
    person.runs(
        "from hyper_jupyter.magics import terminal; "
        "terminal.Terminal._write_next = lambda self: 1 / 0"
    )
    person.types(f"%hyper run -it --name box default {SHELL}")
    person.sees("ZeroDivisionError")
    person.next_prompt()
    person.has_the_terminal_back()
    person.types("%hyper ps")
    person.sees("Up .*box")
    person.next_prompt()


def test_a_flood_can_be_left(person: Person) -> None:
    person.attaches("%hyper run -t -i --name flood default yes", "flood")
    person.sees("y\r\ny\r\n")
    person.screen.send("\x1e\x00")
    person.sees("flood: detached, the container runs on")
    person.next_prompt()


def test_without_a_terminal_the_streams_are_printed(tmp_path: Path) -> None:
    code = (
        "%load_ext hyper_jupyter\n%hyper_connect local:\n"
        "s = %hyper run --name web default sh -c 'echo out; echo err >&2; exit 3'\n"
    )
    script = tmp_path / "script.ipy"
    script.write_text(code)
    done = subprocess.run(
        [*IPYTHON, script],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=40,
        check=False,
        env={**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "out"
    assert done.stderr == "err\n[web: exited with code 3]\n"


@pytest.mark.parametrize("person", REAL, indirect=True)
def test_real_engines_give_and_take_the_terminal_like_the_embedded_one(person: Person) -> None:
    name = f"terminal-{person.pid}"
    try:
        person.attaches(f"s = %hyper run -it --name {name} default {SHELL}", name)
        person.sees("shell:")
        person.screen.setwinsize(41, 121)
        person.screen.send("until stty size | grep '41 121'; do :; done\r")
        person.sees("41 121\r")
        person.screen.send("x=5\x1e\x00")
        person.sees(f"{name}: detached, the container runs on")
        person.next_prompt()
        person.has_the_terminal_back()
        person.attaches(f"s = %hyper exec -it {name} {SHELL}", "exec sh -c ")
        # That line has the shell's prompt, and its digits may be those that are waited for.
        person.sees("detaches, the program runs on")
        person.sees("shell:")
        person.screen.send("trap 'echo 0$((2+3))' INT; echo 0$((3+3)); cat\r")
        person.sees("06")  # the shell edits no line now
        person.screen.send("typed\r")
        person.sees("typed\r\ntyped")
        person.screen.send("\x03")
        person.sees("05")
        person.screen.send("\x1e\x00")
        person.sees(f"in {name}: detached")
        person.next_prompt()
        person.attaches(f"%hyper_attach {name}", name)
        person.screen.send("\recho 0$x\r")
        person.sees("05")
        person.screen.send("exit 7\r")
        person.sees(f"{name}: exited with code 7")
        person.next_prompt()
        person.runs(f"%hyper rm -f {name}")
        person.attaches(f"s = %hyper run -i --name {name} default {FRAMED}", name)
        person.types("one")
        person.sees("(got|err):one")  # engines may turn the two around
        person.sees("(got|err):one")
        person.screen.sendintr()
        person.sees(f"{name}: detached, the container runs on")
        person.next_prompt()
        person.attaches(f"s = %hyper_attach {name}", name)
        person.types("two")
        person.sees("got:two")
        person.screen.sendeof()
        person.sees(f"{name}: exited with code 4")
        person.next_prompt()
        person.has_the_terminal_back()
    finally:
        with contextlib.suppress(NotFound):
            client_for(person.host).remove(name, force=True)
