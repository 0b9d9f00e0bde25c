"""A program in a container, and a container's log, as a person has them in JupyterLab.

On the embedded engine the programs are those of this machine; in a container busybox's.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of
from tests.browser.test_programs import columns_of
from tests.real_engines import newest, real_engines, skip_or_fail

pytestmark = pytest.mark.timeout(170)

HOSTS = [
    pytest.param("local:", id="local"),
    *(
        pytest.param(engine.url, id=engine.name, marks=pytest.mark.engines)
        for engine in newest(real_engines(), "podman")
    ),
]
PROGRAMS = ("vi", "top")
CONNECT = """
%load_ext hyper_jupyter
import os, tempfile
os.chdir(tempfile.mkdtemp())
%hyper_connect {host}
%hyper run -d --name web default {command}
"""
EXEC = "%hyper exec -it web sh"
ASK = "%hyper exec --wait web sh -c 'cat note.txt; kill -0 $(cat pid) && echo runs on'"
END = "%hyper rm -f web"


@pytest.mark.parametrize("host", HOSTS)
def test_a_shell_in_a_container_is_a_terminal(open_notebook: Any, host: str) -> None:
    missing = [name for name in PROGRAMS if host == "local:" and shutil.which(name) is None]
    if missing:
        skip_or_fail(f"this machine lacks {', '.join(missing)}")
    connect = CONNECT.format(host=host, command="sleep 600")
    notebook = open_notebook("exec.ipynb", [connect, EXEC, ASK, END])
    notebook.hide_sidebar()
    notebook.run(0)
    notebook.wait_for_cell(0)
    notebook.run(1)
    try:
        drive(notebook)
    finally:
        notebook.run(3)
        notebook.wait_for_cell(3)


def drive(notebook: Any) -> None:
    page, keyboard, cell = notebook.page, notebook.page.keyboard, notebook.cell(1)
    frame = cell.locator(".hj-terminal")
    on_screen = expect(log_of(cell))
    header = cell.locator(".hj-header")

    def enter(line: str) -> None:
        keyboard.type(line)
        keyboard.press("Enter")

    def wait_for_prompt() -> None:
        page.wait_for_function(
            """frame => /[#$]$/.test([...frame.querySelectorAll(".xterm-rows > div")]
              .map(row => row.textContent.trim()).filter(Boolean).at(-1) ?? "")""",
            arg=frame.element_handle(),
        )

    wait_for_prompt()
    expect(header).to_contain_text("web")
    expect(header).to_contain_text("exec sh")
    # Leaving does what everybody expects: the button says it, and there is no line for it.
    leave = re.compile("^(?!.*the container).*the program")
    detach = cell.get_by_role("button", name="Detach", exact=True)
    expect(detach).to_have_accessible_description(leave)
    expect(header.locator(".hj-leave")).to_be_hidden()
    frame.locator(".xterm-screen").click()
    enter("echo $$ > pid; echo $((40+2)) here")
    on_screen.to_contain_text("42 here")
    notebook.screenshot("exec-shell")

    enter("top")
    on_screen.to_contain_text(re.compile("load average", re.IGNORECASE))
    notebook.screenshot("exec-top")
    keyboard.press("q")
    wait_for_prompt()

    enter("vi note.txt")
    on_screen.to_contain_text("~")
    keyboard.type("ihello from an exec")
    keyboard.press("Escape")
    on_screen.to_contain_text("hello from an exec")
    notebook.screenshot("exec-vi")
    enter(":wq")
    wait_for_prompt()

    enter("clear; stty size")
    on_screen.to_contain_text(f"14 {columns_of(frame)}")
    before, width = columns_of(frame), frame.locator(".xterm-screen").bounding_box()["width"]
    page.set_viewport_size({"width": 760, "height": 900})
    page.wait_for_function(
        "([frame, width]) => frame.querySelector('.xterm-screen').clientWidth < width",
        arg=[frame.element_handle(), width],
    )
    assert columns_of(frame) < before
    # The size is on its way: the page sends it when it has not changed for a moment.
    wanted = f'"$((10+4)) {columns_of(frame)}"'
    enter(f'clear; until [ "$(stty size)" = {wanted} ]; do sleep 0.1; done; clear; stty size')
    on_screen.to_contain_text(f"14 {columns_of(frame)}")

    notebook.save()
    notebook.reload()
    on_screen.to_contain_text(f"14 {columns_of(frame)}")
    notebook.screenshot("exec-reloaded")
    frame.locator(".xterm-screen").click()
    enter("clear; echo after $((2*21)) F5")
    on_screen.to_contain_text("after 42 F5")

    detach.click()
    expect(header).to_contain_text("detached")
    # An exec is attached once: nothing here can attach it again.
    expect(header.locator(".hj-leaving button:visible")).to_have_count(0)
    notebook.screenshot("exec-detached")
    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("hello from an exec")
    expect(notebook.cell(2)).to_contain_text("runs on")


PRINTS = (
    "sh -c 'i=0; while [ $i -lt 150 ]; do echo line $i; i=$((i+1)); done; "
    "until [ -e go ]; do sleep 0.1; done; for n in 1 2 3; do sleep 0.2; echo later $n; done; "
    "sleep 600'"
)
LOGS = "%hyper logs -f --tail 100 -t web"
GO = "%hyper exec --wait web touch go"
LIST = "%hyper ps"


def test_a_log_that_is_followed_has_the_engine_s_times(open_notebook: Any) -> None:
    connect = CONNECT.format(host="local:", command=PRINTS)
    notebook = open_notebook("logs.ipynb", [connect, LOGS, GO, LIST, END])
    notebook.hide_sidebar()
    notebook.run(0)
    notebook.wait_for_cell(0)
    notebook.run(1)
    try:
        follow(notebook)
    finally:
        notebook.run(4)
        notebook.wait_for_cell(4)


def follow(notebook: Any) -> None:
    cell = notebook.cell(1)
    lines = log_of(cell).locator("div")
    header = cell.locator(".hj-header")
    expect(lines.filter(has_text=re.compile("Z line 149$"))).to_have_count(1)
    first, *_, last = [text for text in lines.all_inner_texts() if text]
    stamp = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\S*Z"
    assert re.fullmatch(f"{stamp} line 50", first)
    assert re.fullmatch(f"{stamp} line 149", last)
    expect(header).to_contain_text("log")
    detach = cell.get_by_role("button", name="Detach", exact=True)
    expect(detach).to_have_accessible_description(
        "Detach stops reading the log, and does nothing to the container."
    )
    expect(header.locator(".hj-leave")).to_be_hidden()
    notebook.run(2)
    for number in (1, 2, 3):
        line = re.compile(f"^{stamp} later {number}$")
        expect(lines.filter(has_text=line)).to_have_count(1)
    # Nothing can be typed into a log, so there is no row for it, nor a Ctrl-C: it would be the
    # reading that a person means, and that ends by Detach.
    expect(cell.locator(".hj-stdin")).to_be_hidden()
    expect(cell.get_by_role("button", name="Ctrl-C")).to_have_count(0)
    notebook.screenshot("logs-followed")

    detach.click()
    expect(header.locator(".hj-state")).to_contain_text("log as of ")
    expect(header.locator(".hj-after")).to_have_text(
        "The container runs on. Run its cell again to read what it has printed since."
    )
    expect(header.locator(".hj-leave")).to_be_hidden()
    notebook.screenshot("logs-detached")
    notebook.run(3)
    expect(notebook.cell(3)).to_contain_text(re.compile(r"Up [\s\S]*web"))
