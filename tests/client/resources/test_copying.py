"""Copies: what is asked of the engine, and what its answers about paths mean."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hyper_jupyter.client.copying.packing import pack_bytes
from hyper_jupyter.exceptions import HyperJupyterError, NotFound, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.resources.test_containers import ROWS
from tests.client.servers import Peer, ScriptedServer, answer

FOLDER, LINK = 1 << 31, 1 << 27
HEAD, GET, PUT = (f"{method} /containers/web/archive" for method in ("HEAD", "GET", "PUT"))


def stat(mode: int = 0o644, link: str = "", **more: Any) -> dict[str, str]:
    fields = {"name": "x", "mode": mode, "linkTarget": link, **more}
    return {"X-Docker-Container-Path-Stat": base64.b64encode(json.dumps(fields).encode()).decode()}


def head(*answers: bytes) -> Any:
    """Answers to HEAD requests, one after another."""
    rest = iter(answers)

    def script(peer: Peer) -> None:
        peer.send(next(rest))

    return script


def there(**options: Any) -> bytes:
    return answer(b"", headers=stat(**options))


MISSING = answer(b"", "404 Not Found")


def asked(server: ScriptedServer) -> list[tuple[str, str]]:
    found = []
    for line in server.lines:
        method, target, _ = line.split()
        found.append((method, parse_qs(urlsplit(target).query)["path"][0]))
    return found


def sent(server: ScriptedServer) -> dict[str, bytes]:
    (request,) = [each for each in server.requests if each.line.startswith("PUT")]
    assert request.headers["content-type"] == "application/x-tar"
    with tarfile.open(fileobj=io.BytesIO(request.body)) as archive:
        return {m.name: archive.extractfile(m).read() if m.isreg() else b"" for m in archive}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("target", "heads", "questions", "into", "name"),
    [
        ("/t/x", [MISSING], ["/t/x"], "/t", "x"),
        ("t/x", [MISSING], ["/t/x"], "/t", "x"),
        ("/x", [MISSING], ["/x"], "/", "x"),
        ("/t/x", [there()], ["/t/x"], "/t", "x"),
        ("/t/l", [there(mode=LINK, link="/u/y"), there()], ["/t/l", "/u/y"], "/u", "y"),
        ("/t/l", [there(mode=LINK, link="/u/y"), MISSING], ["/t/l", "/u/y"], "/u", "y"),
        ("/t/x", [answer(b"", "500 Internal Server Error")], ["/t/x"], "/t", "x"),
    ],
)
def test_bytes_become_a_file(
    serve: Serve,
    target: str,
    heads: list[bytes],
    questions: list[str],
    into: str,
    name: str,
) -> None:
    server = serve({HEAD: head(*heads), PUT: answer(b"")})
    done: list[int] = []
    client_of(server.url).cp_to("web", b"abc", target, on_progress=done.append)
    assert asked(server) == [*(("HEAD", path) for path in questions), ("PUT", into)]
    assert "noOverwriteDirNonDir=true&copyUIDGID=false" in server.lines[-1]
    assert sent(server) == {name: b"abc"}
    assert done[-1] > 3


def test_a_folder_s_contents_go_into_a_folder_that_exists(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"A")
    server = serve({HEAD: there(mode=FOLDER), PUT: answer(b"")})
    client = client_of(server.url)
    assert client.cp_to("web", f"{tmp_path}/.", "/t", container_owner=True) == "/t"
    assert (asked(server)[-1], sent(server)) == (("PUT", "/t"), {"a": b"A"})
    assert "copyUIDGID=true" in server.lines[-1]


def test_a_link_is_copied_as_a_link_or_what_it_leads_to(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"A")
    (tmp_path / "l").symlink_to("a")
    for follow, content in ((False, b""), (True, b"A")):
        server = serve({HEAD: there(mode=FOLDER), PUT: answer(b"")})
        server.requests.clear()
        client_of(server.url).cp_to("web", tmp_path / "l", "/t", follow_links=follow)
        assert sent(server) == {"l": content}
        server.close()
        Path(server.url.removeprefix("unix://")).unlink()


@pytest.mark.parametrize("source", ["nope", "file/"])
def test_a_source_that_is_none_is_our_own_error(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HyperJupyterError, match=r"cannot be copied|not a folder"):
        client_of(serve({HEAD: MISSING}).url).cp_to("web", source, "/t")


def test_a_missing_container_s_error_names_near_ones(serve: Serve) -> None:
    client = client_of(serve({"GET /containers/json": answer(ROWS)}).url)
    for ask in (
        lambda: client.cp_to("wev", b"x", "/t"),
        lambda: client.cp_from("wev", "/t"),
    ):
        with pytest.raises(NotFound) as caught:
            ask()
        assert caught.value.hint == "Did you mean web or web-2?"


FILE = b"".join(pack_bytes(b"abc", "x"))


def test_a_file_is_read_also_through_a_link(serve: Serve) -> None:
    server = serve({HEAD: there(mode=LINK, link="/u/y"), GET: answer(FILE, headers=stat())})
    assert client_of(server.url).cp_from("web", "/t/l") == b"abc"
    assert asked(server) == [("HEAD", "/t/l"), ("GET", "/u/y")]


def test_a_file_is_written_where_it_belongs(serve: Serve, tmp_path: Path) -> None:
    server = serve({GET: answer(FILE, headers=stat())})
    client = client_of(server.url)
    assert client.cp_from("web", "/t/x", tmp_path).path == str(tmp_path / "x")
    assert client.cp_from("web", "t/x", f"{tmp_path}/y").path == str(tmp_path / "y")
    assert (tmp_path / "y").read_bytes() == b"abc"
    assert asked(server) == [("GET", "/t/x")] * 2
    for path, target in (("/t/x/", "y"), ("/t/x", "no/y"), ("/t/x", "y/")):
        with pytest.raises(HyperJupyterError):
            client.cp_from("web", path, f"{tmp_path}/{target}")


@pytest.mark.parametrize("header", ["", "no base64!", "bm8ganNvbg==", "NQ=="])
def test_an_answer_that_does_not_say_what_a_path_is_is_our_own_error(
    serve: Serve, tmp_path: Path, header: str
) -> None:
    fields = {"X-Docker-Container-Path-Stat": header}
    client = client_of(
        serve({HEAD: answer(b"", headers=fields), GET: answer(FILE, headers=fields)}).url
    )
    with pytest.raises(ProtocolError):
        client.cp_to("web", b"x", "/t")
    with pytest.raises(ProtocolError):
        client.cp_from("web", "/t", tmp_path)


def test_an_empty_path_is_our_own_error(serve: Serve) -> None:
    client = client_of(serve().url)
    with pytest.raises(HyperJupyterError, match="is empty"):
        client.cp_to("web", b"x", "")
    with pytest.raises(HyperJupyterError, match="is empty"):
        client.cp_from("web", "")


@pytest.mark.parametrize("encode", [base64.standard_b64encode, base64.urlsafe_b64encode])
def test_what_a_path_is_may_come_in_either_alphabet_of_base64(serve: Serve, encode: Any) -> None:
    fields = {"name": "\u00ff\u00ff?~>", "mode": FOLDER, "linkTarget": ""}
    text = encode(json.dumps(fields, ensure_ascii=False).encode()).decode()
    assert set(text) & set("+/-_")
    there = answer(b"", headers={"X-Docker-Container-Path-Stat": text})
    with pytest.raises(HyperJupyterError, match="/t is a folder"):
        client_of(serve({HEAD: there}).url).cp_to("web", b"x", "/t")


def test_a_circle_of_links_is_our_own_error(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to("l")
    client = client_of(serve({HEAD: MISSING, GET: answer(b"", headers=stat())}).url)
    with pytest.raises(HyperJupyterError, match="l cannot be copied: too many levels"):
        client.cp_to("web", tmp_path / "l", "/t", follow_links=True)
    with pytest.raises(HyperJupyterError):
        client.cp_from("web", "/x", tmp_path / "l" / "x")


def test_an_empty_path_is_not_the_working_directory(serve: Serve) -> None:
    client = client_of(serve({HEAD: MISSING, GET: answer(b"", headers=stat())}).url)
    for copy in (lambda: client.cp_to("web", "", "/t"), lambda: client.cp_from("web", "/x", "")):
        with pytest.raises(HyperJupyterError, match="the path on this machine is empty"):
            copy()
