"""A page that plays a recording: what is in it, and that nothing printed gets out of its place."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re

import pytest

from hyper_jupyter.recording.page import html_page, html_pieces, packed
from hyper_jupyter.recording.recording import Exit, Header, Output, Recording

HOSTILE = b"</script><script>alert(1)</script><!-- ]]> \" ' & \xff\x00 \x1b[31mred\x1b[0m\n"
SCRIPTS = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


def recording(*events: object, title: str = "demo", tty: bool = False) -> Recording:
    return Recording.from_events(Header(title=title, tty=tty), events)  # type: ignore[arg-type]


def data_of(page: str) -> bytes:
    found = re.search(r'<script type="application/json" id="hj-recording">(.*?)</script>', page)
    assert found
    return gzip.decompress(base64.b64decode(json.loads(found[1])["recording"], validate=True))


def test_a_page_has_the_recording_as_an_asciicast() -> None:
    page = html_page(recording(Output(0.5, "stdout", b"hello\n"), Exit(1.0, 3)))
    header, *events = data_of(page).decode().splitlines()
    assert json.loads(header)["version"] == 3
    assert [json.loads(event) for event in events] == [[0.5, "o", "hello\r\n"], [0.5, "x", "3"]]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 200_000, 700_001])
def test_pieces_of_any_size_are_one_text_in_base64(size: int) -> None:
    text = hashlib.shake_128(b"x").hexdigest(max(1, size // 2))[:size].encode()
    page = "".join(html_pieces(recording(Output(0.0, "stdout", text))))
    events = data_of(page).decode().splitlines()[1:]
    assert "".join(json.loads(event)[2] for event in events) == text.decode()


def test_nothing_that_was_printed_is_markup() -> None:
    hostile = HOSTILE.decode("utf-8", "replace")
    page = html_page(recording(Output(0.0, "stderr", HOSTILE), title=hostile))
    scripts = SCRIPTS.findall(page)
    assert len(scripts) == 2  # the data, and the player
    outside = SCRIPTS.sub("", page)
    assert "<script" not in outside
    assert "alert(1)" in outside  # escaped, as text
    assert "&lt;script&gt;alert(1)" in outside
    assert "\x1b" not in outside


def test_the_policy_allows_the_player_only() -> None:
    page = html_page(recording())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    player = SCRIPTS.findall(page)[1][1]
    digest = base64.b64encode(hashlib.sha256(player.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert "connect-src" not in rules
    assert not re.search(r'(?:src|href)="http', SCRIPTS.sub("", page))


def test_readers_without_scripts_see_the_last_lines_of_each_stream() -> None:
    events = [Output(n / 10, "stdout", b"line %d\n" % n) for n in range(150)]
    page = html_page(recording(*events, Output(20.0, "stderr", b"a <b> & c\n")))
    shown = re.search(r'<main id="hj-player">(.*?)</main>', page, re.DOTALL)
    assert shown
    plain = re.sub(r'(?<=<pre) style="[^"]*"', "", shown[1])
    assert plain.startswith("<div>stdout</div><pre>line 50\n")
    assert plain.endswith("line 149</pre><div>stderr</div><pre>a &lt;b&gt; &amp; c</pre>")


def test_the_same_recording_is_packed_into_the_same_bytes() -> None:
    made = recording(Output(0.0, "stdout", b"x" * 5000))
    assert packed(made).data == packed(made).data
    assert packed(made).size > 5000
