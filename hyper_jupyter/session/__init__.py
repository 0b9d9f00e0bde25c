"""Sessions: attachments that live on threads of their own.

Layer: session. Threads are started here (and in the engine) only.
"""

from hyper_jupyter.session.directory import find, sessions
from hyper_jupyter.session.journal import Journal
from hyper_jupyter.session.plan import OWN_DETACH_KEYS, AttachOptions
from hyper_jupyter.session.runtime import call_later, runtime, shutdown
from hyper_jupyter.session.session import Session
from hyper_jupyter.session.stalls import Stall
from hyper_jupyter.session.state import ENDED, Controls, State
from hyper_jupyter.session.transcript import Transcript

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
