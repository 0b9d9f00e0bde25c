"""Who can change or read what is on its way between the client and an engine."""

from __future__ import annotations

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from tests.certificates import Certificates
from tests.client.transport.test_tls import connect, engine


def test_an_engine_that_nobody_vouches_for_is_refused(certificates: Certificates) -> None:
    with engine(certificates) as server:
        for tls in (None, True, certificates.stranger):
            with pytest.raises(ConnectionFailed, match="is not trusted: ") as caught:
                connect(server.url, tls)
            assert "ca.pem" in caught.value.hint
            assert "verify=False" in caught.value.hint
        assert server.requests == []


def test_an_engine_with_another_one_s_certificate_is_refused(certificates: Certificates) -> None:
    with (
        engine(certificates, folder=certificates.elsewhere) as server,
        pytest.raises(ConnectionFailed, match=r"is not trusted: .*IP address mismatch"),
    ):
        connect(server.url, certificates.client)


def test_verification_can_be_turned_off_by_name_and_is_warned_of(
    certificates: Certificates,
) -> None:
    with engine(certificates, folder=certificates.elsewhere) as server:
        client = connect(server.url, verify=False)
        assert client.engine_version == "26.1.5"
        assert client.warnings == (
            f"The certificate of {server.url} is not verified: any server could answer there.",
        )
