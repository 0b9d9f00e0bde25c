"""Sessions: attachments to containers, served by threads of their own.

Layer: session. Only this layer and the embedded engine start threads.
"""

from hyper_jupyter.session.attach.kept_connections import close_kept
from hyper_jupyter.session.io.runtime import call_later, runtime, shutdown
from hyper_jupyter.session.lifecycle.expecting import Subscription
from hyper_jupyter.session.lifecycle.stalls import Stall
from hyper_jupyter.session.rules.controls import Controls
from hyper_jupyter.session.rules.plan import OWN_DETACH_KEYS, AttachOptions, LogOptions
from hyper_jupyter.session.rules.state import ENDED, State
from hyper_jupyter.session.rules.streams import STREAM_NAMES, streams_of
from hyper_jupyter.session.session import SESSIONS, Session
from hyper_jupyter.session.store.frame_record import Frame, FrameRecord
from hyper_jupyter.session.store.history import History, HistoryLine
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.lines import LineBatch, LineReader
from hyper_jupyter.session.store.match import Match
from hyper_jupyter.session.store.search import Pattern
from hyper_jupyter.session.store.transcript import Transcript

find = SESSIONS.find
sessions = SESSIONS.sessions

__all__ = [
    "ENDED",
    "OWN_DETACH_KEYS",
    "SESSIONS",
    "STREAM_NAMES",
    "AttachOptions",
    "Controls",
    "Frame",
    "FrameRecord",
    "History",
    "HistoryLine",
    "Journal",
    "LineBatch",
    "LineReader",
    "LogOptions",
    "Match",
    "Pattern",
    "Session",
    "Stall",
    "State",
    "Subscription",
    "Transcript",
    "call_later",
    "close_kept",
    "find",
    "runtime",
    "sessions",
    "shutdown",
    "streams_of",
]
