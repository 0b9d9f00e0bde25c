"""A summary of a session, as text and as HTML: its name, how it ended, the last lines it printed.

Layer: recording. No I/O; any thread. What the container printed is always text, never markup. All
of it is in ``pre`` elements, where no reader looks for formulas or links.
"""

from __future__ import annotations

import datetime as dt
import html
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.excerpt import Excerpt, Journal, excerpt
from hyper_jupyter.recording.policy import SavedOutput
from hyper_jupyter.recording.screen.style import BACKGROUND, FOREGROUND
from hyper_jupyter.session.rules.outcome import kind_text, outcome_text, subject_of

__all__ = ["CLASS", "Container", "Report", "ReportSource"]

CLASS: Final = "hj-saved"
"""The class of the HTML's root. A page that shows the live view beside it hides it by this name."""

_HEAD: Final = 2000
"""Longest first paragraph, in characters: the text of an error may have any length."""

_BOX: Final = (
    "margin:0;padding:4px 8px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font-family:monospace;line-height:1.35;"
    f"color:rgb{FOREGROUND};background-color:rgb{BACKGROUND};"
)
_BARS: Final = {"head": "#57606a", "stdout": "#d0d7de", "stderr": "#cf222e"}

logger = logging.getLogger(__name__)


class Container(Protocol):
    """Which container the session belongs to."""

    @property
    def image(self) -> str: ...


class ReportSource(Protocol):
    """A session, as far as a report needs it."""

    # ruff: noqa: D102 - the members are those of Session, documented there

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def exit_code(self) -> int | None: ...
    @property
    def error(self) -> Exception | None: ...
    @property
    def complete(self) -> bool | None: ...
    @property
    def out_of_memory(self) -> bool: ...
    @property
    def kind(self) -> str: ...
    @property
    def command(self) -> Sequence[str]: ...
    @property
    def tty(self) -> bool: ...
    @property
    def terminal_size(self) -> tuple[int, int]: ...
    @property
    def container(self) -> Container: ...
    @property
    def engine(self) -> str: ...
    @property
    def started_at(self) -> float: ...
    @property
    def wants(self) -> Collection[str]: ...
    @property
    def journal(self) -> Journal: ...


@dataclass(frozen=True, slots=True)
class Report:
    """What is saved of a session.

    Attributes:
        text: for readers without HTML.
        html: one element of the class :data:`CLASS`.
    """

    text: str
    html: str

    @classmethod
    def of(cls, source: ReportSource, policy: SavedOutput, *, at: float) -> Report:
        """Make a report of a session in its current state.

        Args:
            source: the session.
            policy: what is saved of it.
            at: the time of its end, or else of this report, in seconds since the epoch.
        """
        try:
            head = printable(policy.clean(_head(source, at)), _HEAD)
            excerpts = _excerpts(source, policy)
        except Exception as error:
            # Any error: what a broken filter did not remove must not be saved.
            logger.warning("! the output is not saved because redact failed", exc_info=True)
            reason = f"redact failed with {type(error).__name__}"
            head = f"{printable(source.name)}: the output is not saved because {reason}"
            excerpts = {}
        budget = policy.size // max(1, len(excerpts))
        text = [head]
        markup = [_box("head", html.escape(head))]
        for name, found in excerpts.items():
            body, cut = found.text(budget // 2)
            text += [f"--- {_title(name, found, cut)} ---", body]
            # The boxes count, too: 1500 characters are reserved for them.
            body, cut = found.html(budget - 1500)
            title = f"<b>{html.escape(_title(name, found, cut))}</b>"
            markup.append(_box(name, f"{title}\n{body}"))
        return cls("\n".join(text), f'<div class="{CLASS}">{"".join(markup)}</div>')


def _head(source: ReportSource, at: float) -> str:
    image = f"{source.container.image}, " if source.container.image else ""
    outcome = outcome_text(
        source.state,
        source.exit_code,
        source.error,
        complete=source.complete,
        out_of_memory=source.out_of_memory,
        subject=subject_of(source.command),
    )
    if outcome == "attached":
        outcome = "attached, and may have printed more since"
    begin, end = (dt.datetime.fromtimestamp(t, dt.UTC) for t in (source.started_at, at))
    same_day = begin.date() == end.date()
    until = f"{end:%H:%M:%S}" if same_day else f"{end:%Y-%m-%d %H:%M:%S}"
    kind = kind_text(source.kind, source.command)
    name = f"{source.name}, {kind}" if kind else source.name
    return f"{name} ({image}{source.engine}): {outcome}. {begin:%Y-%m-%d %H:%M:%S} to {until} UTC"


def _excerpts(source: ReportSource, policy: SavedOutput) -> dict[str, Excerpt]:
    """Return the end of each stream that was attached, or of the terminal's only one."""
    streams = {"stdout": StreamType.STDOUT, "stderr": StreamType.STDERR}
    chosen = ["stdout"] if source.tty else [name for name in streams if name in source.wants]
    return {
        name: excerpt(
            source.journal,
            streams[name],
            size=source.terminal_size if source.tty else None,
            count=policy.lines,
            redact=policy.clean_lines,
            spans=policy.spans if policy.redact else None,
        )
        for name in chosen
    }


def _title(name: str, found: Excerpt, cut: int) -> str:
    shown = len(found.lines) - cut
    hidden = found.starts[cut]
    if not hidden:
        return name if shown else f"{name}: nothing"
    if not shown:  # a cleared screen, or a line that is longer than what is saved
        return f"{name}: none of its {hidden:,} bytes are shown"
    lines = "line" if shown == 1 else f"{shown} lines"
    return f"{name}, the last {lines}; the {hidden:,} bytes before are not shown"


def _box(kind: str, body: str) -> str:
    return f'<pre style="{_BOX}border-left:4px solid {_BARS[kind]}">{body}</pre>'
