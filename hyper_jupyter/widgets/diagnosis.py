"""The doctor's findings about the kernel, which need no page.

Layer: widgets. The user's thread; nothing here waits.
"""

from __future__ import annotations

from hyper_jupyter.client import Finding
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.widgets.front_end import Form, front_end
from hyper_jupyter.widgets.hub import bundle
from hyper_jupyter.widgets.kernel import KernelFacts, kernel_facts
from hyper_jupyter.widgets.notices import missing, silent
from hyper_jupyter.widgets.page.listener import is_relayed

__all__ = ["kernel_findings"]

_NEWER = 'Install "ipykernel>=7.1" and restart the kernel.'


def kernel_findings() -> list[Finding]:
    """Check the kernel's subshells, its direct link, and where pages get our code from."""
    facts = kernel_facts()
    if facts is None:
        text = "this is not a Jupyter kernel, so there is no page that could show widgets"
        return [Finding(None, text)]
    findings = [_typing(facts), _link()]
    try:
        bundle()
    except HyperJupyterError as error:
        findings.append(Finding(False, str(error), error.hint))
    return [*findings, *_front_end()]


def _front_end() -> list[Finding]:
    """Say what pages have answered so far; nothing if none has had the time."""
    known = front_end()
    if known.notice is not None:
        return [Finding(False, known.notice.text, known.notice.step)]
    if known.answered is Form.EXTENSION:
        return [Finding(True, "pages get the front end from the Jupyter server's extension")]
    if known.answered is Form.ANYWIDGET:
        text = "pages get the front end from the kernel, through anywidget"
        if known.choice == "anywidget":
            return [Finding(True, f"{text}, as configured")]
        step = missing().step
        return [Finding(None, f"{text}: their server has no extension of ours", step)]
    if known.silent:
        notice = silent()
        return [Finding(None, notice.text, notice.step)]
    return []


def _typing(facts: KernelFacts) -> Finding:
    name = f"the kernel (ipykernel {facts.ipykernel})"
    if facts.ipykernel.startswith("7.0."):
        text = f"{name} cannot publish from threads, so panes stay empty"
        return Finding(False, text, _NEWER)
    if facts.subshells:
        text = f"{name} has subshells: if the page uses them, typing works while a cell runs"
        return Finding(True, text)
    text = f"{name} has no subshells: what you type into a pane waits until the running cell ends"
    if link_policy().enabled:
        return Finding(None, f"{text}, unless the page has a direct link", _NEWER)
    return Finding(False, text, _NEWER)


def _link() -> Finding:
    if not link_policy().enabled:
        return Finding(
            None,
            "the direct link is turned off",
            "hj.configure(direct_link=True) turns it on for pages that are loaded after that.",
        )
    if is_relayed():
        text = "the direct link is on, and the Jupyter server forwards it to other machines"
    else:
        text = "the direct link is on; the Jupyter server does not forward it to other machines"
    return Finding(True, text)
