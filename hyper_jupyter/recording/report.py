"""A summary of a session, as text and as HTML: its name, how it ended, the last lines it printed.

Layer: recording. No I/O; any thread. What the container printed is always text, never markup. All
of it is in ``pre`` elements, where no reader looks for formulas or links.
"""

from __future__ import annotations

import datetime as dt
import html
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.cleaning import clean_lines
from hyper_jupyter.recording.excerpt import Excerpt, Journal, Run, excerpt
from hyper_jupyter.recording.history import drawn, joint_line
from hyper_jupyter.recording.live import SessionFacts
from hyper_jupyter.recording.marks import mark_line, with_marks
from hyper_jupyter.recording.plain import cleaned
from hyper_jupyter.recording.screen.style import FONT, NO_MATH, PLAIN, Style, css, definitions
from hyper_jupyter.session.rules.outcome import kind_text, outcome_text, subject_of
from hyper_jupyter.session.store.marks import MarkKind
from hyper_jupyter.settings.saved_output import SavedOutput

__all__ = ["CLASS", "Report", "ReportSource", "saved_element"]

CLASS: Final = "hj-saved"
"""The class of the HTML's root. A page that shows the live view beside it hides it by this name."""

_AREAS: Final = ("jp-OutputArea-child", "output_area")
_STYLE: Final = (
    "<style>"
    + ",".join(f".{area}:has(+ .{area} .{CLASS}) .jupyter-widgets-error-widget" for area in _AREAS)
    + "{display:none}"
    + f".reveal :has(>.{CLASS})"
    + "{font-family:var(--jp-code-font-family);font-size:inherit;padding-left:1ch}"
    + f".reveal .{CLASS}{{padding-left:0!important}}</style>"
)
"""An exported page has no code for the view. If the notebook has the state of its widgets, the page
shows a large icon of a broken file in the place of the view, above what is saved. In slides other
outputs begin one character of the slide's own, large font further in, and so does this one."""

_HEAD: Final = 2000
"""Longest first paragraph, in characters: the text of an error may have any length."""

_ROOT: Final = (
    f"{FONT};padding-left:8px;padding-left:min(1ch,var(--jp-code-padding,0px) * 9);"
    "color:var(--hi);background-color:var(--hp)"
)
"""As the outputs around it: where the theme is JupyterLab's, text begins one character further in.
Custom properties come before it."""

_BOX: Final = (
    "margin:0;padding-top:2px;padding-bottom:2px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font-size:inherit;color:inherit;background:none;border:0;width:auto;box-shadow:none"
)
_STDERR: Final = css(Style(1))
"""How the name of that stream looks."""

_STREAMS: Final = {"stdout": StreamType.STDOUT, "stderr": StreamType.STDERR}
_PAST_LINES: Final = 2000
"""Lines before the attachment that are searched for what must not be saved."""

_QUIET: Final = PLAIN._replace(dim=True)
_SILENT: Final = mark_line("no output came")
"""The page says the same in its panes (``js/src/model/outcome.ts``)."""

logger = logging.getLogger(__name__)


class ReportSource(SessionFacts, Protocol):
    """A session, as far as a report needs it."""

    # ruff: noqa: D102 - the members are those of Session, documented there

    @property
    def state(self) -> str: ...
    @property
    def error(self) -> Exception | None: ...
    @property
    def out_of_memory(self) -> bool: ...
    @property
    def paused(self) -> bool: ...
    @property
    def removed(self) -> bool: ...
    @property
    def recreated(self) -> bool: ...
    @property
    def awaits(self) -> str: ...
    @property
    def engine_ended(self) -> bool: ...
    @property
    def reads_log(self) -> bool: ...
    @property
    def terminal_size(self) -> tuple[int, int]: ...
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
            pasts = {name: _Past(source, name, policy) for name in _chosen(source)}
            excerpts = _excerpts(source, policy, pasts)
        except Exception as error:
            # Any error: what a broken filter did not remove must not be saved.
            logger.warning("! the output is not saved because redact failed", exc_info=True)
            reason = f"redact failed with {type(error).__name__}"
            head = f"{printable(source.name)}: the output is not saved because {reason}"
            pasts, excerpts = {}, {}
        budget = policy.size // max(1, len(excerpts))
        text = [head]
        markup = [_box(html.escape(head))]
        silent = _is_silent(source, excerpts, pasts)
        for name, found in excerpts.items():
            if silent and not found.own:
                continue
            past = pasts[name].text(budget // 4)
            body, cut = found.text(budget // 2 - len(past))
            text += [f"--- {_title(name, found, cut, past)} ---", f"{past}{body}"]
            # The boxes count, too: 1500 characters are reserved for them.
            past = pasts[name].html(budget // 2)
            body, cut = found.html(budget - 1500 - len(past))
            title = html.escape(_title(name, found, cut, past))
            style = f' style="{_STDERR}"' if name == "stderr" else ""
            markup.append(_box(f"<b{style}>{title}</b>\n{past}{body}"))
        if silent:
            text.append(_SILENT)
            markup.append(_box(f'<span style="{css(_QUIET)}">{_SILENT}</span>'))
        return cls("\n".join(text), _root("".join(markup), policy.size))


def saved_element(markup: str) -> str:
    """Return what is saved beside a view as one element."""
    return f'<div class="{CLASS} {NO_MATH}">{_STYLE}{markup}</div>'


def _head(source: ReportSource, at: float) -> str:
    image = f"{source.container.image}, " if source.container.image else ""
    begin, end = (dt.datetime.fromtimestamp(t, dt.UTC) for t in (source.started_at, at))
    outcome = outcome_text(
        source.state,
        source.exit_code,
        source.error,
        complete=source.complete,
        out_of_memory=source.out_of_memory,
        paused=source.paused,
        removed=source.removed,
        recreated=source.recreated,
        awaits=source.awaits,
        engine_ended=source.engine_ended,
        subject=subject_of(source.command),
        read_at=f"{end:%Y-%m-%d %H:%M:%S} UTC" if source.reads_log else "",
    )
    if source.state in ("attached", "reconnecting"):
        outcome += ", and may have printed more since"
    same_day = begin.date() == end.date()
    until = f"{end:%H:%M:%S}" if same_day else f"{end:%Y-%m-%d %H:%M:%S}"
    kind = kind_text(source.kind, source.command)
    name = f"{source.name}, {kind}" if kind else source.name
    text = f"{name} ({image}{source.engine}): {outcome}"
    if source.reads_log and source.state == "detached":
        return text  # it has the time already
    return f"{text}. {begin:%Y-%m-%d %H:%M:%S} to {until} UTC"


def _chosen(source: ReportSource) -> list[str]:
    """Return the streams that were attached, or the terminal's only one."""
    return ["stdout"] if source.tty else [name for name in _STREAMS if name in source.wants]


def _excerpts(
    source: ReportSource, policy: SavedOutput, pasts: dict[str, _Past]
) -> dict[str, Excerpt]:
    """Return the end of each stream, with the marks in it.

    A stream that has nothing else has only the marks of output that is missing: the others are in
    the other stream, or, where that has nothing either, in the first one.
    """
    found = {
        name: excerpt(
            source.journal,
            _STREAMS[name],
            size=source.terminal_size if source.tty else None,
            count=policy.lines,
            redact=past.clean_with,
            spans=policy.spans if policy.redact else None,
        )
        for name, past in pasts.items()
    }
    speaking = [name for name in found if found[name].starts[-1] or not pasts[name].empty]
    speaking = speaking or list(found)[:1]
    marks = list(source.marks)
    missing = [mark for mark in marks if mark.kind is MarkKind.GAP]
    return {
        name: with_marks(own, _STREAMS[name], marks if name in speaking else missing, policy.clean)
        for name, own in found.items()
    }


def _is_silent(source: ReportSource, excerpts: dict[str, Excerpt], pasts: dict[str, _Past]) -> bool:
    """Return whether the session has ended, and no output came on any stream."""
    if source.state != "exited" or source.complete is False or not excerpts:
        return False
    return not any(found.starts[-1] or not pasts[name].empty for name, found in excerpts.items())


class _Past:
    """What the container printed on a stream before the session was attached.

    It is cleaned together with what came live: what must not be saved may be half here, half there.
    """

    def __init__(self, source: ReportSource, name: str, policy: SavedOutput) -> None:
        self._policy = policy
        lines = list(source.history.lines(name))
        if policy.redact and lines and not lines[-1].complete:
            lines.pop()  # half a line could be half a secret
        note = source.history.note_for(name)
        self._joint = joint_line(note) if lines or note else ""
        texts = [line.text for line in lines[-_PAST_LINES:]]
        if policy.redact and texts:
            texts = cleaned("", "\n".join(texts), policy.spans).text.split("\n")
        self._lines: list[list[Run]] = [[(drawn(text), _QUIET)] for text in texts]

    @property
    def empty(self) -> bool:
        return not self._lines and not self._joint

    def clean_with(self, live: list[list[Run]]) -> list[list[Run]]:
        """Take out of both what must not be saved; return the live lines."""
        both = clean_lines(self._policy, self._lines + live)
        count = len(self._lines)
        if len(both) != count + len(live):  # it is unknown which line became which
            self._lines = []
            return clean_lines(self._policy, live)
        self._lines = both[:count]
        return both[count:]

    def text(self, budget: int) -> str:
        """Return it as lines, with the line that says where the live output begins."""
        texts = ["".join(text for text, _ in line) for line in self._last(budget)]
        return "".join(f"{text}\n" for text in [*texts, *self._ends()])

    def html(self, budget: int) -> str:
        """Return the same as an element; empty if there is none."""
        text = self.text(budget)
        return f'<span style="{css(_QUIET)}">{html.escape(text)}</span>' if text else ""

    def _ends(self) -> list[str]:
        return [mark_line(self._policy.clean(self._joint))] if self._joint else []

    def _last(self, budget: int) -> list[list[Run]]:
        """Return the last lines that are within the budget, each character of which may grow."""
        lines = self._lines[-self._policy.lines :] if self._policy.lines else []
        first = len(lines)
        while first:
            size = sum(len(html.escape(text)) for text, _ in lines[first - 1]) + 1
            budget -= size
            if budget < 0:
                break
            first -= 1
        return lines[first:]


def _title(name: str, found: Excerpt, cut: int, past: str) -> str:
    shown = found.count(cut)
    hidden = found.starts[cut]
    if not hidden:
        return name if shown or past or found.own else f"{name}: nothing"
    if not shown:  # a cleared screen, or a line that is longer than what is saved
        return f"{name}: none of its {hidden:,} bytes are shown"
    lines = "line" if shown == 1 else f"{shown} lines"
    return f"{name}, the last {lines}; the {hidden:,} bytes before are not shown"


def _root(body: str, size: int) -> str:
    """Return the element of all. What a colour needs is left out if there is no room for it."""
    first, last = f'<div class="{CLASS}" style="', f'{_ROOT}">{_STYLE}{body}</div>'
    room = size - len(first) - len(last)
    for name, value in definitions(body).items():
        rule = f"--{name}:{value};"
        if len(rule) > room:
            break
        room -= len(rule)
        first += rule
    return first + last


def _box(body: str) -> str:
    return f'<pre style="{_BOX}">{body}</pre>'
