"""The magics in a real IPython, on the embedded engine."""

from __future__ import annotations

import gc
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics

import hyper_jupyter as hj
from hyper_jupyter.api import Session, current_client, default
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, SessionClosed
from hyper_jupyter.magics import HyperMagics
from hyper_jupyter.magics.arguments import (
    Parser,
    attach_parser,
    connect_parser,
    detach_parser,
    doctor_parser,
    sessions_parser,
)
from hyper_jupyter.magics.completion.candidates import NAMES
from hyper_jupyter.magics.verbs import VERBS
from hyper_jupyter.session import State, runtime, sessions
from hyper_jupyter.widgets import PageCheck, kernel
from tests.certificates import Certificates
from tests.client.servers import ScriptedServer
from tests.conftest import widgets

ECHO = "sh -c 'while read line; do echo got:$line; done'"
PATIENCE = 10.0


class Notebook:
    """Runs cells, and keeps what they print, show and raise."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.shown: list[Any] = []

    def run(self, cell: str) -> str:
        """What a cell prints; a fault is shown as IPython shows it."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            self.result = self.shell.run_cell(cell, store_history=True)
        return out.getvalue() + err.getvalue()


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """One IPython for all: it is a singleton."""
    made = InteractiveShell.instance(colors="nocolor")
    made.run_line_magic("load_ext", "hyper_jupyter")
    yield made
    InteractiveShell.clear_instance()


@pytest.fixture
def notebook(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    made = Notebook(shell)
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: made.shown.append(data))
    made.run("%hyper_connect local:")
    yield made
    for session in sessions():
        session.close(force=True)
    client = hj.connect("local:")
    for container in client.containers():
        client.remove(container.id, force=True)


def views(notebook: Notebook) -> int:
    return sum("application/vnd.jupyter.widget-view+json" in data for data in notebook.shown)


def test_connect_says_what_it_found_and_why(notebook: Notebook) -> None:
    text = notebook.run("%hyper_connect local:")
    assert text.startswith("Connected to local: (you named it): embedded ")
    assert "not a sandbox" in text


def test_the_doctor_gives_each_finding_a_line_and_its_next_step(notebook: Notebook) -> None:
    lines = notebook.run("%hyper_doctor local:").splitlines()
    assert lines[0] == "ok    the engine is local: (you named it)"
    assert lines[1].startswith("ok    it is embedded ")
    text = notebook.run("%hyper_doctor unix:///nowhere/.colima/default/docker.sock")
    assert "FAIL  there is no socket /nowhere/.colima/default/docker.sock\n" in text
    assert "      → Colima is not running: colima start.\n" in text


def test_the_doctor_has_the_page_look_too_where_there_is_one(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "this is not a Jupyter kernel" in notebook.run("%hyper_doctor local:")
    assert notebook.shown == []
    monkeypatch.setattr(kernel, "_kernel", SimpleNamespace)
    lines = notebook.run("%hyper_doctor local:").splitlines()
    assert [line for line in lines if "has no subshells" in line]
    assert lines[-1].startswith("ok    the direct link is on")
    assert views(notebook) == 1


def test_a_cell_has_one_look_at_the_page(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_kernel", SimpleNamespace)
    cell = "one"
    monkeypatch.setattr("hyper_jupyter.magics.notebook.cell_id", lambda: cell)
    made: list[PageCheck] = []

    class Recorded(PageCheck):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr("hyper_jupyter.magics.notebook.PageCheck", Recorded)
    notebook.run("%hyper_doctor local:")
    notebook.run("%hyper_doctor local:")
    cell = "another"
    notebook.run("%hyper_doctor local:")
    assert [each.comm is None for each in made] == [True, False, False]
    for each in made:
        each.close()


def test_the_doctor_looks_at_the_engine_in_use_as_it_is_used(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hj.connect("local:", api_version="1.40", timeout=7)
    assert "requests use API 1.40" in notebook.run("%hyper_doctor")
    seen: list[Any] = []
    monkeypatch.setattr(default, "examine", lambda *_, **options: seen.append(options) or [])
    notebook.run("%hyper_doctor\n%hyper_doctor --timeout 3\n%hyper_doctor local:")
    assert [options["timeout"] for options in seen] == [7, 3, 10]
    hj.connect("local:")


def test_the_doctor_says_that_the_front_end_is_not_built(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise HyperJupyterError("the front end is not built", hint="Build it.")

    monkeypatch.setattr(kernel, "_kernel", SimpleNamespace)
    monkeypatch.setattr("hyper_jupyter.widgets.diagnosis.bundle", missing)
    text = notebook.run("%hyper_doctor local:")
    assert text.endswith("FAIL  the front end is not built\n      → Build it.\n")
    assert notebook.result.error_in_exec is None


def test_verification_that_is_off_is_shown_where_the_engine_is_chosen(
    notebook: Notebook, certificates: Certificates
) -> None:
    with ScriptedServer(tls=certificates.serving()) as server:
        text = notebook.run(f"%hyper_connect --skip-verify {server.url}")
        assert f"Warning: The certificate of {server.url} is not verified" in text
        text = notebook.run(f"%hyper_connect --tls {certificates.client} {server.url}")
        assert "Warning" not in text
        chosen = current_client()
        assert chosen is not None
        assert chosen.host == server.url
    notebook.run("%hyper_connect local:")


def test_a_container_is_made_listed_attached_and_removed(notebook: Notebook) -> None:
    notebook.run(f"%hyper create -i --name web default {ECHO}")
    assert notebook.run("%hyper start web") == "web\n"
    assert "web" in notebook.run("%hyper ps")
    notebook.run("s = %hyper_attach web")
    session = notebook.shell.user_ns["s"]
    assert isinstance(session, Session)
    assert session.state is State.ATTACHED
    assert views(notebook) == 1
    notebook.run("%hyper rm -f web")
    assert session.join(PATIENCE) is State.EXITED
    assert "web" not in notebook.run("%hyper ps -a")


def test_a_session_as_the_cells_value_is_shown_once(notebook: Notebook) -> None:
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("%hyper_attach web")
    assert views(notebook) == 1
    notebook.run("t = %hyper_attach web\nt")
    assert views(notebook) == 2
    notebook.run("t")
    assert views(notebook) == 3


def test_a_cell_of_lines_goes_to_stdin(notebook: Notebook) -> None:
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("%%hyper_attach web\nfirst {line} $HOME\nsecond")
    session = sessions()[0]
    session._lifecycle.wait_for(lambda: b"second" in session.stdout.getvalue(), PATIENCE)
    assert session.stdout.getvalue() == b"got:first {line} $HOME\ngot:second\n"


def test_a_cell_s_lines_for_a_container_without_stdin_leave_no_session(notebook: Notebook) -> None:
    notebook.run("%hyper run -d --name deaf default sleep 60")
    said = notebook.run("%%hyper_attach deaf\nfirst")
    assert isinstance(notebook.result.error_in_exec, SessionClosed)
    assert "the cell's lines cannot be sent: the container's stdin is not open" in said
    assert "%hyper_attach deaf without lines attaches." in said
    assert (sessions(), views(notebook)) == ([], 0)


def test_only_braces_are_expanded_and_nothing_in_hyper(notebook: Notebook) -> None:
    notebook.shell.user_ns.update(name="web", i="python")
    session = notebook.run("%hyper run --name web default sh -c 'i=5; echo $i {name}'")
    session = notebook.shell.user_ns["_"]
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == b"5 {name}\n"
    notebook.run("u = %hyper_attach {name} --logs --no-stream")
    logged = notebook.shell.user_ns["u"]
    assert logged.join(PATIENCE) is State.EXITED
    assert logged.stdout.getvalue() == b"5 {name}\n"


def test_the_lines_below_a_verb_are_all_that_its_program_reads(notebook: Notebook) -> None:
    notebook.run("%%hyper run -i --name sum default sh\nx=2\necho $((x + 3)) {x}")
    session = sessions()[0]
    assert session.wait(PATIENCE) == 0  # its input has ended
    assert session.stdout.getvalue() == b"5 {x}\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%hyper run default cat\nx", "the lines below need a stdin. -i gives the program one."),
        ("%%hyper run -i -d default cat\nx", "-d attaches nothing"),
        ("%%hyper ps\nx", "%%hyper ps does nothing with the lines below it"),
    ],
)
def test_lines_that_no_program_could_read_are_refused(
    notebook: Notebook, cell: str, said: str
) -> None:
    assert said in notebook.run(cell)
    assert hj.connect("local:").containers() == []


def test_a_verb_s_value_is_shown_once_wherever_it_stands(notebook: Notebook) -> None:
    notebook.run("%hyper create --name web default true")
    notebook.shown.clear()
    assert notebook.run("rows = %hyper ps -a") == ""
    assert [row.name for row in notebook.shell.user_ns["rows"]] == ["web"]
    assert notebook.shown == []
    printed = notebook.run("%hyper ps -a\nfor each in range(2):\n    %hyper ps -a -q\n1 + 1")
    tables = [data["text/plain"] for data in notebook.shown]
    assert [text.split()[0] for text in tables] == ["CONTAINER", *[tables[1]] * 2]
    assert printed.split()[-1] == "2"
    notebook.shown.clear()
    assert "web" in notebook.run("%hyper ps -a")  # IPython shows the last value
    assert notebook.shown == []
    assert notebook.run(
        "[r.name for r in get_ipython().run_line_magic('hyper', 'ps -a')]"
    ).endswith("['web']\n")


def test_what_a_verb_has_done_is_printed_unless_it_is_assigned(notebook: Notebook) -> None:
    notebook.run("%hyper create --name web default true")
    assert notebook.run("%hyper start web") == "web\n"
    assert notebook.run("%hyper wait web") == "0\n"
    assert notebook.run("code = %hyper wait web") == ""
    assert notebook.shell.user_ns["code"] == 0
    assert notebook.run("names = %hyper rm web") == ""
    assert notebook.shell.user_ns["names"] == ["web"]


def test_a_comment_names_nothing_and_a_semicolon_shows_nothing(notebook: Notebook) -> None:
    for name in ("web", "db"):
        notebook.run(f"%hyper create --name {name} default true")
    assert notebook.run("%hyper rm -f web # not db") == "web\n"
    assert notebook.run("%hyper ps -aq;") == ""
    notebook.shown.clear()
    assert notebook.run("%hyper ps -aq;\n1").endswith(": 1\n")
    assert notebook.shown == []
    assert notebook.run("rows = %hyper ps -a; # all\nprint(rows[0].name)") == "db\n"


def test_an_interrupt_is_one_line_after_what_was_done(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.run("%hyper create --name web default true")
    notebook.run("%hyper create --name db default true")
    client = current_client()
    assert client is not None
    start = type(client).start

    def interrupted(self: Any, container: str) -> None:
        if container == "db":
            raise KeyboardInterrupt
        start(self, container)

    monkeypatch.setattr(type(client), "start", interrupted)
    assert notebook.run("%hyper start web db") == "web\nInterrupted.\n"
    assert isinstance(notebook.result.error_in_exec, KeyboardInterrupt)


def test_help_needs_no_engine(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hj.api, "default_client", lambda: pytest.fail("an engine was looked for"))
    assert "usage: %hyper VERB" in notebook.run("%hyper help")
    assert "usage: %hyper run" in notebook.run("%hyper run --help")


def test_options_reach_the_session(notebook: Notebook) -> None:
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("s = %hyper_attach web --no-stdin --no-stderr --height 5 --detach-keys ctrl-a")
    session = notebook.shell.user_ns["s"]
    assert session.wants == {"stdout"}
    notebook.run("s = %hyper_attach web --host local:")
    assert notebook.shell.user_ns["s"].host == "local:"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%hyper_attach nobody", "NotFound: No such container: nobody."),
        ("%hyper_attach wbe", "Did you mean web?"),
        ("%hyper_attach", "the following arguments are required: CONTAINER."),
        ("%hyper_attach web --height 1", "1 is not between 2 and 200."),
        ("%hyper_attach web --detach-keys nonsense", "'nonsense' is not a key."),
        ("%hyper_attach {1/0}", "could not be expanded: division by zero."),
        ("%hyper_attach 'web", "the line ends inside a quote"),
        ("%hyper nonsense", "'nonsense' is not a verb of %hyper. Verbs: "),
        ("%hyper", "a verb is missing. Verbs: "),
        ("%hyper kill -9 web", "arguments: -9. Signals are given with -s: %hyper kill -s 9 web"),
        (
            "%hyper run --name web default true",
            "%hyper_attach web attaches to the existing one",
        ),
        ("%hyper run nothing-like-it true", "No such image"),
        ("%hyper ps -a | head", "so | has no meaning in it. The value is data: rows = %hyper ps"),
        ("%hyper logs web > log.txt", "In quotes it is passed on as it is."),
        ("%hyper exec -i web cat < x", "The lines below %%hyper run -i"),
        ("%hyper rm -f $(docker ps -aq)", "ids = %hyper ps -aq, and %hyper rm -f {ids}."),
        ("%hyper stop web && ls", "Write each command in a line of its own."),
        ("%hyper_attach web | head", "no shell reads this line"),
        ("%hyper logs $absent", "Write {absent}: braces stand for a value, $ does not."),
        ("%hyper_attach $absent", "Write {absent}: braces stand for a value, $ does not."),
        ("%hyper_sessions $absent", "Write {absent}: braces stand for a value, $ does not."),
        ("%hyper_detach nobody", "there is no session 'nobody'."),
        ("%hyper_connect unix:///nowhere/docker.sock", "the socket does not exist."),
        ("%hyper_connect unix:///nowhere/docker.sock", "The engine is still local:."),
        ("%hyper_connect unix:///usr", "that is not a socket. Name the engine's socket"),
        ("%hyper_connect nonsense://x", "is not the address of an engine. Use local:"),
        ("%hyper_connect bla.invalid", "'bla.invalid' is not known. Check its spelling. An engine"),
    ],
)
def test_a_fault_is_one_line_with_the_next_step(
    notebook: Notebook, line: str, expected: str
) -> None:
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.shell.user_ns["absent"] = "web"
    text = notebook.run(line)
    assert expected in text
    assert len(text.splitlines()) == 1
    assert notebook.result.error_in_exec is not None
    assert "Traceback" not in text


def test_a_word_that_is_no_address_is_answered_with_the_forms_of_addresses(
    notebook: Notebook,
) -> None:
    text = notebook.run("%hyper_connect bla.invalid")
    assert "An engine's address is local:, unix:///path/to/socket, tcp://host:port" in text


def test_where_no_engine_is_found_what_was_tried_is_in_lines(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("HYPER_JUPYTER_HOST", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG",
                     "CONTAINER_HOST", "CONTAINER_CONNECTION", "HYPER_ACCESS",
                     "HYPER_DEFAULT_REGION"):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(
        "hyper_jupyter.client.discovery.search.well_known_sockets",
        lambda _: [f"{tmp_path}/docker.sock"],
    )
    assert notebook.run("%hyper_connect").splitlines() == [
        "ConnectionFailed: no engine was found.",
        (
            "  %hyper_connect local: uses the engine that comes with this package. "
            "The engine is still local:."
        ),
        f"  not there: unix://{tmp_path}/docker.sock",
        "    → Docker is not running: sudo systemctl start docker.",
        "  not set: HYPER_JUPYTER_HOST, c.Client.default_host, DOCKER_HOST, DOCKER_CONTEXT,",
        (
            "    docker's current context, CONTAINER_CONNECTION, CONTAINER_HOST, "
            "podman's default connection"
        ),
        "    → Name an engine: %hyper_connect HOST, or one of these variables.",
    ]
    assert notebook.result.error_in_exec is not None
    default._default = None
    lines = notebook.run("%hyper_doctor").splitlines()
    assert lines[:3] == [
        "FAIL  no engine was found",
        f"      not there: unix://{tmp_path}/docker.sock",
        "        → Docker is not running: sudo systemctl start docker.",
    ]


@pytest.mark.parametrize(
    ("magic", "parser"),
    [("hyper_attach", attach_parser), ("hyper_connect", connect_parser),
     ("hyper_doctor", doctor_parser), ("hyper_sessions", sessions_parser),
     ("hyper_detach", detach_parser)],
)  # fmt: skip
def test_ipython_s_own_help_lists_the_options(
    notebook: Notebook, magic: str, parser: Callable[[], Parser]
) -> None:
    text = notebook.run(f"%{magic}?")
    assert text.startswith("Docstring:\n")
    assert parser().format_help() in text
    names = [name for each in parser().arguments for name in each.option_strings]
    assert all(name in text for name in names)


def test_ipython_s_own_help_lists_the_verbs(notebook: Notebook) -> None:
    text = notebook.run("%hyper?")
    assert notebook.run("%hyper --help") in text
    for name, verb in VERBS.items():
        assert f"\n  {name} " in text
        assert verb.help in text


def test_a_stopped_container_says_to_start_it(notebook: Notebook) -> None:
    notebook.run("%hyper create --name web default true")
    notebook.run("%hyper start web")
    notebook.run("%hyper wait web")
    assert "start it first. %hyper start web" in notebook.run("%hyper_attach web")
    assert "is not running. %hyper start web starts it." in notebook.run("%hyper kill web")
    assert "is not running. %hyper start web starts it." in notebook.run("%hyper pause web")


def test_help_is_printed_and_is_no_fault(notebook: Notebook) -> None:
    assert "--detach-keys" in notebook.run("%hyper_attach --help")
    assert notebook.result.success
    assert "--name" in notebook.run("%hyper run --help")


def test_sessions_are_listed_shown_again_and_left_by_name(notebook: Notebook) -> None:
    assert "There are no sessions" in notebook.run("%hyper_sessions")
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("a = %hyper_attach web")
    notebook.run("b = %hyper_attach web")
    notebook.run("c = %hyper exec -i web cat -u")
    listed = notebook.run("%hyper_sessions").splitlines()
    assert [" ".join(row.split()).partition(" attached")[0] for row in listed[1:]] == [
        "web attach",
        "web-2 attach",
        "web-3 exec cat -u",
    ]
    assert listed[0].split()[:3] == ["NAME", "KIND", "STATE"]
    before = views(notebook)
    notebook.run("%hyper_sessions web-2")
    assert views(notebook) == before + 1
    assert "there are several sessions" in notebook.run("%hyper_detach")
    detached = notebook.run("%hyper_detach web-3")
    assert detached == "exec cat -u in web: detached, the program runs on\n"
    assert notebook.run("%hyper_detach web-2") == "web-2: detached, the container runs on\n"
    assert notebook.run("%hyper_detach") == "web: detached, the container runs on\n"
    assert "No session is attached" in notebook.run("%hyper_detach --all")


def test_running_a_cell_again_replaces_its_session(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: "the-cell")
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("a = %hyper_attach web")
    notebook.run("b = %hyper_attach web")
    first, second = notebook.shell.user_ns["a"], notebook.shell.user_ns["b"]
    assert first.state is State.DETACHED
    assert second.state is State.ATTACHED
    assert second.name == "web"


def test_running_a_cell_again_replaces_a_session_that_was_attached_again(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: "the-cell")
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    notebook.run("a = %hyper_attach web")
    first = notebook.shell.user_ns["a"]
    first.detach()
    assert first.attach_again() is first
    assert sessions() == [first]
    notebook.run("b = %hyper_attach web")
    assert first.state is State.DETACHED
    assert sessions() == [notebook.shell.user_ns["b"]]


def test_a_session_that_is_being_attached_again_goes_with_its_cell(notebook: Notebook) -> None:
    notebook.run("a = %hyper run -i --name web default true")
    first = notebook.shell.user_ns["a"]
    first.wait(PATIENCE)
    begun, go_on = threading.Event(), threading.Event()
    start = first.client.start

    def slow(c: str) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        start(c)

    first.client.start = slow
    with ThreadPoolExecutor() as threads:
        again = threads.submit(first.attach_again, start=True)
        again.add_done_callback(lambda _: begun.set())
        assert begun.wait(PATIENCE), first
        assert not again.done(), again.exception()
        first.release()
        go_on.set()
        with pytest.raises(Conflict, match="run again meanwhile"):
            again.result(PATIENCE)
    assert sessions() == []


def test_a_cell_that_attaches_may_be_run_any_number_of_times(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: "the-cell")
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")

    def cost(runs: int) -> tuple[int, int, int]:
        for _ in range(runs):
            notebook.run("%hyper_attach web")
        for submit in (runtime().publisher.submit, runtime().loop.call_soon) * 2:
            done = threading.Event()
            submit(done.set)  # a closed widget publishes its last news
            assert done.wait(PATIENCE)
        gc.collect()
        made = sum(isinstance(each, Session) for each in gc.get_objects())
        return made, len(widgets()), len(list(Path("/proc/self/fd").iterdir()))

    sessions_before, widgets_before, files_before = cost(5)
    sessions_after, widgets_after, files_after = cost(20)
    assert (sessions_after, widgets_after) == (sessions_before, widgets_before)
    # The engine's events and a call about the container may be open at one time, not at another.
    assert files_after <= files_before + 3
    assert notebook.shell.user_ns["_"] is sessions()[0]


def test_a_session_stays_in_out_until_another_one_has_taken_its_place(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "one"
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: cell)
    notebook.run(f"%hyper run -d -i --name web default {ECHO}")
    names = notebook.shell.user_ns
    notebook.run("%hyper_attach web")
    number, first = notebook.shell.execution_count - 1, names["_"]
    cell = "two"
    notebook.run(f"Out[{number}]")
    assert names["_"] is first
    cell = "one"
    notebook.run("%hyper_attach nobody")  # what the first one has is all that there is
    assert names["Out"][number] is names[f"_{number}"] is first
    notebook.run("kept = _\n%hyper_attach web")
    assert number not in names["Out"]
    assert f"_{number}" not in names
    assert first not in (names["_"], names["__"], names["___"])
    assert names["kept"] is first  # the user's own name
    notebook.run("7")
    assert names["_"] == 7


def test_ctrl_c_while_a_cell_is_run_again_leaves_no_session_behind(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: "the-cell")
    for name in ("one", "two", "three"):
        notebook.run(f"%hyper run -d -i --name {name} default {ECHO}")
    notebook.run("\n".join(f"%hyper_attach {name}" for name in ("one", "two", "three")))
    old = sessions()
    assert len(old) == 3
    leave = Session.detach

    def interrupted(session: Session, *arguments: Any) -> Any:
        if session is old[1]:
            raise KeyboardInterrupt
        return leave(session, *arguments)

    monkeypatch.setattr(Session, "detach", interrupted)
    notebook.run("%hyper_attach one")
    assert isinstance(notebook.result.error_in_exec, KeyboardInterrupt)
    assert [session.state for session in old] == [State.DETACHED, State.ATTACHED, State.ATTACHED]
    monkeypatch.setattr(Session, "detach", leave)
    notebook.run("s = %hyper_attach one")
    assert {session.state for session in old} == {State.DETACHED}
    assert sessions() == [notebook.shell.user_ns["s"]]


def test_a_cell_runs_again_long_after_its_session_has_ended(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.magics.cells.cell_id", lambda: "the-cell")
    notebook.run("a = %hyper run -i default true")
    notebook.shell.user_ns["a"].wait(PATIENCE)
    for _ in range(3):  # after the end the saved output stops watching
        notebook.run("pass")
    notebook.run("b = %hyper run -i default true")
    assert sessions() == [notebook.shell.user_ns["b"]]


def test_logs_are_printed_as_output(notebook: Notebook) -> None:
    notebook.run("%hyper run --name web default sh -c 'echo out; echo err >&2'")
    notebook.shell.user_ns["_"].wait(PATIENCE)
    assert notebook.run("%hyper logs web") == "out\nerr\n"


def test_a_log_that_is_assigned_is_not_shown(notebook: Notebook) -> None:
    notebook.run("cid = %hyper run -d --name web default sh -c 'echo out'")
    notebook.run("code = %hyper wait web")
    assert notebook.run("log = %hyper logs web") == ""
    assert notebook.shown == []
    assert notebook.shell.user_ns["log"].stdout.text == "out\n"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Completion that waits as long as a busy machine may take."""
    monkeypatch.setattr(NAMES, "patience", PATIENCE)


def completed(notebook: Notebook, cell: str) -> dict[str, str]:
    """What Tab makes of a cell at its end: the whole cell, by what is offered."""
    with provisionalcompleter():
        found = list(notebook.shell.Completer.completions(cell, len(cell)))
    return {each.text: cell[: each.start] + each.text + cell[each.end :] for each in found}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%hyper exec -it webs", "%hyper exec -it webserver"),
        ("s = %hyper_attach webs", "s = %hyper_attach webserver"),
        ("s=%hyper_attach webs", "s=%hyper_attach webserver"),
        ("%%hyper_attach webs", "%%hyper_attach webserver"),
        ("%hyper rm -f \\\n webs", "%hyper rm -f \\\n webserver"),
        ("a.b, *c = %hyper rm --forc", "a.b, *c = %hyper rm --force"),
        ("s = %hyper_attach --layout=spl", "s = %hyper_attach --layout=split"),
        ("    s = %hyper_connect loc", "    s = %hyper_connect local:"),
        ("%hyper ex", "%hyper exec"),
    ],
)
def test_tab_completes_a_line(notebook: Notebook, patient: None, line: str, expected: str) -> None:
    notebook.run(f"%hyper run -d -i --name webserver default {ECHO}")
    assert list(completed(notebook, line).values()) == [expected]


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize(
    ("line", "expected"),
    [("%hyper_attach nc-", {"nc-1"}), ("%hyper_attach no-such-", set()), ("%hyper rm abs", set()),
     ("%hyper rm --force nc", {"nc-1"}), ("%hyper_connect tcp", {"tcp://"})],
)  # fmt: skip
def test_no_python_names_are_offered_in_our_lines(
    notebook: Notebook, patient: None, line: str, expected: set[str], use_jedi: bool
) -> None:
    notebook.run("%hyper run -d -i --name nc-1 default cat")
    completer = notebook.shell.Completer
    before, completer.use_jedi = completer.use_jedi, use_jedi
    try:
        assert set(completed(notebook, line)) == expected
    finally:
        completer.use_jedi = before


def test_python_names_are_offered_in_braces(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook.shell.Completer, "use_jedi", False)  # it takes seconds to load
    monkeypatch.setitem(notebook.shell.user_ns, "wanted_name", "web")
    assert "wanted_name" in completed(notebook, "%hyper_attach {wanted_n")


def test_completion_of_other_assignments_is_left_to_ipython(notebook: Notebook) -> None:
    assert "--no-stdin" not in completed(notebook, "s = '%hyper_attach --no-std")


@pytest.mark.parametrize(
    "command", ["%reset -f", "%unload_ext hyper_jupyter", "%reload_ext hyper_jupyter"]
)
def test_what_ends_the_work_here_leaves_the_sessions_and_the_containers_run_on(
    notebook: Notebook, command: str
) -> None:
    for name in ("box", "web"):
        notebook.run(f"%hyper run -i --name {name} default cat")
    found = sessions()
    assert [session.state for session in found] == [State.ATTACHED] * 2
    notebook.run(command)
    assert [session.state for session in found] == [State.DETACHED] * 2
    client = hj.connect("local:")
    assert [each.state for each in client.containers()] == ["running"] * 2
    if "unload" in command:
        assert "hyper_attach" not in notebook.shell.magics_manager.lsmagic()["line"]
        notebook.run("%load_ext hyper_jupyter")
    assert "hyper_attach" in notebook.shell.magics_manager.lsmagic()["line"]
    notebook.run("s = %hyper_attach box")
    assert notebook.shell.user_ns["s"].state is State.ATTACHED


def test_a_reset_that_was_not_confirmed_leaves_nothing(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook.shell, "ask_yes_no", lambda *_, **__: False)
    notebook.run("s = %hyper run -i --name box default cat")
    assert "Nothing done." in notebook.run("%reset")
    assert notebook.shell.user_ns["s"].state is State.ATTACHED
    notebook.run("%reset -f in")
    assert notebook.shell.user_ns["s"].state is State.ATTACHED


def test_the_extension_registers_the_documented_magics(shell: InteractiveShell) -> None:
    magics = shell.magics_manager.lsmagic()
    documented = {
        "hyper", "hyper_attach", "hyper_connect", "hyper_detach", "hyper_doctor", "hyper_sessions"
    }  # fmt: skip
    assert documented <= set(magics["line"])
    assert "hyper_attach" in magics["cell"]
    assert issubclass(HyperMagics, Magics)


def test_an_import_is_light() -> None:
    import subprocess
    import sys

    code = (
        "import sys, hyper_jupyter; "
        "print(sorted({'ipywidgets', 'requests', 'IPython', 'anywidget'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "[]\n"
