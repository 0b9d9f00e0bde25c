"""The front end that kernels send to the page is found by keys that nobody else knows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hyper_jupyter.widgets import hub
from tests.widgets.test_hub import static as static  # noqa: PLC0414 - a fixture


@pytest.mark.claim(
    "A script that comes with a notebook cannot take the place of the front end that other "
    "notebooks' kernels send to the page through anywidget: theirs is found by a key that only "
    "they know."
)
def test_the_stub_waits_at_a_symbol_that_no_other_notebook_knows(static: Path) -> None:
    (static / "index.js").write_text("export default {};")
    built = hub.bundle.__wrapped__()
    assert built.code == "export default {};"
    assert built.hash == hashlib.sha256(b"export default {};").hexdigest()[:16]
    assert f'Symbol.for("hyper_jupyter:{built.key}")' in built.stub
    again = hub.bundle.__wrapped__()  # as in another kernel
    assert (again.hash, again.key != built.key) == (built.hash, True)
    assert built.key.startswith(f"{built.hash}:")
    assert len(built.key) == len(built.hash) + 1 + 32
