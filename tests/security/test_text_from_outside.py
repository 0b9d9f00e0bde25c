"""Names, versions and errors that other people chose cannot act on a terminal or its text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client import examine, resolve_address
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.verbs import run_verb
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording import Report
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.servers import ScriptedServer, answer
from tests.hostile_output import corpus
from tests.recording.test_report import Page
from tests.widgets.fakes import ScriptedSession

printable_line = pytest.mark.claim(
    "Names, images, commands, versions and errors that an engine reports are one line of "
    "printable text before anything shows them: no control characters, no marks of direction."
)

HOSTILE: Final = (
    "a\x1b[31mb\x1b]0;title\x07c\x9b2Jd\u202ee\u2066f\u200fg\u2028h\rNEW\x7f\u200bi\ufeffj\ud800k\n"
)
SHOWN: Final = "a [31mb ]0;title c 2Jd e f g h NEW i j k"
IDENTIFIER: Final = "c0ffee" * 10 + "c0ff"


def body(value: Any) -> bytes:
    return answer(json.dumps(value).encode())


ROW: Final = {
    "Id": HOSTILE,
    "Names": ["/" + HOSTILE.replace("/", "")],
    "Image": HOSTILE,
    "Command": HOSTILE,
    "State": HOSTILE,
    "Status": HOSTILE,
    "Created": 1,
}
INSPECTED: Final = {
    "Id": IDENTIFIER,
    "Name": "/" + HOSTILE,
    "Path": HOSTILE,
    "Args": [HOSTILE],
    "Image": HOSTILE,
    "State": {"Status": "exited", "Running": False, "ExitCode": 0, "Error": HOSTILE},
    "Config": {"Image": HOSTILE, "Tty": False},
    "HostConfig": {},
}
VERSION: Final = {
    "Version": HOSTILE,
    "ApiVersion": "1.45",
    "Components": [{"Name": HOSTILE, "Version": HOSTILE}],
}
ANSWERS: Final = {
    "GET /version": body(VERSION),
    "GET /containers/json": body([ROW]),
    f"GET /containers/{IDENTIFIER}/json": body(INSPECTED),
    f"GET /containers/{IDENTIFIER}/logs": answer(b""),
    f"GET /containers/{IDENTIFIER}/attach": answer(b""),
    "POST /containers/create": body({"Id": HOSTILE, "Warnings": [HOSTILE]}),
    f"POST /containers/{IDENTIFIER}/start": answer(
        json.dumps({"message": HOSTILE}).encode(), "500 " + "Oh"
    ),
}


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    with ScriptedServer(folder / "s", ANSWERS) as server:
        yield client_for(server.url)


def is_harmless(text: str) -> bool:
    """Whether every character is printable, ends of lines of ours excepted."""
    return all(c.isprintable() or c == "\n" for c in text)


@printable_line
@given(st.text())
def test_printable_text_has_nothing_but_printable_characters(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    kinds = {unicodedata.category(c) for c in shown}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert printable(shown) == shown
    kept = [c for c in text if c.isprintable() and c != " "]
    assert [c for c in shown if c != " "] == kept[:2000]


def test_what_is_ordinary_stays_as_it_is() -> None:
    for text in ("web-1", "nginx:1.27@sha256:ab", "sh -c 'echo é 漢字 😀'", "<b>&amp;"):
        assert printable(text) == text


@printable_line
def test_a_list_of_containers_is_printable_in_every_field(client: Client) -> None:
    [found] = client.containers()
    assert (found.id, found.name) == (SHOWN, SHOWN)
    assert (found.image, found.command, found.state, found.status) == (SHOWN,) * 4
    assert is_harmless(str(found))


@printable_line
def test_the_client_s_own_description_is(client: Client) -> None:
    assert SHOWN in repr(client)
    assert is_harmless(repr(client))
    assert client.engine_version == SHOWN


@printable_line
def test_so_are_the_doctor_s_findings(client: Client) -> None:
    findings = examine(resolve_address(client.host, environ={}))
    assert any(SHOWN in finding.text for finding in findings)
    for finding in findings:
        assert is_harmless(finding.text + finding.next_step)


def session_of(client: Client) -> Session:
    return client.logs(IDENTIFIER, follow=False)


@printable_line
def test_so_is_a_session_and_the_head_of_what_is_saved_of_it(client: Client) -> None:
    with session_of(client) as session:
        session.join(10)
        assert (session.name, session.container.image) == (SHOWN, SHOWN)
        assert session.container.command == f"{SHOWN} {SHOWN}"
        assert is_harmless(repr(session))
        saved = Report.of(session, SavedOutput(), at=session.started_at)
        assert saved.text.startswith(f"{SHOWN}, log ({SHOWN}, docker): ")
        assert is_harmless(saved.text)
        assert is_harmless(saved.html)


@printable_line
def test_the_head_of_what_is_saved_is_printable_whatever_an_error_says() -> None:
    source = ScriptedSession(HOSTILE)
    source.state, source.error = "failed", HyperJupyterError(HOSTILE)
    for redact in ([], [lambda _: 1 / 0]):
        saved = Report.of(source, SavedOutput(redact=redact), at=source.started_at)
        assert saved.text.startswith(SHOWN)
        assert is_harmless(saved.text + saved.html)


@printable_line
@pytest.mark.parametrize(
    "words",
    [
        ("ps", "-a"),
        ("ps", "-a", "--no-trunc"),
        ("ps", "-aq"),
        ("inspect", IDENTIFIER),
        ("create", "busybox"),
    ],
)
def test_so_is_what_the_verbs_print(
    client: Client, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    print(run_verb(lambda: client, words).value)
    printed = capsys.readouterr().out
    assert "[31m" in printed
    assert is_harmless(printed)


@pytest.mark.claim("An error is one line without control characters.")
@printable_line
def test_so_are_errors_and_their_hints(client: Client) -> None:
    for call in (lambda: client.start(IDENTIFIER), lambda: client.start("missing")):
        with pytest.raises(HyperJupyterError) as caught:
            call()
        assert is_harmless(str(caught.value) + caught.value.hint)


# -- what containers print -------------------------------------------------------------------


@pytest.mark.claim(
    "What containers print is text: markup, links, terminal titles and clipboard sequences in it "
    "do nothing, on the page or in a saved output."
)
@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("name", corpus())
def test_what_a_container_prints_is_text_in_a_saved_output(name: str, tty: bool) -> None:
    source = ScriptedSession(tty=tty)
    source.output(corpus()[name] + b"\x18\x1bc<script>a</script><a href='x'>b</a>\r\n")
    saved = Report.of(source, SavedOutput(), at=source.started_at)
    page = Page(saved.html)
    assert page.elements <= {"div", "pre", "b", "span", "style"}
    assert page.attributes <= {"class", "style"}
    assert "<script>a</script><a href='x'>b</a>" in page.text
    kinds = {unicodedata.category(c) for c in saved.text.replace("\n", "")}
    assert "Cc" not in kinds
