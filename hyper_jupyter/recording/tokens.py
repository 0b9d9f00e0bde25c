r"""The parts that output is made of: text, controls and sequences.

Layer: recording. No I/O; any thread.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["CONTROLS", "TOKEN"]

CONTROLS: Final = re.compile(r"[\x00-\x17\x19\x1c-\x1f\x7f]")
"""What may stand within a control sequence: it acts at once, and is no part of it."""

TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?:\x1b\[|\x9b)(?P<sequence>(?P<params>[0-?\x00-\x17\x19\x1c-\x1f\x7f]*)"
    r"(?P<between>[ -/\x00-\x17\x19\x1c-\x1f\x7f]*)(?P<final>[@-~])?)"
    # A title, a link, a clipboard: BEL ends these as well. A picture and others: it does not.
    r"|(?P<string>(?:\x1b\]|\x9d)[^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\|[\x18\x1a\x9c])?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x18\x1a\x1b\x9c]*(?:\x1b\\|[\x18\x1a\x9c])?)"
    r"|\x1b(?P<middle>[ -/]*)(?P<escape>[0-~]|\Z)?"
    r"|(?P<control>.)",
    re.DOTALL,
)
"""The next token. An incomplete sequence at the end is one too, without ``final`` or ``escape``."""
