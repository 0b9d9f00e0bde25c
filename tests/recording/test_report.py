"""What is saved of a session: who, how it ended, its last lines; and what is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import traitlets

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording import Report
from hyper_jupyter.recording.report import _root
from hyper_jupyter.session.store.marks import MarkKind
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.widgets.fakes import ScriptedSession

NOON = 1_790_000_000.0  # 2026-09-21 14:13:20 UTC


def session(stdout: bytes = b"", stderr: bytes = b"", *, tty: bool = False) -> ScriptedSession:
    made = ScriptedSession(tty=tty)
    made.started_at = NOON
    made.output(stdout)
    made.output(stderr, StreamType.STDERR)
    return made


def report(source: ScriptedSession, **policy: object) -> Report:
    return Report.of(source, SavedOutput(**policy), at=NOON + 70)


class Page(HTMLParser):
    """The elements and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_has_who_and_when_and_both_streams() -> None:
    source = session(b"\x1b[1;32mone\x1b[0m\ntwo\n", b"oh\n")
    source.exit(3)
    assert report(source).text == (
        "web (busybox, embedded): exited with code 3. "
        "2026-09-21 14:13:20 to 14:14:30 UTC\n"
        "--- stdout ---\none\ntwo\n--- stderr ---\noh"
    )


def test_a_report_of_a_further_program_is_not_about_its_container() -> None:
    source = session(b"", b"")
    source.kind, source.command, source.state = "exec", ("sleep", "9"), "detached"
    text = report(source).text
    assert "detached, the program runs on" in text
    assert text.startswith(f"{source.name}, exec sleep 9 (")


def test_a_report_of_a_log_says_so() -> None:
    source = session(b"", b"")
    source.kind = "logs"
    assert report(source).text.startswith(f"{source.name}, log (")


def test_a_report_of_a_log_that_was_read_says_until_when() -> None:
    source = session(b"one\n", b"")
    source.kind, source.reads_log, source.state = "logs", True, "detached"
    first = report(source).text.splitlines()[0]
    assert re.fullmatch(
        r"\w+, log \(.*\): log as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, the container runs on",
        first,
    )


def test_html_has_the_same_with_colours_and_stderr_marked_by_a_word() -> None:
    html = report(session(b"\x1b[1;32mone\x1b[0m\n", b"oh\n")).html
    assert '<b style="color:var(--h10);font-weight:bold">one</b>' in html
    assert '<b style="color:var(--h1)">stderr</b>\noh' in html
    assert html.startswith('<div class="hj-saved" style="--hp:var(--jp-layout-color0,')
    assert html.count("--h10:rgb(from var(--hp) clamp(") == 1


def test_colours_that_have_no_room_are_left_out_and_the_text_stays() -> None:
    body = "".join(f'<span style="color:var(--h{n})">{n}</span>' for n in range(16))
    whole = _root(body, 64 * 1024)
    assert "--h15:" in whole
    small = _root(body, len(whole) - 1)
    assert len(small) <= len(whole) - 1
    assert len(re.findall(r"--h\d+:", small)) == 15
    assert small.endswith(f">{body}</div>")


def test_nothing_of_the_output_becomes_markup() -> None:
    hostile = b"<script>alert(1)</script><img src=x onerror=y> &lt; \" ' ]]> </pre><a href='x'>\n"
    source = session(hostile, b"\x1b]8;;https://example.org/\x1b\\link\x1b]8;;\x1b\\ $x$\n")
    source.error = ValueError("<b>oh</b>")
    page = Page(report(source).html)
    assert page.elements <= {"div", "pre", "b", "span", "style"}
    assert page.attributes <= {"class", "style"}
    assert hostile.decode().rstrip() in page.text
    assert "<b>oh</b>" in page.text
    assert "example.org" not in page.text


def test_all_text_stands_where_no_reader_looks_for_formulas() -> None:
    html = report(session(b"$x^2$\n")).html
    unread = r"<pre.*?</pre>|<style>[^<]*</style>| style=\"[^\"]*\""
    outside = re.sub(unread, "", html, flags=re.DOTALL)
    assert outside == '<div class="hj-saved"></div>'


def test_the_last_lines_stay_and_the_bytes_before_are_counted() -> None:
    source = session(b"".join(b"line %d\n" % n for n in range(10)))
    text = report(source, lines=3).text
    assert "--- stdout, the last 3 lines; the 49 bytes before are not shown ---" in text
    assert text.split("---\n")[1].startswith("line 7\nline 8\nline 9\n")


def test_bytes_that_are_no_utf8_and_long_streams_are_counted_right() -> None:
    source = session(b"\xff\xfe\xe2\x82\xac\n" * 100_000)
    text = report(source, lines=1).text
    assert f"the last line; the {599_994:,} bytes before are not shown" in text
    assert "\ufffd\ufffd\u20ac\n---" in text


def test_bytes_that_are_not_kept_any_more_are_counted_too() -> None:
    source = session(b"one\ntwo\n")
    source.journal.starts[StreamType.STDOUT] = 2
    text = report(source).text
    assert "the 4 bytes before are not shown" in text
    assert "---\ntwo\n" in text


def test_lines_that_do_not_fit_into_the_size_are_counted_too() -> None:
    text = report(session(b"123456789\n" * 500), size=2048, lines=500).text
    title, lines = text.split("--- ")[1], text.split("---\n")[1].split("\n---")[0]
    shown = lines.count("\n") + 1
    assert 20 < shown < 500
    missing = (500 - shown) * 10
    assert title.startswith(f"stdout, the last {shown} lines; the {missing:,} bytes before")


def test_a_stream_that_was_silent_says_so() -> None:
    assert "--- stderr: nothing ---" in report(session(b"x\n")).text


@pytest.mark.parametrize("tty", [False, True])
def test_a_session_that_has_ended_without_output_says_so_as_its_view_does(tty: bool) -> None:
    source = session(b"", tty=tty)
    assert "no output came" not in report(source).text
    source.state = "exited"
    saved = report(source)
    head, end = saved.text.split("\n")
    assert "exited" in head
    assert end == "\u2014 no output came \u2014"
    assert Page(saved.html).text.endswith("UTC\u2014 no output came \u2014")
    source.mark(MarkKind.LIFE, "started again")
    assert report(source).text.endswith(
        "\n--- stdout ---\n\u2014 started again \u2014\n\u2014 no output came \u2014"
    )
    source.complete = False
    assert "no output came" not in report(source).text


def test_a_terminal_is_shown_as_it_stands_with_its_wrapped_lines_as_one() -> None:
    source = session(b"$ " + b"x" * 100 + b"\r\nvery\r\n", tty=True)
    assert f"--- stdout ---\n$ {'x' * 100}\nvery" in report(source).text
    assert "stderr" not in report(source).text


def test_a_full_screen_program_that_has_ended_leaves_its_last_picture() -> None:
    screens = b"".join(b"\x1b[H\x1b[Jtop - %d\r\nPID COMMAND\r\n" % n for n in range(20_000))
    text = report(session(b"\x1b[?1049h" + screens + b"\x1b[?1049l", tty=True)).text
    assert text.endswith("\ntop - 19999\nPID COMMAND")
    assert "the last 2 lines" in text


def test_a_screen_that_was_cleared_says_that_nothing_of_it_is_shown() -> None:
    text = report(session(b"one\r\ntwo\r\n\x1b[H\x1b[2J\x1b[3J", tty=True)).text
    assert text.endswith("--- stdout: none of its 21 bytes are shown ---\n")


def test_the_size_is_bounded_whatever_comes() -> None:
    colours = b"".join(b"\x1b[38;5;%dm<" % (n % 256) for n in range(20_000))
    for output in (colours, b"<" * 300_000, b"<&\n" * 100_000, b"\n" * 300_000):
        source = session(output, output)
        source.error = ValueError("<" * 10_000)
        made = report(source, size=16 * 1024, lines=1000)
        assert len(made.html) <= 16 * 1024 + 12_000  # the first paragraph has a bound of its own
        assert len(made.text) <= 16 * 1024 + 2500


def test_a_long_line_says_how_much_of_it_is_missing() -> None:
    assert "x [1,000 more characters]" in report(session(b"x" * 3000 + b"\n")).text


@pytest.mark.parametrize(
    "rule", [r"key=\w+", re.compile("key=abc"), lambda t: t.replace("key=abc", "?")]
)
def test_what_a_rule_takes_out_is_in_neither_form(rule: object) -> None:
    source = session(b"\x1b[31mok key=a\x1b[32mbc ok\x1b[0m\n", b"key=abc\n")
    made = report(source, redact=[rule])
    assert "abc" not in made.text
    assert "abc" not in Page(made.html).text
    assert "ok" in made.text


def test_a_pattern_leaves_colours_and_other_lines_alone() -> None:
    html = report(session(b"\x1b[31mred\x1b[0m\ntoken xyz\n"), redact=["xyz"]).html
    assert '<span style="color:var(--h1)">red</span>\ntoken [redacted]' in html


def test_a_secret_over_several_lines_is_found_also_where_the_terminal_wraps_it() -> None:
    pem = b"BEGIN\nAAAA\nBBBB\nEND\nafter\n"
    text = report(session(pem), redact=[r"(?s)BEGIN.*END"], lines=2).text
    assert "BBBB" not in text
    assert "[redacted]\nafter" in text
    source = session(b"x" * 75 + b"key=abcdefgh\r\n", tty=True)
    assert "efgh" not in report(source, redact=["key=abcdefgh"]).text


def test_rules_hold_for_the_first_line_too() -> None:
    source = session()
    source.error = ValueError("the key is abc")
    assert "abc" not in report(source, redact=["abc"]).text


@pytest.mark.parametrize("broken", [lambda text: 1 / 0, lambda text: None])
def test_a_rule_that_fails_has_nothing_saved(broken: object) -> None:
    made = report(session(b"secret\n"), redact=[broken])
    assert "secret" not in made.text + made.html
    assert "the output is not saved because redact failed" in made.text


def test_a_rule_that_is_none_is_refused() -> None:
    for rule in ("(", 3):
        with pytest.raises(traitlets.TraitError, match="neither a function nor a regular"):
            SavedOutput(redact=[rule])


def test_marks_stand_between_the_lines_of_each_stream_and_are_told_from_them_in_html() -> None:
    source = session(b"one\n", b"oh\n")
    source.mark(MarkKind.CUT, "connection cut")
    source.output(b"tw")
    source.mark(MarkKind.GAP, "5 bytes are missing")
    source.output(b"o\n")
    source.mark(MarkKind.NOTE, "the end <b>")
    made = report(source)
    out, err = made.text.split("--- stdout ---\n")[1].split("\n--- stderr ---\n")
    assert out.split("\n") == [
        "one",
        "\u2014 connection cut \u2014",
        "two",
        "\u2014 5 bytes are missing \u2014",
        "\u2014 the end <b> \u2014",
    ]
    assert err.split("\n")[:2] == ["oh", "\u2014 connection cut \u2014"]
    assert "\u2014 the end &lt;b&gt; \u2014" in made.html
    assert re.search(r"<b style=[^>]*>\u2014 5 bytes are missing \u2014</b>", made.html)


def test_marks_are_no_lines_of_the_output_and_those_before_it_are_left_out() -> None:
    source = session(b"one\n")
    source.mark(MarkKind.CUT, "long ago")
    source.output(b"two\nthree\n")
    source.mark(MarkKind.CUT, "just now")
    text = report(source, lines=1).text
    assert "stdout, the last line; the 8 bytes before are not shown ---\nthree\n" in text
    assert "long ago" not in text.split("stderr")[0]
    assert "three\n\u2014 just now \u2014" in text


def test_a_secret_across_a_mark_is_found_and_one_in_a_mark_too() -> None:
    source = session(b"key=abc")
    source.mark(MarkKind.NOTE, "key=xyz")
    source.output(b"def tail\n")
    made = report(source, redact=["key=(abcdef|xyz)"])
    assert "\n[redacted] tail\n\u2014 [redacted] \u2014" in made.text
    assert not re.search("abc|def|xyz", made.text + Page(made.html).text)


def test_marks_come_after_the_picture_of_a_full_screen_program() -> None:
    source = ScriptedSession(tty=True)
    source.output(b"$ vi\r\n\x1b[?1049h\x1b[Hfirst")
    source.mark(MarkKind.CUT, "connection cut")
    source.output(b"\r\nsecond")
    assert report(source).text.endswith("first\nsecond\n\u2014 connection cut \u2014")


def test_what_goes_on_may_have_printed_more_since() -> None:
    source = session(b"one\n")
    assert ": attached, and may have printed more since." in report(source).text
    source.paused = True
    assert ": attached, the container is paused, and may" in report(source).text
    source.paused, source.state = False, "reconnecting"
    assert ": the connection was cut, attaching again, and may have" in report(source).text


def test_a_mark_makes_no_section_of_a_stream_that_has_printed_nothing() -> None:
    source = session(b"one\n")
    source.mark(MarkKind.NOTE, "deployed")
    source.mark(MarkKind.LIFE, "started again")
    assert report(source).text.endswith(
        "\none\n\u2014 deployed \u2014\n\u2014 started again \u2014\n--- stderr: nothing ---\n"
    )
    assert Page(report(source).html).text.count("deployed") == 1
    # What is missing may be of that stream, and has to be said somewhere.
    source.mark(MarkKind.GAP, "5 bytes are missing")
    out, err = report(source).text.split("\n--- stderr ---\n")
    assert "missing" in out
    assert err == "\u2014 5 bytes are missing \u2014"


def test_marks_of_a_session_that_has_printed_nothing_are_kept_once() -> None:
    source = session()
    source.mark(MarkKind.NOTE, "deployed")
    assert "--- stdout ---\n\u2014 deployed \u2014\n--- stderr: nothing ---" in report(source).text
    source.output(b"oh\n", StreamType.STDERR)
    assert "--- stdout: nothing ---\n\n--- stderr ---\n\u2014 deployed" in report(source).text
