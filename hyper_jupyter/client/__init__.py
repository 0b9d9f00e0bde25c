"""One engine: finding it, calling it, and dialling connections for streams.

Layer: client. Runs in the caller's threads and starts none.
"""

from hyper_jupyter.client.arguments import check_size, renamed_parameter
from hyper_jupyter.client.attach_probe import check_websocket
from hyper_jupyter.client.diagnosis import Finding, examine
from hyper_jupyter.client.discovery.detach_keys import configured_detach_keys
from hyper_jupyter.client.discovery.hyper import Credentials, find_credentials, hyper_address
from hyper_jupyter.client.discovery.options import DEFAULT_TIMEOUT, ConnectOptions
from hyper_jupyter.client.discovery.search import Discovery, TlsChoice, find_engine, resolve_address
from hyper_jupyter.client.engine import DEFAULT_SIZE, EngineClient
from hyper_jupyter.client.execs import (
    ExecOptions,
    create_exec,
    exec_path,
    inspect_exec,
    start_detached,
)
from hyper_jupyter.client.log_driver import PASSED_THROUGH, check_log, log_driver_of
from hyper_jupyter.client.options.create import CreateOptions
from hyper_jupyter.client.profile import EngineProfile
from hyper_jupyter.client.records import Container
from hyper_jupyter.client.resources.events import EventStream, open_events
from hyper_jupyter.client.resources.observation import StatsStream
from hyper_jupyter.client.resources.requests import Filters
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.client.secret import hide, hide_each
from hyper_jupyter.client.transport.child import await_children
from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import api_error, break_reason
from hyper_jupyter.client.transport.idle import close_idle_connections
from hyper_jupyter.client.transport.ssh import SshSocket
from hyper_jupyter.client.transport.tls import Tls, TlsSocket

__all__ = [
    "DEFAULT_SIZE",
    "DEFAULT_TIMEOUT",
    "PASSED_THROUGH",
    "ConnectOptions",
    "Container",
    "CreateOptions",
    "Credentials",
    "Deadline",
    "Discovery",
    "Endpoint",
    "EngineClient",
    "EngineProfile",
    "EventStream",
    "ExecOptions",
    "Filters",
    "Finding",
    "Reply",
    "SshSocket",
    "StatsStream",
    "Tls",
    "TlsChoice",
    "TlsSocket",
    "api_error",
    "await_children",
    "break_reason",
    "check_log",
    "check_size",
    "check_websocket",
    "close_idle_connections",
    "configured_detach_keys",
    "create_exec",
    "examine",
    "exec_path",
    "find_credentials",
    "find_engine",
    "hide",
    "hide_each",
    "hyper_address",
    "inspect_exec",
    "log_driver_of",
    "open_events",
    "renamed_parameter",
    "resolve_address",
    "start_detached",
]
