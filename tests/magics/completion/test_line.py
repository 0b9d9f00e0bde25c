"""Words around the cursor: the rules are those of shlex, which reads whole lines only."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.magics.completion.line import read_line

TEXT = st.text(alphabet=" ab'\"\\=-#", max_size=20)


@given(TEXT)
def test_a_whole_line_is_read_as_shlex_reads_it(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:
        return  # it ends inside a quote
    # Two quotes without anything between them are a word for shlex, which ends here, too.
    assert list(read_line(text + " ", len(text) + 1).before) == expected


@given(TEXT, st.text(alphabet="ab '\"\\$", min_size=1, max_size=8))
def test_what_is_inserted_is_read_as_the_word_that_was_chosen(text: str, more: str) -> None:
    line = read_line(text, len(text))
    written = text[: len(text) - len(line.typed)] + line.insertion(line.word + more)
    assert shlex.split(written) == [*line.before, line.word + more]


@pytest.mark.parametrize(
    ("text", "before", "word", "after"),
    [
        ("rm a w|b c", ("rm", "a"), "w", ("c",)),
        ("rm |b c", ("rm",), "", ("c",)),
        ("rm | b c", ("rm",), "", ("b", "c")),
        ("rm 'a b|c d' e", ("rm",), "a b", ("e",)),
        ("rm a 'b|", ("rm", "a"), "b", ()),
        ("|", (), "", ()),
    ],
)
def test_the_word_at_the_cursor_is_in_neither_part(
    text: str, before: tuple[str, ...], word: str, after: tuple[str, ...]
) -> None:
    left, _, right = text.partition("|")
    line = read_line(left + right, len(left))
    assert (line.before, line.word, line.after) == (before, word, after)
