"""Who can change or read what is on its way between the client and an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets.session_widget import SessionWidget
from tests.certificates import Certificates
from tests.client.conftest import Ssh
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.conftest import ssh as ssh  # noqa: PLC0414 - a fixture
from tests.client.servers import ScriptedServer, answer
from tests.client.transport.test_tls import connect, engine
from tests.widgets.comms import RecordedComms
from tests.widgets.conftest import comms as comms  # noqa: PLC0414 - a fixture
from tests.widgets.conftest import publisher as publisher  # noqa: PLC0414 - a fixture

verified = pytest.mark.claim(
    "`https://` and TLS are verified, always, unless you turn that off by name."
)

PATIENCE: Final = 20.0


@verified
def test_an_engine_that_nobody_vouches_for_is_refused(certificates: Certificates) -> None:
    with engine(certificates) as server:
        for tls in (None, True, certificates.stranger):
            with pytest.raises(ConnectionFailed, match="is not trusted: ") as caught:
                connect(server.url, tls)
            assert "ca.pem" in caught.value.hint
            assert "verify=False" in caught.value.hint
        assert server.requests == []


@verified
def test_an_engine_with_another_one_s_certificate_is_refused(certificates: Certificates) -> None:
    with (
        engine(certificates, folder=certificates.elsewhere) as server,
        pytest.raises(ConnectionFailed, match=r"is not trusted: .*IP address mismatch"),
    ):
        connect(server.url, certificates.client)


@verified
def test_verification_can_be_turned_off_by_name_and_is_warned_of(
    certificates: Certificates,
) -> None:
    with engine(certificates, folder=certificates.elsewhere) as server:
        client = connect(server.url, verify=False)
        assert client.engine_version == "26.1.5"
        assert client.warnings == (
            f"The certificate of {server.url} is not verified: any server could answer there.",
        )


@pytest.mark.claim(
    "`ssh://` is verified as your own ssh does it: nothing that is passed to ssh turns that off."
)
@pytest.mark.parametrize("verify", [True, False])
def test_ssh_is_given_nothing_that_turns_its_verification_off(
    ssh: Ssh, folder: Path, verify: bool
) -> None:
    ssh('printf "%s\\n" "$@" > ' + f"{folder}/arguments; exit 7")
    with pytest.raises(ConnectionFailed):
        connect("ssh://me@box:2222", verify=verify)
    *options, end, host, command = (folder / "arguments").read_text().splitlines()
    assert (end, host, command) == ("--", "box", "docker system dial-stdio")
    passed = list(zip(options[1::2], options[2::2], strict=True))
    assert options[0] == "-T"
    assert [value.partition("=")[0] for name, value in passed if name == "-o"] == [
        "BatchMode",
        "ConnectTimeout",
        "ControlMaster",
        "ServerAliveInterval",
        "ServerAliveCountMax",
    ]
    assert [(name, value) for name, value in passed if name != "-o"] == [
        ("-p", "2222"),
        ("-l", "me"),
    ]


@pytest.mark.claim("Where verification is turned off, each widget warns.")
def test_each_widget_of_a_session_warns_that_nothing_is_verified(
    certificates: Certificates, comms: RecordedComms, publisher: Worker
) -> None:
    identifier = "c0ffee" * 10 + "c0ff"
    inspected = {
        "Id": identifier, "Name": "/web", "State": {"Status": "exited", "Running": False},
        "Config": {"Tty": False}, "HostConfig": {},
    }  # fmt: skip
    answers = {
        f"GET /containers/{identifier}/json": answer(json.dumps(inspected).encode()),
        f"GET /containers/{identifier}/logs": answer(b""),
    }
    with ScriptedServer(tls=certificates.serving(), answers=answers) as server:
        for verify, tls in ((False, None), (True, certificates.client)):
            client = client_for(server.url, verify=verify, tls=tls)
            with client.logs(identifier, follow=False) as session:
                session.join(PATIENCE)
                for widget in (SessionWidget(session), SessionWidget(session)):
                    said = any("is not verified" in each for each in widget.status["warnings"])
                    assert said is not verify
                    widget.close()
