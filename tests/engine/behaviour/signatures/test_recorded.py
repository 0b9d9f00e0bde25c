"""The requests that the published command line sends, as they were recorded."""

from __future__ import annotations

import json
import re

import pytest

from hyper_jupyter.protocol import sign
from tests.engine.behaviour.signatures.signed_engine import WEB, SignedEngine
from tests.engine.driver import demultiplex
from tests.recorded import KEYS, REGION, TIME, Recorded, requests, runs


def test_the_recording_is_of_this_container() -> None:
    assert json.dumps(WEB) in runs()["inspect"]["stdout"]
    assert len(requests()) == 12


@pytest.mark.parametrize("recorded", [r for r in requests() if "/exec/" not in r.target], ids=str)
def test_each_recorded_request_is_served_byte_by_byte(
    recorded_engine: SignedEngine, recorded: Recorded
) -> None:
    """But for those that name an exec: its id is another one here (see the next test)."""
    stream = recorded_engine.sent(recorded.raw)
    assert stream.status == recorded.status
    kind = re.search(rb"(?i)content-type: ([^\r]*)", stream.head)
    kinds = {
        101: b"application/vnd.docker.raw-stream",
        204: None,
        404: b"text/plain; charset=utf-8",
    }
    expected = kinds.get(recorded.status, b"application/json")
    if not recorded.target.startswith("/v1.23/containers/web/logs"):
        assert (kind and kind[1]) == expected
    if recorded.status == 404:
        stream.half_close()
        assert stream.read_all() == b"No such container: nosuch\n"


def test_the_recorded_attach_types_after_its_empty_body(recorded_engine: SignedEngine) -> None:
    recorded = next(r for r in requests() if "/attach" in r.target)
    assert recorded.behind == b"hello\nbye\n"
    stream = recorded_engine.sent(recorded.raw + recorded.behind)
    assert stream.outputs() == (b"o:hello\n", b"e:hello\n")
    assert recorded_engine.inspect("web")["State"]["ExitCode"] == runs()["attach"]["exit_status"]


def test_the_recorded_exec_runs(recorded_engine: SignedEngine) -> None:
    create, start = (r for r in requests() if r.run == "exec")
    made = recorded_engine.sent(create.raw)
    made.half_close()
    execution = json.loads(made.read_all())["Id"]
    target = re.sub(r"/exec/[0-9a-f]{64}/", f"/exec/{execution}/", start.target)
    headers = dict(start.headers) | {"Host": "127.0.0.1:6443"}
    added = sign(start.method, target, headers, start.body, **KEYS, region=REGION, date=TIME)
    lines = [f"{start.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (headers | added).items()]
    stream = recorded_engine.sent("\r\n".join([*lines, "", ""]).encode() + start.body)
    assert stream.status == 101
    assert demultiplex(stream.read_all())[0] == b"hi\n"
    assert recorded_engine.exec_code(execution) == 3


def test_a_recorded_request_is_refused_when_it_is_stale(guarded: SignedEngine) -> None:
    stream = guarded.sent(requests()[0].raw)
    stream.half_close()
    assert stream.status == 401
    assert stream.read_all().startswith(
        b"the request's date 20261123T170718Z is more than 5 minutes away from the server's, "
    )
