"""A search in output as it comes, against a search in all of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store import search as module
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.match import Match
from hyper_jupyter.session.store.search import Search, describe_patterns, patterns_of
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


def searching(
    journal: Journal, *patterns: Any, streams: Any = (OUT, ERR), empty: bool = True
) -> Search:
    return Search(journal, patterns, dict.fromkeys(streams, 0), empty=empty)


def find(search: Search) -> Match | None:
    for _ in search.run():
        pass
    return search.found


def filled(*pieces: tuple[StreamType, bytes]) -> Journal:
    journal = Journal()
    for stream, data in pieces:
        journal.append(stream, data)
    return journal


@given(st.text("abé\n", max_size=60), st.text("abé\n", min_size=1, max_size=4), st.data())
def test_a_text_is_found_at_once_wherever_it_is_cut(text: str, needle: str, data: Any) -> None:
    everything = text.encode()
    journal = Journal()
    search = searching(journal, needle)
    offset = end = 0
    while end < len(everything):
        size = data.draw(st.integers(1, 9))
        journal.append(OUT, everything[end : end + size])
        end += size
        while True:
            at = everything[:end].find(needle.encode(), offset)
            found = find(search)
            assert (found is None) == (at < 0)
            if found is None:
                break
            before = everything[offset:at].decode()
            offset = at + len(needle.encode())
            assert (found.group(), found.before, found.offset) == (needle, before, offset)


@pytest.mark.parametrize("first", [1, 4, 4096])
@given(
    chunks=st.lists(
        st.lists(st.sampled_from([b"a", b"b7", b"\xc3", b"\xa9", b"\xff", b"\n"])).map(b"".join)
    )
)
def test_an_expression_is_found_behind_the_last_match_also_among_invalid_bytes(
    first: int, chunks: list[bytes]
) -> None:
    pattern = re.compile(r"é\n|\d")
    everything = b""
    journal = Journal()
    search = searching(journal, pattern)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FIRST", first)
        found = []
        for chunk in chunks:
            everything += chunk
            journal.append(OUT, chunk)
            while (match := find(search)) is not None:
                found.append((match.group(), match.offset))
    text = everything.decode("utf-8", "replace")
    expected = [match.group() for match in pattern.finditer(text)]
    assert [group for group, _ in found] == expected
    for group, offset in found:
        assert everything[:offset].endswith(group.encode())


def test_of_two_streams_the_match_that_came_first_is_found_and_then_the_other() -> None:
    journal = filled((OUT, b"1 x"), (ERR, b"2 x"), (OUT, b"3 x"))
    search = searching(journal, "x")
    matches = [find(search), find(search), find(search), find(search)]
    found = [None if each is None else (each.stream, each.before) for each in matches]
    assert found == [("stdout", "1 "), ("stderr", "2 "), ("stdout", "3 "), None]


def test_one_stream_is_searched_by_itself() -> None:
    journal = filled((OUT, b"x"), (ERR, b"1 x"))
    match = find(searching(journal, "x", streams=[ERR]))
    assert match is not None
    assert (match.stream, match.before) == ("stderr", "1 ")


@pytest.mark.parametrize(
    ("patterns", "text", "which", "group"),
    [
        (["b", "a"], b"xab", 1, "a"),
        (["ab", "a"], b"xab", 0, "ab"),
        (["a", "ab"], b"xab", 0, "a"),
        ([re.compile("b+"), "xx"], b"abbxx", 0, "bb"),
        (["xx", re.compile(rb"[bc]+")], b"abbxx", 1, b"bb"),
        ([b"x", "y"], b"axy", 0, b"x"),
        ([re.compile("nothing"), re.compile("(?P<n>[0-9]+)%")], b"at 42%", 1, "42%"),
        ([re.compile(r"^b", re.MULTILINE)], b"a b\nb", 0, "b"),
    ],
)
def test_of_several_patterns_the_one_that_begins_first_is_found(
    patterns: list[Any], text: bytes, which: int, group: str | bytes
) -> None:
    match = find(searching(filled((OUT, text)), *patterns))
    assert match is not None
    assert (match.which, match.group()) == (which, group)


def test_the_beginning_of_the_text_is_behind_the_last_match_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WINDOW", 8)
    monkeypatch.setattr(module, "_FIRST", 4)
    journal = filled((OUT, b"a" * 100))
    search = searching(journal, re.compile("^b|c"))
    assert find(search) is None
    journal.append(OUT, b"b" * 20)
    assert find(search) is None
    journal.append(OUT, b"cb")
    assert [match.group() for match in (find(search), find(search)) if match] == ["c", "b"]


def test_a_match_that_reaches_to_the_end_of_what_is_searched_at_a_time_is_whole() -> None:
    journal = filled((OUT, b"result: " + b"x" * 10_000 + b"\nmore"))
    match = find(searching(journal, re.compile("result: (.*)")))
    assert match is not None
    assert match[1] == "x" * 10_000


def test_a_match_over_many_reads_is_found_up_to_64_kib() -> None:
    journal = Journal()
    search = searching(journal, re.compile("(?s)begin.*end"))
    for size, is_found in ((60_000, True), (70_000, False)):
        journal.append(OUT, b"begin")
        for _ in range(size // 1000):
            journal.append(OUT, b"." * 1000)
            assert find(search) is None
        journal.append(OUT, b"end")
        assert (find(search) is not None) == is_found


def test_bytes_that_are_not_kept_are_passed_over() -> None:
    journal = Journal(8, Spool(24, RoomyDisk()))
    search = searching(journal, "needle", re.compile("x[0-9]"))
    journal.append(OUT, b"need")
    assert find(search) is None
    for _ in range(50):
        journal.append(OUT, b"le......")
    journal.append(OUT, b"x1")
    match = find(search)
    assert match is not None
    assert (match.group(), match.offset) == ("x1", len(journal))


class CountingJournal(Journal):
    read_bytes = 0

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        begin, data = super().read_at(stream, offset, size)
        self.read_bytes += len(data)
        return begin, data


def test_a_text_is_searched_for_once_in_each_byte() -> None:
    journal = CountingJournal()
    search = searching(journal, "needle")
    for _ in range(5000):
        journal.append(OUT, b".....need")
        assert find(search) is None
    assert search.pause == 0
    assert journal.read_bytes < 10 * len(journal)  # what a pattern may look back at, too


def test_an_expression_that_has_looked_at_much_asks_for_a_pause() -> None:
    journal = filled((OUT, b"." * 200_000))
    search = searching(journal, re.compile("needle"))
    assert find(search) is None
    journal.append(OUT, b".")
    assert find(search) is None
    assert search.pause == pytest.approx(65_000 / 4e6, rel=0.1)
    journal.append(OUT, b"needle")
    assert find(search) is not None
    assert search.pause == 0


def test_much_is_searched_in_few_steps_and_about_once() -> None:
    journal = CountingJournal()
    journal.append(OUT, b"." * 8_000_000)
    assert len(list(searching(journal, re.compile("needle")).run())) < 20
    assert journal.read_bytes < 1.2 * len(journal)


def test_matches_close_by_cost_little_each() -> None:
    journal = CountingJournal()
    journal.append(OUT, b"a line of output\n" * 20_000)
    search = searching(journal, re.compile("out.*"))
    count = 0
    while find(search) is not None:
        count += 1
        if count == 1000:
            break
    assert journal.read_bytes < 1000 * 5000


def test_empty_matches_can_be_left_out() -> None:
    journal = filled((OUT, b"ab1"))
    search = searching(journal, re.compile("[0-9]*"), empty=False)
    match = find(search)
    assert match is not None
    assert match.group() == "1"
    assert find(search) is None


@pytest.mark.parametrize("pattern", [[], "", b"", 1, ["a", None], [["a"]]])
def test_what_is_no_pattern_is_refused(pattern: Any) -> None:
    with pytest.raises(ValueError, match=r"pattern|text"):
        patterns_of(pattern)


def test_patterns_are_named_as_they_were_given() -> None:
    assert describe_patterns(patterns_of("a")) == "'a'"
    assert describe_patterns(patterns_of(["a", re.compile("b+"), b"c"])) == "'a', 'b+' or b'c'"


def test_a_match_is_a_match_with_more() -> None:
    journal = filled((OUT, b"port 80\n"))
    found = find(searching(journal, re.compile(r"(?P<key>\w+) (\d+)")))
    assert isinstance(found, re.Match)
    match: Any = found
    assert (match[0], match["key"], match.groups()) == ("port 80", "port", ("port", "80"))
    assert (match.span(2), match.lastindex, match.expand(r"\2")) == ((5, 7), 2, "80")
    assert match.re.pattern == r"(?P<key>\w+) (\d+)"
    assert (match.which, match.stream, match.before, match.offset) == (0, "stdout", "", 7)
    assert {"which", "group", "span"} <= set(dir(match))
    assert repr(match) == "<Match: span=(0, 7), match='port 80', which=0, stream='stdout'>"
