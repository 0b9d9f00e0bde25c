"""Claims of SECURITY.md and the tests that name them are compared both ways."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = """
## Who is trusted

* You.

## Who is not, and what holds

Words before the first heading.

### Strangers

* They get
  nothing.
* They wait.

Tests: `tests/security/test_a.py`,
`tests/client/test_b.py`

## What does not hold

* All else.
"""
FULL = {
    "They get nothing.": {"tests/security/test_a.py", "tests/client/test_b.py"},
    "They wait.": {"tests/security/test_a.py"},
}


@pytest.fixture(scope="module")
def claims() -> Any:
    loader = SourceFileLoader("claims", str(Path(__file__).parents[2] / "scripts" / "claims"))
    spec = spec_from_loader("claims", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_what_is_claimed_and_named_is_fine(claims: Any) -> None:
    assert list(claims.faults_of(claims.read_sections(DOCUMENT), FULL)) == []


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ({"They wait.": set()}, "no test in tests/security/ or tests/browser/ names the claim: "),
        ({"They wait.": {"tests/client/test_b.py"}}, "names the claim: They wait."),
        ({"They go.": {"tests/x.py"}}, "tests/x.py: SECURITY.md does not claim: They go."),
        ({"They wait.": {"tests/browser/test_c.py"}}, "does not name tests/browser/test_c.py"),
        (
            {"They get nothing.": {"tests/security/test_a.py"}},
            '"Strangers" names tests/client/test_b.py, which names none of its claims',
        ),
    ],
)
def test_what_is_missing_on_either_side_is_a_fault(
    claims: Any, named: dict[str, set[str]], fault: str
) -> None:
    [found] = claims.faults_of(claims.read_sections(DOCUMENT), {**FULL, **named})
    assert fault in found


def test_a_document_without_claims_is_a_fault(claims: Any) -> None:
    assert list(claims.faults_of(claims.read_sections("# Security\n"), {}))
    emptied = DOCUMENT.replace("* They get\n  nothing.\n* They wait.\n", "")
    assert '"Strangers" has no claim' in next(claims.faults_of(claims.read_sections(emptied), {}))


def test_a_test_names_claims_by_its_marks(claims: Any, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        'short = pytest.mark.claim("four")\nunused = pytest.mark.claim("five")\n'
        '@pytest.mark.claim("one")\n@pytest.mark.claim(\n    "two "\n    "words", "three"\n)\n'
        'def test_it(): "six"\n@short\ndef test_more(): ...\n'
    )
    named = dict(claims.named_claims(tmp_path))
    assert sorted(named) == ["four", "one", "three", "two words"]
    assert all(files == {"tests/test_a.py"} for files in named.values())


def test_the_project_s_own_are_complete(claims: Any) -> None:
    assert claims.main() == 0
