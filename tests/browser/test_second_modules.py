"""Code that a page loads when it first needs it, in each way in which it gets there."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import enter, log_of

VIEW: Final = """
import hyper_jupyter as hj
hj.configure(front_end={front_end!r})
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
web = SessionWidgets(greeter("web"))
web.view(rows=8)
"""
PLAYER: Final = """
from hyper_jupyter.recording.recording import Header, Output, Recording
hj.replay(Recording.from_events(
    Header(title="web", tty=False), [Output(n, "stdout", b"line %d\\n" % n) for n in range(4)]
))
"""
STATS: Final = """
client = hj.connect("local:")
client.run("default", ["sleep", "60"], name="watched")
%load_ext hyper_jupyter
%hyper stats watched
"""
SECOND: Final = re.compile(r"/hyper_jupyter/(?:static/)?second/(\w+)\.js\?v=[0-9a-f]{16}$")
LATER: Final = {name: re.compile(rf"/second/{name}\.js") for name in ("player", "search")}


def fetched(page: Any) -> list[str]:
    """The second modules that this page has asked the server for, in order.

    Without what helps to read a log, which comes some time after a log's first lines.
    """
    urls = page.evaluate("() => performance.getEntriesByType('resource').map(({name}) => name)")
    names = [found[1] for url in urls if (found := SECOND.search(url))]
    return [name for name in names if name != "reading"]


def find(cell: Any, text: str) -> Any:
    """Type into the search of the stdout pane; the element that counts is returned."""
    pane = cell.locator(".hj-stdout")
    pane.locator(".xterm-helper-textarea").focus()
    pane.locator(".xterm-helper-textarea").press("Control+f")
    pane.get_by_label("find", exact=True).fill(text)
    return pane.locator(".hj-search-count")


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook", "nbclassic"])
def test_a_page_fetches_a_second_module_when_it_needs_it(
    open_notebook: Any, page: Any, front_end: str
) -> None:
    cells = [VIEW.format(front_end="extension"), PLAYER]
    notebook = open_notebook(f"second-{front_end}.ipynb", cells, front_end=front_end)
    notebook.run(0)
    view = notebook.cell(0)
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    enter(view, "one")
    expect(log_of(view)).to_contain_text("web got one")
    assert fetched(page) == []
    expect(find(view, "web")).to_have_text("2 of 2")
    assert fetched(page) == ["search"]
    enter(view, '{"level":"warn","msg":"slow"}')
    for _ in range(3):
        enter(view, 'level=warn msg="slow query"')
    assert fetched(page) == ["search"]  # "web got …" is text
    notebook.run(1)
    expect(notebook.cell(1).get_by_role("slider", name="position")).to_be_visible()
    assert fetched(page) == ["search", "player"]
    notebook.save()
    notebook.reload()
    expect(find(view, "web got one")).to_have_text("1 of 1")
    assert fetched(page).count("search") == 1


def test_by_anywidget_the_kernel_sends_it_and_a_reloaded_page_has_it(
    open_notebook: Any, page: Any
) -> None:
    cells = [VIEW.format(front_end="anywidget"), PLAYER, STATS]
    notebook = open_notebook("second-anywidget.ipynb", cells)
    notebook.run(0)
    view, player, stats = (notebook.cell(number) for number in range(3))
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    expect(find(view, "web")).to_have_text("1 of 1")
    notebook.run(1)
    expect(player.get_by_role("slider", name="position")).to_be_visible()
    notebook.run(2)
    expect(stats.locator("table.hj-stats")).to_contain_text("watched")
    notebook.screenshot("second-anywidget")
    notebook.save()
    notebook.reload()
    expect(player.get_by_role("slider", name="position")).to_be_visible()
    expect(stats.locator("table.hj-stats")).to_contain_text("watched")
    expect(find(view, "web")).to_have_text("1 of 1")
    assert fetched(page) == []


def test_a_module_that_is_missing_is_named_in_its_place_until_it_is_there(
    open_notebook: Any, page: Any
) -> None:
    for url in LATER.values():
        page.route(url, lambda route: route.fulfill(status=404))
    cells = [VIEW.format(front_end="extension"), PLAYER, PLAYER]
    notebook = open_notebook("second-missing.ipynb", cells)
    notebook.run(0)
    view, player = notebook.cell(0), notebook.cell(1)
    line = r"Check that the server has \S*/second/{}\.js, and reload this page\."
    find(view, "web")
    expect(view.locator(".hj-problem")).to_contain_text(re.compile(line.format("search")))
    notebook.run(1)
    expect(player).to_contain_text(re.compile(line.format("player")))
    notebook.screenshot("second-missing")
    for url in LATER.values():
        page.unroute(url)
    notebook.run(2)
    for cell in (player, notebook.cell(2)):
        expect(cell.get_by_role("slider", name="position")).to_be_visible()
    expect(player).not_to_contain_text("cannot be loaded")
    expect(find(view, "web")).to_have_text("1 of 1")
    expect(view.locator(".hj-problem")).to_be_hidden()


def test_a_module_of_another_build_is_not_run(open_notebook: Any, page: Any) -> None:
    def other(route: Any) -> None:
        text = re.sub(r'build:"\w+"', 'build:"another"', route.fetch().text())
        route.fulfill(content_type="text/javascript", body=text)

    page.route(LATER["player"], other)
    notebook = open_notebook("second-other.ipynb", [VIEW.format(front_end="extension"), PLAYER])
    notebook.run(0)
    notebook.run(1)
    line = "hyper_jupyter was installed anew since this page was loaded. Reload this page."
    expect(notebook.cell(1)).to_contain_text(line)
    page.unroute(LATER["player"])
    notebook.save()
    notebook.reload()
    expect(notebook.cell(1).get_by_role("slider", name="position")).to_be_visible()
