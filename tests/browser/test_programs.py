"""Programs that need a real terminal, driven by keys and mouse as a person would.

On the embedded engine these are the programs of this machine; in a container busybox's.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.real_engines import real_engines, skip_or_fail

pytestmark = pytest.mark.timeout(170)

HOSTS = [
    pytest.param("local:", "bash --norc --noprofile", id="local"),
    *(
        pytest.param(engine.url, "sh", id=engine.name, marks=pytest.mark.engines)
        for engine in real_engines()
        if engine.name == "docker"
    ),
]
PROGRAMS = ("bash", "vi", "less", "top")
CONNECT = """
%load_ext hyper_jupyter
import os, tempfile
os.chdir(tempfile.mkdtemp())
%hyper_connect {host}
%hyper run -dit --name shell default env HISTFILE= TERM=xterm-256color PS1="ready$ " {shell}
"""
ATTACH = "s = %hyper_attach shell"
BUSY = "import time; print('started', flush=True); time.sleep(15)"
END = "%hyper rm -f shell"


@pytest.mark.parametrize(("host", "shell"), HOSTS)
def test_editors_pagers_mouse_and_line_editing_work(
    open_notebook: Any, host: str, shell: str
) -> None:
    missing = [name for name in PROGRAMS if host == "local:" and shutil.which(name) is None]
    if missing:
        skip_or_fail(f"this machine lacks {', '.join(missing)}")
    connect = CONNECT.format(host=host, shell=shell)
    notebook = open_notebook("programs.ipynb", [connect, ATTACH, BUSY, END])
    notebook.run(0)
    notebook.wait_for_cell(0)
    notebook.run(1)
    cell = notebook.cell(1)
    try:
        drive(notebook, cell)
    finally:
        notebook.run(3)
        notebook.wait_for_cell(3)


def drive(notebook: Any, cell: Any) -> None:
    keyboard = notebook.page.keyboard
    log = cell.get_by_role("log", name="stdout log")
    on_screen = expect(log)
    frame = cell.locator(".hj-terminal")

    def enter(line: str) -> None:
        keyboard.type(line)
        keyboard.press("Enter")

    def wait_for_prompt() -> None:
        """A program that is about to end takes the keys behind its last one along."""
        notebook.page.wait_for_function(
            """frame => [...frame.querySelectorAll(".xterm-rows > div")]
              .map(row => row.textContent.trim()).filter(Boolean).at(-1) === "ready$" """,
            arg=frame.element_handle(),
        )

    # The prompt was written before anybody was there.
    wait_for_prompt()
    frame.locator(".xterm-screen").click()

    enter("vi note.txt")
    on_screen.to_contain_text("~")
    keyboard.type("ihello from the pane")
    keyboard.press("Escape")
    on_screen.to_contain_text("hello from the pane")
    notebook.screenshot("vi")
    enter(":wq")
    wait_for_prompt()
    enter("sed s/hello/HELLO/ note.txt")
    on_screen.to_contain_text("HELLO from the pane")

    enter("i=0; while [ $i -lt 99 ]; do i=$((i+1)); echo line $i; done > many; less many")
    on_screen.to_contain_text("line 9")
    on_screen.not_to_contain_text("line 40")
    keyboard.press("Shift+G")
    on_screen.to_contain_text("line 99")
    keyboard.press("q")
    wait_for_prompt()

    # Line editing: the line before the last, a letter put in, Enter.
    enter("clear; echo sinle")
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "g", "Enter"):
        keyboard.press(key)
    on_screen.to_contain_text("single")
    enter("printf '\\033[31mred\\033[0m %s\\n' $((20+22))")
    on_screen.to_contain_text("red 42")
    expect(frame.locator(".xterm-fg-1", has_text=re.compile("^red$"))).to_have_count(1)

    enter("clear; printf '\\033[?1000;1006h'; cat")
    expect(frame.locator(".xterm")).to_have_class(re.compile("enable-mouse-events"))
    box = frame.locator(".xterm-screen").bounding_box()
    notebook.page.mouse.click(box["x"] + 2, box["y"] + 2)
    on_screen.to_contain_text("[<0;1;1M")
    on_screen.to_contain_text("[<0;1;1m")
    keyboard.press("Control+c")
    wait_for_prompt()
    enter("printf '\\033[?1000;1006l'; clear")
    expect(frame.locator(".xterm")).not_to_have_class(re.compile("enable-mouse-events"))

    enter("top -d 1")
    on_screen.to_contain_text(re.compile("load average", re.IGNORECASE))
    notebook.screenshot("top-wide")
    notebook.page.set_viewport_size({"width": 760, "height": 900})
    expect(frame.locator(".xterm-screen")).not_to_have_css("width", f"{box['width']}px")
    # Drawn for the new width: no row is the rest of the one above it.
    notebook.page.wait_for_function(
        """frame => {
          const rows = [...frame.querySelectorAll(".xterm-rows > div")].map(r => r.textContent);
          const heads = rows.findIndex(row => /\\bPID\\b/.test(row));
          return /^(Mem|top)/.test(rows[0]) && heads > 0 && /^ *[0-9]+ /.test(rows[heads + 1]);
        }""",
        arg=frame.element_handle(),
    )
    notebook.screenshot("top-narrow")
    keyboard.press("q")
    wait_for_prompt()
    enter("clear; stty size")
    on_screen.to_contain_text(f"14 {columns_of(frame)}")

    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("started")
    frame.locator(".xterm-helper-textarea").focus()
    enter("echo while $((40+2)) busy")
    on_screen.to_contain_text("while 42 busy")
    assert not notebook.has_run(2)
    notebook.interrupt()
    notebook.wait_for_cell(2)


def columns_of(frame: Any) -> int:
    return int(
        frame.evaluate(
            """frame => {
              const screen = frame.querySelector(".xterm-screen");
              const measure = frame.querySelector(".xterm-char-measure-element");
              const width = measure.getBoundingClientRect().width / measure.textContent.length;
              return Math.round(screen.getBoundingClientRect().width / width);
            }"""
        )
    )
