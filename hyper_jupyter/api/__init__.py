"""What users hold: ``connect``, :class:`Client`, :class:`Session`.

Layer: api, thin: it puts client, session and widgets together. Any thread.
"""

from hyper_jupyter.api.client import Client
from hyper_jupyter.api.configuration import configure
from hyper_jupyter.api.default import (
    attach,
    client_for,
    connect,
    connect_with,
    current_client,
    default_client,
    diagnose,
    diagnose_with,
)
from hyper_jupyter.api.execs import CompletedExec
from hyper_jupyter.api.moments import nanoseconds
from hyper_jupyter.api.replays import Replay, replay
from hyper_jupyter.api.session import Session
from hyper_jupyter.api.watches import EventWatch, StatsWatch

__all__ = [
    "Client",
    "CompletedExec",
    "EventWatch",
    "Replay",
    "Session",
    "StatsWatch",
    "attach",
    "client_for",
    "configure",
    "connect",
    "connect_with",
    "current_client",
    "default_client",
    "diagnose",
    "diagnose_with",
    "nanoseconds",
    "replay",
]
