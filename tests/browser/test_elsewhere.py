"""A page in a browser on another machine than the kernel: its link goes through the server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.chromium import ELSEWHERE
from tests.browser.front_ends import (
    FRONT_ENDS,
    OPTIONS,
    NotebookPage,
    silence,
    write_notebook,
)
from tests.browser.parts import LONG, enter, log_of
from tests.browser.wire import is_link
from tests.jupyter_server import Settings, jupyter_server

ATTACH = """
import hyper_jupyter as hj
s = hj.connect("local:").run("default", ["sh", "-c", "echo ready; cat"])
s.view()
"""
DOCTOR = """
%load_ext hyper_jupyter
%hyper_doctor local:
"""
EXTENSION = "--ServerApp.jpserver_extensions={'hyper_jupyter.server': True}"


@pytest.mark.parametrize("front_end", ["jupyterlab", "nbclassic"])
@pytest.mark.parametrize("options", [[EXTENSION], []], ids=["extension", "stock"])
def test_a_page_elsewhere_is_linked_where_the_server_passes_links_on(
    tmp_path: Path, page: Any, front_end: str, options: list[str]
) -> None:
    settings = Settings(tmp_path)
    silence(settings)
    remote = "--ServerApp.allow_remote_access=True"
    with jupyter_server(settings, *OPTIONS, remote, *options, base="/user/ada") as server:
        far = replace(server, url=server.url.replace("127.0.0.1", ELSEWHERE))
        write_notebook(server.folder, "far.ipynb", [ATTACH, LONG, DOCTOR], "python3")
        notebook: NotebookPage = FRONT_ENDS[front_end](page, far, "far.ipynb")
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        notebook.open()
        notebook.run(0)
        cell = notebook.cell(0)
        expect(log_of(cell)).to_contain_text("ready", timeout=40_000)
        enter(cell, "first")
        expect(log_of(cell)).to_contain_text("first")
        links = [url for url in sockets if is_link(url)]
        if options:
            [link] = links
            assert link.startswith(f"{far.url.replace('http', 'ws')}/hyper_jupyter/link/")
            notebook.run(1)
            enter(cell, "while a cell runs")
            expect(log_of(cell)).to_contain_text("while a cell runs")
            assert not notebook.has_run(1)
            notebook.interrupt()
        else:
            assert links == []
        notebook.run(2)
        finding = notebook.cell(2).locator(".hj-finding[data-topic=link]")
        words = "through the server" if options else "does not pass links on"
        expect(finding).to_contain_text(words)
        forwards = "forwards it to" if options else "does not forward it to"
        expect(notebook.cell(2)).to_contain_text(f"the Jupyter server {forwards} other machines")
        server.end_kernels()
