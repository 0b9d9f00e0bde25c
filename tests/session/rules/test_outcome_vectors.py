"""The meanings of exit codes against the vectors, which the page's words are tested against too."""

from __future__ import annotations

import pytest

from hyper_jupyter.session.rules.outcome import code_text
from tests.protocol.feeding import vectors

MEANINGS: dict[str, str] = vectors("exit_codes.json")["meanings"]


@pytest.mark.parametrize(("code", "meaning"), MEANINGS.items())
def test_an_exit_code_has_the_meaning_of_the_vectors(code: str, meaning: str) -> None:
    assert code_text(int(code)) == f"code {code} ({meaning})"


def test_no_other_exit_code_has_a_meaning() -> None:
    others = [code for code in range(256) if str(code) not in MEANINGS]
    assert [code_text(code) for code in others] == [f"code {code}" for code in others]
