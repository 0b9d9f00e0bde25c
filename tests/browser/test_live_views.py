"""Live views: what containers use, and events. The engine is a part of the kernel."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.test_accessibility import findings as axe_findings

START = """
%load_ext hyper_jupyter
import math, hyper_jupyter as hj
from tests.reporting_engine import ReportingEngine, stats_path
engine = ReportingEngine("web", "db", "<b>worker")
engine.states["old"] = "exited"
client = hj.connect(engine.url)
def read(times=1):
    for n in range(times):
        engine.read("web", 30 + 25 * math.sin(n / 4), (64 << 20) + n * (1 << 18))
        engine.read("db", 1.5, 3 << 30)
        engine.read("<b>worker", 180, 200 << 20)
"""
STATS = "stats = %hyper stats -a"
EVENTS = "events = %hyper events"
READ = """
for name in ("web", "db", "<b>worker"):
    engine.await_open(stats_path(name))
read(60)
"""
HAPPEN = """
engine.await_open("/events", 2)
for n in range(30):
    engine.happen("exec_start: sh -c 'ls <i>*</i>'", "web", execID="f00d")
engine.happen("create", "bridge", "network")
engine.happen("die", "db", exitCode="137", image="postgres:16", label="<script>x</script>")
"""
MORE = 'read(); engine.happen("start", "db")'
SECOND = "stats"
GONE = "engine.close()"
NAMES = (START, STATS, EVENTS, READ, HAPPEN, MORE, SECOND, GONE)
PLACES = """table => [...table.querySelectorAll("th, td, svg")].filter(cell =>
    cell.checkVisibility()).map(cell => {
    const [own, all] = [cell.getBoundingClientRect(), table.getBoundingClientRect()]
    return [own.x - all.x, own.y - all.y, own.width, own.height].join()
})"""
CUT = """table => [...table.querySelectorAll("tbody td")]
    .filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)"""
THEMES = ("JupyterLab Light", "JupyterLab Dark")


def expect_rows(table: Any, *names: str) -> None:
    """Wait until the table has these containers in this order."""
    expect(table.locator("tbody th .hj-figure")).to_have_text(list(names))


def test_figures_and_events_are_shown_sorted_filtered_kept_and_stopped(open_notebook: Any) -> None:
    notebook = open_notebook("live.ipynb", NAMES)

    def run(*cells: str) -> None:
        for cell in cells:
            notebook.run(NAMES.index(cell))

    run(START, STATS, EVENTS, READ, HAPPEN)
    stats, events = notebook.cell(1), notebook.cell(2)
    table, items = stats.locator(".hj-stats"), events.locator(".hj-event")
    first = table.locator("tbody tr").first

    # Figures, as docker writes them; a second later they are others, and nothing has moved.
    expect(stats.locator(".hj-word")).to_have_text("live")
    expect_rows(table, "web", "db", "<b>worker", "old")
    expect(first).to_contain_text("78.75MiB / 8GiB")
    expect(first).to_contain_text("1.5kB / 700B")
    expect(table.locator("tbody tr").last).to_contain_text("exited")
    path = first.locator(".hj-plot-cpu path")
    assert path.get_attribute("d").count("L") == 59
    place = table.evaluate(PLACES)
    first.evaluate("row => { row.dataset.mark = 'the same'; }")
    run(MORE)
    expect(first).to_contain_text("64MiB / 8GiB")
    assert table.evaluate(PLACES) == place
    expect(first).to_have_attribute("data-mark", "the same")

    # Sorted by the keyboard; the focus stays.
    cpu = table.get_by_role("button", name="CPU %")
    cpu.focus()
    notebook.page.keyboard.press("Enter")
    expect_rows(table, "<b>worker", "web", "db", "old")
    expect(table.get_by_role("columnheader", name="CPU %")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(cpu).to_be_focused()

    # Events, and those of them that are wanted.
    expect(items).to_have_count(33)
    events.get_by_label("filter events by text").fill("exitcode")
    expect(items).to_have_count(1)
    expect(events.locator(".hj-watch-count")).to_have_text("1 of 33 events")
    items.locator("summary").click()
    expect(items).to_contain_text("<script>x</script>")
    events.get_by_label("filter events by text").fill("")
    events.get_by_label("type of events").select_option("network")
    expect(items).to_have_count(1)
    run(MORE)  # what comes is filtered, too
    expect(events.locator(".hj-watch-count")).to_have_text("1 of 34 events")
    events.get_by_label("type of events").select_option("")
    expect(items.last).to_be_in_viewport()  # it follows the newest

    # A second view, in another cell, shows the same.
    run(SECOND)
    again = notebook.cell(6).locator(".hj-stats")
    expect_rows(again, "web", "db", "<b>worker", "old")

    notebook.hide_sidebar()
    for theme in THEMES:
        notebook.set_theme(theme)
        expect(stats.locator(".hj-word")).to_have_text("live")
        assert axe_findings(notebook.page) == []
        stats.locator(".hj-head").scroll_into_view_if_needed()
        notebook.screenshot(f"live-{theme.rpartition(' ')[2].lower()}")
    notebook.set_theme(THEMES[0])

    # The engine goes, then the page is loaded again, then one view is stopped.
    run(GONE)
    expect(stats.locator(".hj-word")).to_have_text("engine gone")
    expect(events.locator(".hj-word")).to_have_text("engine gone")
    document = notebook.save()
    notebook.reload()
    expect_rows(table, "web", "db", "<b>worker", "old")
    assert path.get_attribute("d").count("L") == 61
    expect(items).to_have_count(34)
    stats.get_by_role("button", name="Stop").click()
    expect(stats.locator(".hj-word")).to_have_text("stopped")
    expect(stats.get_by_role("button", name="Stop")).to_be_hidden()
    expect(stats.locator(".hj-saved")).to_be_hidden()
    assert notebook.page.evaluate("() => document.querySelectorAll('script[src=x]').length") == 0

    # On a narrow page the table is scrolled; no figure or plot is cut.
    notebook.page.set_viewport_size({"width": 560, "height": 900})
    assert table.evaluate(CUT) == []

    # What was saved for readers without a kernel: the last figures, and the events.
    outputs = [cell["outputs"] for cell in json.loads(document)["cells"]]
    plain = ["".join(output["data"]["text/plain"]) for output in outputs[1] + outputs[2]]
    assert plain[0] == plain[2] == ""
    assert "stats of all containers" in plain[1]
    assert "64MiB / 8GiB" in plain[1]
    assert "exec_start: sh -c 'ls <i>*</i>'" in plain[3]
