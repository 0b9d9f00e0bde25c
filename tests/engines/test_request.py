"""The attach request itself, on every engine: its answers and its errors."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import ApiError
from hyper_jupyter.protocol import FrameDecoder, Output, StreamType
from tests.engines.scenarios import ALL, Make, raw_attach, wait_until_ended


@pytest.mark.depends_on("reads_log_apart", "log_alters")
def test_the_request_of_the_documentation_is_answered_with_the_stream(
    container: Make, client: Client
) -> None:
    made = container("echo out; echo err >&2")
    wait_until_ended(client, made)
    head, body = raw_attach(client, made, {"logs": "1", "stream": "0", "stdout": "1"})
    assert head.status == 101
    if b"\n" in client.profile.log_alters:
        assert b"out\n" in body  # it counts one byte too few in the frame's header
        return
    outputs = FrameDecoder().receive_data(body)
    if client.profile.reads_log_apart:  # all streams come, whichever are asked for
        outputs.remove(Output(StreamType.STDERR, b"err\n"))
    assert outputs == [Output(StreamType.STDOUT, b"out\n")]


@pytest.mark.depends_on("transport")
def test_without_upgrade_the_answer_is_200_with_the_same_stream(
    container: Make, client: Client
) -> None:
    made = container("echo out; echo err >&2")
    wait_until_ended(client, made)
    head, body = raw_attach(client, made, ALL, upgrade=False)
    assert head.status == 200
    assert body.count(b"out\n") == body.count(b"err\n") == 1


def test_bad_detach_keys_are_status_400(container: Make, client: Client) -> None:
    made = container("sleep 60", tty=True, stdin=True)
    params = {**ALL, "stream": "1", "logs": "0", "stdin": "1", "detachKeys": "nonsense"}
    head, body = raw_attach(client, made, params)
    assert head.status == (500 if client.engine == "podman" else 400)
    assert b"nonsense" in body or client.engine == "podman"


@pytest.mark.depends_on("transport")
def test_an_unknown_container_is_status_404(client: Client) -> None:
    head, body = raw_attach(client, "hyper-jupyter-nobody", {**ALL, "stream": "1"})
    assert head.status == 404
    assert b"no such container" in body.lower()


def test_a_paused_container_is_status_409(container: Make, client: Client) -> None:
    made = container("sleep 60")
    client.pause(made)
    head, body = raw_attach(client, made, {**ALL, "stream": "1", "logs": "0"})
    assert head.status == (500 if client.engine == "podman" else 409)
    assert b"paused" in body


@pytest.mark.depends_on("ambiguous_id_status")
def test_an_ambiguous_id_is_a_server_error(container: Make, client: Client) -> None:
    first: dict[str, str] = {}
    prefix = ""
    for _ in range(17):
        made = container("true", start=False)
        if made[0] in first:
            prefix = made[0]
            break
        first[made[0]] = made
    head, body = raw_attach(client, prefix, {**ALL, "stream": "1"})
    assert (head.status, bool(body)) == (client.profile.ambiguous_id_status, True)
    with pytest.raises(ApiError):
        client.attach(prefix)
