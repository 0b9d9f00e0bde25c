"""Settings: from IPython's configuration, and the same from Python.

Layer: api. The user's thread; no I/O here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hyper_jupyter.settings.current import application, link_policy, saved_output, views
from hyper_jupyter.widgets import choose_front_end

__all__ = ["configure", "configured_host"]


def configure(
    *,
    save_output: bool | None = None,
    save_lines: int | None = None,
    save_size: int | None = None,
    redact: Any | Iterable[Any] | None = None,
    direct_link: bool | None = None,
    front_end: str | None = None,
    layout: str | None = None,
    height: int | None = None,
) -> None:
    """Choose how sessions are saved in the notebook, how pages reach them, and get our code.

    Omitted arguments change nothing. In IPython's configuration the same settings are
    ``c.SavedOutput``, ``c.DirectLink``, ``c.FrontEnd`` and ``c.Views``.

    Args:
        save_output: whether output is saved; applies to views that are shown from now on.
        save_lines: lines of each stream that are saved at most, the last ones.
        save_size: characters of HTML that are saved per session at most.
        redact: what must not be saved: regular expressions, whose matches are replaced, and
            functions ``(text) -> text``; one of them, or several. If one fails, nothing is saved.
            The live view, transcripts and the output of ``--wait`` are not filtered.
        direct_link: whether a page in a browser on the kernel's machine is offered a WebSocket of
            its own to the kernel's process, on the loopback interface. ``False`` closes those that
            are open; ``True`` applies to pages that are loaded from now on.
        front_end: where pages get the code of our views from. ``"extension"``: from the Jupyter
            server, where hyper_jupyter has to be installed. ``"anywidget"``: from the kernel, for
            front ends that load no extension of ours; it needs the package anywidget. ``"auto"``,
            the default: from the server, or from the kernel if a page answers that its server has
            nothing. Views that are shown change over.
        layout: of views whose cell names none: ``"split"``, ``"merged"`` or ``"tabs"``.
        height: how many lines their panes show at most, 2 to 200.

    Raises:
        TraitError: a value is invalid.
        HyperJupyterError: ``"anywidget"`` was chosen, and it is not installed.
    """
    policy = saved_output()
    chosen = {"enabled": save_output, "lines": save_lines, "size": save_size}
    if redact is not None:
        one = isinstance(redact, str | re.Pattern) or callable(redact)
        policy.redact = [redact] if one else list(redact)
    for name, value in chosen.items():
        if value is not None:
            setattr(policy, name, value)
    if direct_link is not None:
        link_policy().enabled = direct_link
    if layout is not None:
        views().layout = layout
    if height is not None:
        views().height = height
    if front_end is not None:
        choose_front_end(front_end)


def configured_host() -> str:
    """Return ``c.Client.default_host`` without a client; empty if it is not configured."""
    config = getattr(application(), "config", None) or {}
    for section in ("Client", "EngineClient"):
        if section in config and (value := config[section].get("default_host")):
            return str(value)
    return ""
