"""One engine: where it is, its calls, and connections for streams.

Layer: client; threads are the caller's.
"""

from hyper_jupyter.client.answer import Container, Reply
from hyper_jupyter.client.child import await_children
from hyper_jupyter.client.choice import EngineChoice
from hyper_jupyter.client.configuration import configured_detach_keys
from hyper_jupyter.client.credentials import Credentials, find_credentials, hyper_address
from hyper_jupyter.client.deadline import Deadline
from hyper_jupyter.client.diagnosis import Finding, examine
from hyper_jupyter.client.discovery import Discovery, TlsChoice, discover, named
from hyper_jupyter.client.endpoint import Endpoint
from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.failure import api_error, broken, printable
from hyper_jupyter.client.hidden import hide
from hyper_jupyter.client.idle import end_idle_connections
from hyper_jupyter.client.ssh import SshSocket
from hyper_jupyter.client.tls import Tls, TlsSocket
from hyper_jupyter.client.trial import check_websocket

__all__ = [
    "Container",
    "Credentials",
    "Deadline",
    "Discovery",
    "Endpoint",
    "EngineChoice",
    "EngineClient",
    "Finding",
    "Reply",
    "SshSocket",
    "Tls",
    "TlsChoice",
    "TlsSocket",
    "api_error",
    "await_children",
    "broken",
    "check_websocket",
    "configured_detach_keys",
    "discover",
    "end_idle_connections",
    "examine",
    "find_credentials",
    "hide",
    "hyper_address",
    "named",
    "printable",
]
