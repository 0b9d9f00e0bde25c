"""What the doctor says of the kernel before any page has spoken.

Layer: widgets. The user's thread; nothing here waits.
"""

from __future__ import annotations

from hyper_jupyter.client import Finding
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.widgets.hub import bundle
from hyper_jupyter.widgets.kernel import KernelFacts, kernel_facts
from hyper_jupyter.widgets.page.listener import is_relayed, link_policy

__all__ = ["kernel_findings"]

_NEWER = 'Install "ipykernel>=7.1", and restart the kernel.'


def kernel_findings() -> list[Finding]:
    """The kernel's subshells, its direct link, and whether there is a front end to be shown."""
    facts = kernel_facts()
    if facts is None:
        return [Finding(None, "this is no Jupyter kernel: there is no page to show widgets on")]
    findings = [_typing(facts), _link()]
    try:
        bundle()
    except HyperJupyterError as error:
        findings.append(Finding(False, str(error), error.hint))
    return findings


def _typing(facts: KernelFacts) -> Finding:
    name = f"the kernel (ipykernel {facts.ipykernel})"
    if facts.ipykernel.startswith("7.0."):
        text = f"{name} cannot publish from threads: panes stay empty"
        return Finding(False, text, _NEWER)
    if facts.subshells:
        text = f"{name} has subshells: typing works while a cell runs, where the page uses them"
        return Finding(True, text)
    text = f"{name} has no subshells: what is typed into a pane waits while a cell runs"
    if link_policy().enabled:
        return Finding(None, f"{text}, unless the page has its direct link", _NEWER)
    return Finding(False, text, _NEWER)


def _link() -> Finding:
    if not link_policy().enabled:
        return Finding(
            None,
            "the direct link is turned off",
            "hj.configure(direct_link=True) turns it on, for pages that are loaded from then on.",
        )
    if is_relayed():
        return Finding(True, "the direct link is on, and the server passes it on to other machines")
    return Finding(True, "the direct link is on; the server passes it on to no other machine")
