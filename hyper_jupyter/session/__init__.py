"""Sessions: attachments that live on threads of their own.

Layer: session. Threads are started here (and in the engine) only.
"""

from hyper_jupyter.session.io.runtime import call_later, runtime, shutdown
from hyper_jupyter.session.lifecycle.stalls import Stall
from hyper_jupyter.session.registry import find, sessions
from hyper_jupyter.session.rules.plan import OWN_DETACH_KEYS, AttachOptions
from hyper_jupyter.session.rules.state import ENDED, Controls, State
from hyper_jupyter.session.session import Session
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.transcript import Transcript

__all__ = [
    "ENDED",
    "OWN_DETACH_KEYS",
    "AttachOptions",
    "Controls",
    "Journal",
    "Session",
    "Stall",
    "State",
    "Transcript",
    "call_later",
    "find",
    "runtime",
    "sessions",
    "shutdown",
]
