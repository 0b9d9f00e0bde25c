"""What users hold: ``connect``, :class:`Client`, :class:`Session`.

Layer: api, thin: it puts client, session and widgets together. Any thread.
"""

from hyper_jupyter.api.client import Client
from hyper_jupyter.api.configuration import configure, saved_output
from hyper_jupyter.api.default import (
    attach,
    client_for,
    connect,
    current_client,
    default_client,
    diagnose,
)
from hyper_jupyter.api.session import Session

__all__ = [
    "Client",
    "Session",
    "attach",
    "client_for",
    "configure",
    "connect",
    "current_client",
    "default_client",
    "diagnose",
    "saved_output",
]
